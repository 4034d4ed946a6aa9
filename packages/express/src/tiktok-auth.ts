import { checkHooks, createExchanges, createTikTokAuth, undiciTransport } from '@tiktok-auth/core'
import type { LoginRequirement } from '@tiktok-auth/core'
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import * as undici from 'undici'
import { exchangeOf, type ExpressExchange } from './exchange.ts'
import type { ExpressTikTokAuthOptions, Handler, TikTokMiddleware } from './options.ts'

/**
 * Creates the middleware that logs people in with TikTok and puts `req.tiktok` on every request.
 *
 * It answers the login, callback, logout and disconnect routes and lets every other request pass.
 *
 * @throws `configuration` when an option cannot work; it names the option.
 * @example
 * ```ts
 * const tiktok = tiktokAuth({ clientKey, clientSecret, redirectUri, secret })
 * app.use(tiktok)
 * app.get('/me', tiktok.requireLogin(), tiktok.handler(async (req, res) => {
 *   res.json(await req.tiktok.userInfo())
 * }))
 * app.use(tiktok.recover())
 * ```
 */
export function tiktokAuth(options: ExpressTikTokAuthOptions): TikTokMiddleware {
  checkHooks(options)
  const auth = createTikTokAuth(options, { transport: undiciTransport(undici) })
  const exchanges = createExchanges<[Request, Response]>(auth, options, 'Mount it with `app.use(tiktok)`.')

  /** Makes middleware of what says whether it has answered. `next` is called once, or not at all. */
  function answering(answer: (exchange: ExpressExchange) => Promise<boolean>): RequestHandler {
    return (req, res, next) => {
      answer(exchangeOf(options, req, res)).then(
        (answered) => {
          if (!answered) next()
        },
        (error: unknown) => next(asError(error)),
      )
    }
  }

  const middleware = answering((exchange) =>
    exchanges.answer(Object.assign(exchange, { mountPath: exchange.native[0].baseUrl })),
  )
  return Object.assign(middleware, {
    tokens: auth.tokens,
    client: auth.client,
    testCookie: (openId: string) => auth.testCookie(openId),
    requireLogin: (requirement?: LoginRequirement) => answering(exchanges.requireLogin(requirement)),
    handler: caught,
    // oxlint-disable-next-line max-params -- Express knows error handlers by their four parameters.
    recover: (): ErrorRequestHandler => (error: unknown, req, res, next) => {
      if (res.headersSent || !exchanges.recover(exchangeOf(options, req, res), error)) next(error)
    },
    of: exchanges.of,
  })
}

function caught<Params, Reply, Body, Query>(
  fn: Handler<Params, Reply, Body, Query>,
): RequestHandler<Params, Reply, Body, Query> {
  return (req, res, next) => {
    void (async () => fn(req, res, next))().catch((error: unknown) => next(asError(error)))
  }
}

/** Express takes `undefined`, `'route'` and `'router'` for no error at all. */
function asError(error: unknown): unknown {
  return typeof error === 'object' && error !== null ? error : new Error('Not an error.', { cause: error })
}
