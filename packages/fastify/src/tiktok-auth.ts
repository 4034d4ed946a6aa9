import { checkHooks, createExchanges, createTikTokAuth, undiciTransport } from '@tiktok-auth/core'
import type { LoginRequirement } from '@tiktok-auth/core'
import type { FastifyInstance } from 'fastify'
import * as undici from 'undici'
import { asError } from './as-error.ts'
import { exchangeOf, type Objects } from './exchange.ts'
import { addOwnRoutes } from './own-routes.ts'
import type {
  ErrorHandler,
  FastifyTikTokAuthOptions,
  PlacementOptions,
  RequestHook,
  TikTokPlugin,
} from './options.ts'

/**
 * Creates the plugin that logs people in with TikTok and puts `request.tiktok` on every request.
 *
 * It answers the login, callback, logout and disconnect routes and lets every other request pass. It may also be
 * registered itself, with the options; `app.tiktok` is then the only way to `requireLogin` and the rest.
 *
 * @throws `configuration` when an option cannot work; it names the option.
 * @example
 * ```ts
 * const tiktok = tiktokAuth({ clientKey, clientSecret, redirectUri, secret })
 * await app.register(tiktok)
 * app.setErrorHandler(tiktok.recover())
 * app.get('/me', { preHandler: tiktok.requireLogin() }, async (request) => request.tiktok.userInfo())
 * ```
 */
export function tiktokAuth(options: FastifyTikTokAuthOptions): TikTokPlugin
export function tiktokAuth(
  app: FastifyInstance,
  options: FastifyTikTokAuthOptions & PlacementOptions,
): Promise<void>
export function tiktokAuth(
  ...args:
    | readonly [FastifyTikTokAuthOptions]
    | readonly [FastifyInstance, FastifyTikTokAuthOptions & PlacementOptions]
): TikTokPlugin | Promise<void> {
  if (args.length === 1) return createPlugin(args[0])
  return registerWith(...args)
}

/** Fastify learns of what goes wrong by the promise only. */
async function registerWith(
  app: FastifyInstance,
  options: FastifyTikTokAuthOptions & PlacementOptions,
): Promise<void> {
  await createPlugin(options)(app, options)
}

const name = '@tiktok-auth/fastify'

/** What Fastify reads off a plugin: it works in the scope where it is registered, not in one of its own. */
const metadata = {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: name,
  [Symbol.for('plugin-meta')]: { name, fastify: '5.x' },
}

Object.assign(tiktokAuth, metadata)

const unseen = 'Register it with `app.register(tiktok)` in this scope or around it, before its routes.'

function createPlugin(options: FastifyTikTokAuthOptions): TikTokPlugin {
  checkHooks(options)
  const auth = createTikTokAuth(options, { transport: undiciTransport(undici) })
  const exchanges = createExchanges<Objects>(auth, options, unseen)

  async function plugin(app: FastifyInstance, placement: PlacementOptions): Promise<void> {
    const prefix = placement.prefix?.replace(/\/$/, '') ?? ''
    if (!Object.hasOwn(app, 'tiktok')) app.decorate('tiktok', tiktok)
    if (!app.hasRequestDecorator('tiktok')) app.decorateRequest('tiktok')
    app.addHook('onRequest', async (request, reply) => {
      const answered = await exchanges.answer(exchangeOf(options, [request, reply], app.prefix + prefix))
      // Fastify goes on when a hook is done, unless it is given the reply: then it waits until that is sent.
      return answered ? reply : undefined
    })
    addOwnRoutes(app, auth.paths, prefix)
  }

  const tiktok: TikTokPlugin = Object.assign(plugin, metadata, {
    tokens: auth.tokens,
    client: auth.client,
    testCookie: (openId: string) => auth.testCookie(openId),
    requireLogin(requirement?: LoginRequirement): RequestHook {
      const refuses = exchanges.requireLogin(requirement)
      return async (request, reply) =>
        (await refuses(exchangeOf(options, [request, reply]))) ? reply : undefined
    },
    recover:
      (otherwise?: ErrorHandler): ErrorHandler =>
      (error, request, reply) => {
        if (exchanges.recover(exchangeOf(options, [request, reply]), error)) return reply
        if (otherwise !== undefined) return otherwise(error, request, reply)
        throw asError(error)
      },
    of: exchanges.of,
  })
  return tiktok
}
