import type {
  Login,
  LoginRequirement,
  RequestState,
  StartHookResult,
  TikTokAuth,
  TikTokAuthOptions,
} from '@tiktok-auth/core'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is signed in with TikTok, and what can be done for them. Set by `tiktokAuth`. */
    tiktok: RequestState
  }
  interface FastifyInstance {
    /** The plugin that was registered here, for routes in other files. Of several the first. */
    tiktok: TikTokPlugin
  }
}

/** Options of {@link tiktokAuth}: those of core, and hooks that get Fastify's own objects. */
export interface FastifyTikTokAuthOptions extends TikTokAuthOptions<FastifyRequest> {
  /** Decides about a login that is about to start. What it throws stops the login. */
  onStart?(request: FastifyRequest): StartHookResult | undefined | Promise<StartHookResult | undefined>
  /**
   * Runs when a login is complete: link the account, start a session of your own, or answer yourself.
   *
   * Return the reply when you answer, as in any hook of Fastify's, or `'handled'` to answer later. What it
   * throws ends the login without a session.
   */
  onLogin?(login: Login, request: FastifyRequest, reply: FastifyReply): LoginHookResult
  /** Answers a login that failed. Without it the error goes to the app's error handler, with its `status`. */
  onError?(error: unknown, request: FastifyRequest, reply: FastifyReply): unknown
}

/** What `onLogin` may return. */
export type LoginHookResult = void | 'handled' | FastifyReply | Promise<void | 'handled' | FastifyReply>

/** Where the plugin is registered. */
export interface PlacementOptions {
  /** Stands in front of the plugin's own routes, after the prefix of the scope. */
  readonly prefix?: string
}

/** The plugin, and what routes need of it. It concerns the scope it is registered in, and the scopes inside. */
export interface TikTokPlugin {
  (app: FastifyInstance, placement: PlacementOptions): Promise<void>
  /**
   * Lets signed-in users pass. Others get the login, when they open a page, or 401 JSON.
   *
   * @throws `configuration` for a scope that is in neither `scope` nor `optionalScope`.
   */
  requireLogin(requirement?: LoginRequirement): RequestHook
  /**
   * Turns a grant that has ended into a new login, or into 401 JSON: `app.setErrorHandler(tiktok.recover())`.
   *
   * Every other error goes to `otherwise`; left out, to the error handler of the scope around.
   */
  recover(otherwise?: ErrorHandler): ErrorHandler
  /** The state this instance gave the request, for processes with several. @throws `configuration` if none. */
  of(request: FastifyRequest): RequestState
  /** Makes a signed-in cookie, as `name=value`, for tests. */
  testCookie(openId: string): Promise<string>
  /** The token manager, for jobs and whatever has no browser. */
  readonly tokens: TikTokAuth['tokens']
  /** The TikTok client, for back ends that receive a code. */
  readonly client: TikTokAuth['client']
}

/** A hook for `preHandler`, or for any other before it. */
export type RequestHook = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

/** What `setErrorHandler` takes. */
export type ErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => unknown
