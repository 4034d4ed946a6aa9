import {
  checkHooks,
  ConfigurationError,
  createTikTokAuth,
  createVisits,
  headersOf,
  undiciTransport,
} from '@tiktok-auth/core'
import type { LoginRequirement, RequestState, Visit, VisitRequest } from '@tiktok-auth/core'
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import * as undici from 'undici'
import { applyAnswer, setHeaders } from './apply-answer.ts'
import { hooksFor, type RequestHooks } from './hooks.ts'
import type { ExpressTikTokAuthOptions, Handler, TikTokMiddleware } from './options.ts'
import { readRequest } from './read-request.ts'

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
  const visits = createVisits(auth, options)
  // On the request itself: collecting garbage takes several times as long with a `WeakMap` of all requests.
  const opened: unique symbol = Symbol('tiktokAuth')
  type Visited = Request & { [opened]?: Visit }

  async function visit(req: Visited, request: VisitRequest, hooks: RequestHooks): Promise<Visit> {
    const known = (req[opened] ??= await visits.open(request, hooks))
    req.tiktok = known.state
    return known
  }

  const middleware = answering(async (req, res) => {
    const request = { ...readRequest(req, res), mountPath: req.baseUrl }
    const hooks = hooksFor(options, req, res)
    const visiting = visit(req, request, hooks)
    // Our own routes ask the same, and what `identify` throws then gets the headers that their answers carry.
    await visiting.catch(() => undefined)
    try {
      if (applyAnswer(res, await auth.handle(request, hooks)) || hooks.answered()) return true
      visits.checkMount(request)
    } catch (error) {
      if (res.headersSent) throw error
      setHeaders(res, headersOf(error, request))
      if (options.onError === undefined) throw error
      await options.onError(error, req, res)
      return true
    }
    setHeaders(res, (await visiting).headers)
    return false
  })

  return Object.assign(middleware, {
    tokens: auth.tokens,
    client: auth.client,
    testCookie: (openId: string) => auth.testCookie(openId),
    requireLogin(requirement: LoginRequirement = {}): RequestHandler {
      visits.check(requirement)
      return answering(async (req, res) => {
        const known = await visit(req, readRequest(req, res), hooksFor(options, req, res))
        return applyAnswer(res, await known.requireLogin(requirement))
      })
    },
    handler: caught,
    // oxlint-disable-next-line max-params -- Express knows error handlers by their four parameters.
    recover: (): ErrorRequestHandler => (error: unknown, req: Visited, res, next) => {
      const visit = req[opened]
      // With several apps on one request, the one that let it in is the one whose grant ended.
      const ours = visit !== undefined && req.tiktok === visit.state && !res.headersSent
      if (!ours || !applyAnswer(res, visit.recover(error))) next(error)
    },
    of(req: Visited): RequestState {
      const visit = req[opened]
      if (visit !== undefined) return visit.state
      throw new ConfigurationError('tiktok', 'has not seen this request.', 'Mount it with `app.use(tiktok)`.')
    },
  })
}

/** Makes middleware of a function that says whether it has answered. `next` is called once, or not at all. */
function answering(answer: (req: Request, res: Response) => Promise<boolean>): RequestHandler {
  return (req, res, next) => {
    answer(req, res).then(
      (answered) => {
        if (!answered) next()
      },
      (error: unknown) => next(asError(error)),
    )
  }
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
