import { createHttpBrowser, register, type Account, type HttpBrowser } from '@tiktok-auth/test-rig'
import { fastify, type FastifyInstance } from 'fastify'
import { onTestFinished } from 'vitest'
import { tiktokAuth, type FastifyTikTokAuthOptions, type TikTokPlugin } from '../../src/index.ts'

/** A served app, and somebody looking at it. */
export interface Rig extends Account<FastifyTikTokAuthOptions> {
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
  const account = register<FastifyTikTokAuthOptions>(overrides)
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
