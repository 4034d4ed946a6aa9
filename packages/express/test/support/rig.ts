import {
  createHttpBrowser,
  listenForTest,
  register,
  type Account,
  type HttpBrowser,
} from '@tiktok-auth/test-rig'
import type { Express } from 'express'
import express5 from 'express'
import { createRequire } from 'node:module'
import { tiktokAuth, type ExpressTikTokAuthOptions, type TikTokMiddleware } from '../../src/index.ts'

/** Express itself, in one of its versions. */
export type ExpressModule = typeof express5

const express4: ExpressModule = createRequire(import.meta.url)('express4')

/** Every version that is supported, for `describe.each`. */
export const versions: readonly (readonly [name: string, express: ExpressModule])[] = [
  ['Express 5', express5],
  ['Express 4', express4],
]

/** A served app, and somebody looking at it. */
export interface Rig extends Account<ExpressTikTokAuthOptions> {
  readonly app: Express
  readonly tiktok: TikTokMiddleware
  readonly browser: HttpBrowser
  readonly port: number
  /** Another browser. */
  newBrowser(): HttpBrowser
}

/** Serves an app until the test ends. `build` mounts everything; left out: the middleware at the root. */
export async function serve(
  express: ExpressModule,
  overrides: Partial<ExpressTikTokAuthOptions> = {},
  build: (app: Express, tiktok: TikTokMiddleware) => void = (app, tiktok) => void app.use(tiktok),
): Promise<Rig> {
  const account = register<ExpressTikTokAuthOptions>(overrides)
  const app = express()
  const tiktok = tiktokAuth(account.options)
  build(app, tiktok)
  const port = await listenForTest(app)
  const newBrowser = (): HttpBrowser => createHttpBrowser(port)
  return { ...account, app, tiktok, port, browser: newBrowser(), newBrowser }
}
