import type {
  Login,
  LoginRequirement,
  RequestState,
  StartHookResult,
  TikTokAuth,
  TikTokAuthOptions,
} from '@tiktok-auth/core'
import type { ErrorRequestHandler, NextFunction, Request, RequestHandler, Response } from 'express'

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- the only way to extend Express's request
  namespace Express {
    interface Request {
      /** Who is signed in with TikTok, and what can be done for them. Set by `tiktokAuth`. */
      tiktok: RequestState
    }
  }
}

/** Options of {@link tiktokAuth}: those of core, and hooks that get Express's own objects. */
export interface ExpressTikTokAuthOptions extends TikTokAuthOptions<Request> {
  /** Decides about a login that is about to start. What it throws stops the login. */
  onStart?(req: Request): StartHookResult | undefined | Promise<StartHookResult | undefined>
  /**
   * Runs when a login is complete: link the account, start a session of your own, or answer yourself.
   *
   * An answer that has begun when it returns is kept; return `'handled'` to answer later. What it throws ends
   * the login without a session.
   */
  onLogin?(login: Login, req: Request, res: Response): void | 'handled' | Promise<void | 'handled'>
  /** Answers a login that failed. Without it the error goes to the app's error handlers, with its `status`. */
  onError?(error: unknown, req: Request, res: Response): void | Promise<void>
}

/** The middleware, and what routes need of it. */
export interface TikTokMiddleware {
  (req: Request, res: Response, next: NextFunction): void
  /**
   * Lets signed-in users pass. Others get the login, when they open a page, or 401 JSON.
   *
   * @throws `configuration` for a scope that is in neither `scope` nor `optionalScope`.
   */
  requireLogin(requirement?: LoginRequirement): RequestHandler
  /** Passes on to the app's error handlers what an async handler rejects with, on Express 4 too. */
  handler<
    Params = Request['params'],
    Reply = Request['body'],
    Body = Request['body'],
    Query = Request['query'],
  >(
    fn: Handler<Params, Reply, Body, Query>,
  ): RequestHandler<Params, Reply, Body, Query>
  /** Turns a grant that has ended into a new login, or into 401 JSON. Mount it after the routes. */
  recover(): ErrorRequestHandler
  /** The state this instance gave the request, for processes with several. @throws `configuration` if none. */
  of(req: Request): RequestState
  /** Makes a signed-in cookie, as `name=value`, for tests. */
  testCookie(openId: string): Promise<string>
  /** The token manager, for jobs and whatever has no browser. */
  readonly tokens: TikTokAuth['tokens']
  /** The TikTok client, for back ends that receive a code. */
  readonly client: TikTokAuth['client']
}

/** A handler that may be async on every version of Express. */
export type Handler<Params, Reply, Body, Query> = (
  req: Request<Params, Reply, Body, Query>,
  res: Response<Reply>,
  next: NextFunction,
) => unknown
