import {
  ConfigurationError,
  createTikTokAuth,
  createVisits,
  undiciTransport,
  type AuthAnswer,
  type AuthHooks,
  type Visit,
} from '@tiktok-auth/core'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import * as undici from 'undici'
import type { ExpressTikTokAuthOptions, TikTokMiddleware } from './options.ts'
import { readRequest, setHeaders } from './read-request.ts'

/**
 * Creates the middleware that logs people in with TikTok and puts `req.tiktok` on every request.
 *
 * It answers the login, callback, logout and disconnect routes and lets every other request pass.
 *
 * @throws `configuration` when an option cannot work; it names the option.
 * @example
 * const tiktok = tiktokAuth({ clientKey, clientSecret, redirectUri, secret })
 * app.use(tiktok)
 * app.get('/me', tiktok.requireLogin(), tiktok.handler(async (req, res) => {
 *   res.json(await req.tiktok.userInfo())
 * }))
 * app.use(tiktok.recover())
 */
export function tiktokAuth(options: ExpressTikTokAuthOptions): TikTokMiddleware {
  const auth = createTikTokAuth({ transport: undiciTransport(undici), ...options })
  const visits = createVisits(auth, options)
  const opened = new WeakMap<Request, Visit>()

  async function visit(req: Request, res: Response): Promise<Visit> {
    const known = opened.get(req) ?? (await visits.open(readRequest(req, res), identifyOf(options, req)))
    opened.set(req, known)
    req.tiktok = known.state
    return known
  }

  const middleware = settling(async (req, res) => {
    await visit(req, res)
    const { hooks, handled } = hooksOf(options, req, res)
    try {
      return send(res, await auth.handle(readRequest(req, res), hooks)) || handled()
    } catch (error) {
      if (options.onError === undefined) throw error
      await options.onError(error, req, res)
      return true
    }
  })

  return Object.assign(middleware, {
    tokens: auth.tokens,
    client: auth.client,
    testCookie: (openId: string) => auth.testCookie(openId),
    requireLogin(requirement = {}) {
      visits.check(requirement)
      return settling(async (req, res) => send(res, await (await visit(req, res)).requireLogin(requirement)))
    },
    handler: (fn) => (req, res, next) => {
      void (async () => fn(req, res, next))().catch(next)
    },
    recover: () => (error: unknown, req, res, next) => {
      const visit = opened.get(req)
      const ours = visit !== undefined && req.tiktok === visit.state && !res.headersSent
      if (!ours || !send(res, visit.recover(error))) next(error)
    },
    of(req) {
      const visit = opened.get(req)
      if (visit === undefined) {
        throw new ConfigurationError(
          'tiktok',
          'has not seen this request.',
          'Mount it with `app.use(tiktok)`.',
        )
      }
      return visit.state
    },
  } satisfies Partial<TikTokMiddleware>)
}

/** Makes middleware of a function that says whether it has answered; `next` is called once, or not at all. */
function settling(answer: (req: Request, res: Response) => Promise<boolean>): RequestHandler {
  return (req, res, next: NextFunction) => {
    answer(req, res).then(
      (answered) => {
        if (!answered) next()
      },
      (error: unknown) => next(error),
    )
  }
}

function send(res: Response, answer: AuthAnswer | undefined): boolean {
  if (answer === undefined) return false
  if (res.headersSent) return true
  setHeaders(res, answer.headers)
  res.statusCode = answer.status
  res.end(answer.body)
  return true
}
