import { memoryTokenStore } from '@tiktok-auth/core'
import { createEmulator, type Emulator } from '@tiktok-auth/emulator'
import { fastify, type FastifyInstance } from 'fastify'
import { randomBytes } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { createHttpBrowser, type HttpBrowser, type Page } from '../../../express/test/support/http-browser.ts'
import { tiktokAuth, type FastifyTikTokAuthOptions, type TikTokPlugin } from '../../src/index.ts'

/** The other side of the wire, and an app's options for it. */
export interface Account {
  readonly emulator: Emulator
  readonly options: FastifyTikTokAuthOptions
}

/** Registers an app with an emulator of its own. */
export function register(overrides: Partial<FastifyTikTokAuthOptions> = {}): Account {
  const redirectUri = overrides.redirectUri ?? 'https://app.example/auth/tiktok/callback'
  const client = { clientKey: overrides.clientKey ?? 'awkey1', clientSecret: 'client-secret-1' }
  const emulator = createEmulator({ clients: [{ ...client, redirectUris: [redirectUri], platform: 'web' }] })
  const options: FastifyTikTokAuthOptions = {
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
  readonly tiktok: TikTokPlugin
  readonly browser: HttpBrowser
  readonly app: FastifyInstance
  /** Every error that Fastify was given, as its `onError` hook sees them. */
  readonly errors: readonly unknown[]
}

/** Mounts everything of an app; by itself: the plugin at the root. */
export type Build = (app: FastifyInstance, tiktok: TikTokPlugin) => unknown

/** Serves an app until the test ends. */
export async function serve(
  overrides: Partial<FastifyTikTokAuthOptions> = {},
  build: Build = (app, tiktok) => void app.register(tiktok),
): Promise<Rig> {
  const account = register(overrides)
  const app = fastify()
  const errors: unknown[] = []
  app.addHook('onError', async (_request, _reply, error) => void errors.push(error))
  const tiktok = tiktokAuth(account.options)
  await build(app, tiktok)
  const { port, close } = await listen(app)
  onTestFinished(close)
  return { ...account, app, tiktok, errors, browser: createHttpBrowser(port) }
}

/** A scope of its own for a plugin. */
export function inScope(plugin: TikTokPlugin): (scope: FastifyInstance) => Promise<void> {
  return async (scope) => {
    await scope.register(plugin)
  }
}

/** Listens on a free port. */
export async function listen(app: FastifyInstance): Promise<{ port: number; close(): Promise<void> }> {
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    port: Number(new URL(origin).port),
    async close() {
      app.server.closeAllConnections()
      await app.close()
    },
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
