import {
  checkHooks,
  ConfigurationError,
  createTikTokAuth,
  createVisits,
  headersOf,
  undiciTransport,
} from '@tiktok-auth/core'
import type { LoginRequirement, RequestState, Visit, VisitRequest } from '@tiktok-auth/core'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as undici from 'undici'
import { applyAnswer, setHeaders } from './apply-answer.ts'
import { asError } from './as-error.ts'
import { hooksFor, type RequestHooks } from './hooks.ts'
import { addOwnRoutes } from './own-routes.ts'
import type {
  ErrorHandler,
  FastifyTikTokAuthOptions,
  PlacementOptions,
  RequestHook,
  TikTokPlugin,
} from './options.ts'
import { cutPrefix, readRequest } from './read-request.ts'

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

function createPlugin(options: FastifyTikTokAuthOptions): TikTokPlugin {
  checkHooks(options)
  const auth = createTikTokAuth(options, { transport: undiciTransport(undici) })
  const visits = createVisits(auth, options)
  const opened = new WeakMap<FastifyRequest, Visit>()

  async function visit(request: FastifyRequest, read: VisitRequest, hooks: RequestHooks): Promise<Visit> {
    const known = opened.get(request) ?? (await visits.open(read, hooks))
    opened.set(request, known)
    request.tiktok = known.state
    return known
  }

  async function answer(request: FastifyRequest, reply: FastifyReply, prefix: string): Promise<boolean> {
    const read = readRequest(request, reply, prefix)
    const hooks = hooksFor(options, request, reply)
    const visiting = visit(request, read, hooks)
    // Our own routes ask the same, and what `identify` throws then gets the headers that their answers carry.
    await visiting.catch(() => undefined)
    const isBelow = cutPrefix(request.url, prefix) !== undefined
    try {
      const answered = isBelow ? await auth.handle(read, hooks) : undefined
      if (applyAnswer(reply, answered) || hooks.answered()) return true
      visits.checkMount(read)
    } catch (error) {
      setHeaders(reply, headersOf(error, read))
      if (options.onError === undefined) throw error
      await options.onError(error, request, reply)
      return true
    }
    setHeaders(reply, (await visiting).headers)
    return false
  }

  async function plugin(app: FastifyInstance, placement: PlacementOptions): Promise<void> {
    const prefix = placement.prefix?.replace(/\/$/, '') ?? ''
    if (!Object.hasOwn(app, 'tiktok')) app.decorate('tiktok', tiktok)
    if (!app.hasRequestDecorator('tiktok')) app.decorateRequest('tiktok')
    app.addHook('onRequest', async (request, reply) => {
      // Fastify goes on when a hook is done, unless it is given the reply: then it waits until that is sent.
      return (await answer(request, reply, app.prefix + prefix)) ? reply : undefined
    })
    addOwnRoutes(app, auth.paths, prefix)
  }

  const tiktok: TikTokPlugin = Object.assign(plugin, metadata, {
    tokens: auth.tokens,
    client: auth.client,
    testCookie: (openId: string) => auth.testCookie(openId),
    requireLogin(requirement: LoginRequirement = {}): RequestHook {
      visits.check(requirement)
      return async (request, reply) => {
        const hooks = hooksFor(options, request, reply)
        const known = await visit(request, readRequest(request, reply), hooks)
        return applyAnswer(reply, await known.requireLogin(requirement)) ? reply : undefined
      }
    },
    recover:
      (otherwise?: ErrorHandler): ErrorHandler =>
      (error, request, reply) => {
        const known = opened.get(request)
        // With several apps on one request, the one that let it in is the one whose grant ended.
        const ours = known !== undefined && request.tiktok === known.state
        if (ours && applyAnswer(reply, known.recover(error))) return reply
        if (otherwise !== undefined) return otherwise(error, request, reply)
        throw asError(error)
      },
    of(request: FastifyRequest): RequestState {
      const known = opened.get(request)
      if (known !== undefined) return known.state
      throw new ConfigurationError(
        'tiktok',
        'has not seen this request.',
        'Register it with `app.register(tiktok)` in this scope or around it, before its routes.',
      )
    },
  })
  return tiktok
}
