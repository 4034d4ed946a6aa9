import type {
  Login,
  LoginRequirement,
  RequestState,
  StartHookResult,
  TikTokAuth,
  TikTokAuthOptions,
} from '@tiktok-auth/core'

/** Options of {@link tiktokAuth}: those of core, and hooks that get the `Request`. */
export interface WebTikTokAuthOptions extends TikTokAuthOptions<Request> {
  /** Decides about a login that is about to start. What it throws stops the login. */
  onStart?(request: Request): StartHookResult | undefined | Promise<StartHookResult | undefined>
  /**
   * Runs when a login is complete: link the account, start a session of your own, or answer yourself.
   *
   * A response it returns is the answer, with our cookies added. What it throws ends the login without a session.
   */
  onLogin?(login: Login, request: Request): Response | void | Promise<Response | void>
  /**
   * Answers a login that failed; the headers that such an answer needs are added.
   *
   * Without it the handler rejects with the error, which has a `status`: answer it with `errorResponse`, or put the
   * headers on an answer of your own by `applyErrorHeaders`.
   */
  onError?(error: unknown, request: Request): Response | Promise<Response>
}

/** Who is signed in with TikTok, what can be done for them, and the way back to their browser. */
export interface SignedInState extends RequestState {
  /**
   * Puts our headers on the response to this request: a session that is renewed, or ended by `logout()` or
   * `disconnect()`. Gives the same response back, or a copy where its headers cannot be changed.
   *
   * Without it a session goes idle while it is used, and `logout()` has no effect on the browser.
   */
  apply(response: Response): Response
}

/** The handler of our routes, and what other handlers need of it. */
export interface TikTokHandler {
  /** Answers our routes; `undefined`: not one of them. */
  (request: Request): Promise<Response | undefined>
  /** Says who is signed in. Opens a cookie, or asks `identify`; reads no store. The same state for the same request. */
  signedIn(request: Request): Promise<SignedInState>
  /**
   * Lets signed-in users pass: `undefined`. Others get a response to return: the login, when they open a page, or
   * 401 JSON.
   *
   * @throws `configuration` for a scope that is in neither `scope` nor `optionalScope`.
   */
  requireLogin(request: Request, requirement?: LoginRequirement): Promise<Response | undefined>
  /** Turns a grant that has ended into a new login, or into 401 JSON; `undefined` for every other error. */
  recover(error: unknown, request: Request): Promise<Response | undefined>
  /** Makes a signed-in cookie, as `name=value`, for tests. */
  testCookie(openId: string): Promise<string>
  /** The token manager, for jobs and whatever has no browser. */
  readonly tokens: TikTokAuth['tokens']
  /** The TikTok client, for back ends that receive a code. */
  readonly client: TikTokAuth['client']
}
