import { memoryTokenStore } from '@tiktok-auth/core'
import { createEmulator, type Emulator } from '@tiktok-auth/emulator'
import Koa3 from 'koa'
import { randomBytes } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { createHttpBrowser, type HttpBrowser, type Page } from '../../../express/test/support/http-browser.ts'
import { tiktokAuth, type KoaTikTokAuthOptions, type TikTokMiddleware } from '../../src/index.ts'

/** Koa itself, in one of its versions. */
export type KoaModule = typeof Koa3

const Koa2: KoaModule = createRequire(import.meta.url)('koa2')

/** Every version that is supported, for `describe.each`. */
export const versions: readonly (readonly [name: string, Koa: KoaModule])[] = [
  ['Koa 3', Koa3],
  ['Koa 2', Koa2],
]

/** The other side of the wire, and an app's options for it. */
export interface Account {
  readonly emulator: Emulator
  readonly options: KoaTikTokAuthOptions
}

/** Registers an app with an emulator of its own. */
export function register(overrides: Partial<KoaTikTokAuthOptions> = {}): Account {
  const redirectUri = overrides.redirectUri ?? 'https://app.example/auth/tiktok/callback'
  const client = { clientKey: overrides.clientKey ?? 'awkey1', clientSecret: 'client-secret-1' }
  const emulator = createEmulator({ clients: [{ ...client, redirectUris: [redirectUri], platform: 'web' }] })
  const options: KoaTikTokAuthOptions = {
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
  const account = register(overrides)
  const app = new Koa({ keys: ['key'] })
  const errors: unknown[] = []
  app.on('error', (error: unknown) => void errors.push(error))
  const tiktok = tiktokAuth(account.options)
  build(app, tiktok)
  const { port, close } = await listen(app.callback())
  onTestFinished(close)
  return { ...account, tiktok, errors, browser: createHttpBrowser(port) }
}

/** Listens on a free port. */
export async function listen(listener: RequestListener): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Logs somebody in; gives the answer to the callback. */
export async function logIn(
  { browser, emulator }: Pick<Rig, 'browser' | 'emulator'>,
  { login = '/auth/tiktok', cancel = false }: { login?: string; cancel?: boolean } = {},
): Promise<Page> {
  const start = await browser.open(login)
  if (start.status !== 303 || start.location === undefined)
    throw new Error(`No login: ${start.status} ${start.body}`)
  const { pathname, search } = await emulator.consent(start.location, { cancel })
  return browser.open(pathname + search)
}

/** The session cookies that an answer sets. */
export function sessionsOf({ cookies }: Page): readonly string[] {
  return cookies.filter((cookie) => /tiktok-session.*=[^;]/.test(cookie))
}
