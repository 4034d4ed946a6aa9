import {
  createHttpBrowser,
  listenForTest,
  register,
  type Account,
  type HttpBrowser,
} from '@tiktok-auth/test-rig'
import Koa3 from 'koa'
import { createRequire } from 'node:module'
import { tiktokAuth, type KoaTikTokAuthOptions, type TikTokMiddleware } from '../../src/index.ts'

/** Koa itself, in one of its versions. */
export type KoaModule = typeof Koa3

const Koa2: KoaModule = createRequire(import.meta.url)('koa2')

/** Every version that is supported, for `describe.each`. */
export const versions: readonly (readonly [name: string, Koa: KoaModule])[] = [
  ['Koa 3', Koa3],
  ['Koa 2', Koa2],
]

/** A served app, and somebody looking at it. */
export interface Rig extends Account<KoaTikTokAuthOptions> {
  readonly tiktok: TikTokMiddleware
  readonly browser: HttpBrowser
  /** What reached Koa's own error event. */
  readonly errors: readonly unknown[]
}

/** Mounts everything of an app; by itself: the middleware at the root. */
export type Build = (app: Koa3, tiktok: TikTokMiddleware) => void

/** Serves an app until the test ends. */
export async function serve(
  Koa: KoaModule,
  overrides: Partial<KoaTikTokAuthOptions> = {},
  build: Build = (app, tiktok) => void app.use(tiktok),
): Promise<Rig> {
  const account = register<KoaTikTokAuthOptions>(overrides)
  const app = new Koa({ keys: ['key'] })
  const errors: unknown[] = []
  app.on('error', (error: unknown) => void errors.push(error))
  const tiktok = tiktokAuth(account.options)
  build(app, tiktok)
  const port = await listenForTest(app.callback())
  return { ...account, tiktok, errors, browser: createHttpBrowser(port) }
}
