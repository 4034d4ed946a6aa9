import type {
  Login,
  LoginRequirement,
  RequestState,
  StartHookResult,
  TikTokAuth,
  TikTokAuthOptions,
} from '@tiktok-auth/core'
import type { Context, ExtendableContext, Middleware, Next } from 'koa'

declare module 'koa' {
  interface DefaultState {
    /** Who is signed in with TikTok, and what can be done for them. Set by `tiktokAuth`. */
    tiktok: RequestState
  }
}

/** Options of {@link tiktokAuth}: those of core, and hooks that get Koa's own context. */
export interface KoaTikTokAuthOptions extends TikTokAuthOptions<Context> {
  /** Decides about a login that is about to start. What it throws stops the login. */
  onStart?(ctx: Context): StartHookResult | undefined | Promise<StartHookResult | undefined>
  /**
   * Runs when a login is complete: link the account, start a session of your own, or answer yourself.
   *
   * A status or body set when it returns is the answer; return `'handled'` where that cannot be seen, as with a
   * 404. What it throws ends the login without a session.
   */
  onLogin?(login: Login, ctx: Context): void | 'handled' | Promise<void | 'handled'>
  /** Answers a login that failed. Without it the error goes Koa's way, with its `status` and `headers`. */
  onError?(error: unknown, ctx: Context): void | Promise<void>
}

/** The middleware, and what routes need of it. */
export interface TikTokMiddleware {
  (ctx: Context, next: Next): Promise<void>
  /**
   * Lets signed-in users pass. Others get the login, when they open a page, or 401 JSON.
   *
   * @throws `configuration` for a scope that is in neither `scope` nor `optionalScope`.
   */
  requireLogin(requirement?: LoginRequirement): Middleware
  /** Turns a grant that has ended into a new login, or into 401 JSON. Mount it before the routes. */
  recover(): Middleware
  /** The state this instance gave the request, for processes with several. @throws `configuration` if none. */
  of(ctx: ExtendableContext): RequestState
  /** Makes a signed-in cookie, as `name=value`, for tests. */
  testCookie(openId: string): Promise<string>
  /** The token manager, for jobs and whatever has no browser. */
  readonly tokens: TikTokAuth['tokens']
  /** The TikTok client, for back ends that receive a code. */
  readonly client: TikTokAuth['client']
}
