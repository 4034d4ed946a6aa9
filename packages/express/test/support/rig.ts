import { memoryTokenStore } from '@tiktok-auth/core'
import { createEmulator, type Emulator } from '@tiktok-auth/emulator'
import type { Express } from 'express'
import express5 from 'express'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { tiktokAuth, type ExpressTikTokAuthOptions, type TikTokMiddleware } from '../../src/index.ts'
import { createHttpBrowser, type HttpBrowser, type Page } from './http-browser.ts'

/** Express itself, in one of its versions. */
export type ExpressModule = typeof express5

const express4: ExpressModule = createRequire(import.meta.url)('express4')

/** Every version that is supported, for `describe.each`. */
export const versions: readonly (readonly [name: string, express: ExpressModule])[] = [
  ['Express 5', express5],
  ['Express 4', express4],
]

/** The other side of the wire, and an app's options for it. */
export interface Account {
  readonly emulator: Emulator
  readonly options: ExpressTikTokAuthOptions
}

/** Registers an app with an emulator of its own. */
export function register(overrides: Partial<ExpressTikTokAuthOptions> = {}): Account {
  const redirectUri = overrides.redirectUri ?? 'https://app.example/auth/tiktok/callback'
  const client = { clientKey: overrides.clientKey ?? 'awkey1', clientSecret: 'client-secret-1' }
  const emulator = createEmulator({ clients: [{ ...client, redirectUris: [redirectUri], platform: 'web' }] })
  const options: ExpressTikTokAuthOptions = {
    ...client,
    redirectUri,
    secret: randomBytes(32).toString('base64url'),
    scope: ['user.info.basic', 'video.list'],
    store: memoryTokenStore(),
    fetch: emulator.fetch,
    now: () => emulator.now(),
    ...overrides,
  }
  return { emulator, options }
}

/** A served app, and somebody looking at it. */
export interface Rig extends Account {
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
  const account = register(overrides)
  const app = express()
  const tiktok = tiktokAuth(account.options)
  build(app, tiktok)
  const port = await listen(app)
  const newBrowser = (): HttpBrowser => createHttpBrowser(port)
  return { ...account, app, tiktok, port, browser: newBrowser(), newBrowser }
}

/** Listens on a free port until the test ends. */
export async function listen(app: Express): Promise<number> {
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  return (server.address() as AddressInfo).port
}

/** What the person does at TikTok. */
export type Consent = Parameters<Emulator['consent']>[1]

/** Starts a login and gives TikTok's callback, as a path. */
export async function startLogin(
  { browser, emulator }: Pick<Rig, 'browser' | 'emulator'>,
  { login = '/auth/tiktok', ...consent }: NonNullable<Consent> & { login?: string } = {},
): Promise<string> {
  const start = await browser.open(login)
  if (start.status !== 303 || start.location === undefined)
    throw new Error(`No login: ${start.status} ${start.body}`)
  const callback = await emulator.consent(start.location, consent)
  return callback.pathname + callback.search
}

/** Logs somebody in; gives the answer to the callback. */
export async function logIn(
  rig: Pick<Rig, 'browser' | 'emulator'>,
  options: NonNullable<Consent> & { login?: string } = {},
): Promise<Page> {
  return rig.browser.open(await startLogin(rig, options))
}

/** How many code exchanges and refreshes reached TikTok. */
export function tokenRequests({ emulator }: Pick<Rig, 'emulator'>, grantType?: string): number {
  return emulator.requests.filter(
    (entry) => entry.endpoint === 'token' && (grantType === undefined || entry.grantType === grantType),
  ).length
}
