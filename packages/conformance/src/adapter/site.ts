import type {
  Login,
  LoginRequirement,
  RequestState,
  StartHookResult,
  TikTokAuthOptions,
} from '@tiktok-auth/core'

/** A site to be served: what an adapter's author translates into the framework's own terms. */
export interface Site {
  readonly apps: readonly SiteApp[]
  /** `Set-Cookie` lines for every answer, put there by middleware in front of everything else. */
  readonly cookies: readonly string[]
  /** Whether the site has an error handler of its own: one that calls `failed` and sends what it returns. */
  readonly recordsErrors: boolean
  /** Notes an error that reached the framework's own error path, and says what to answer. */
  readonly failed: (error: unknown) => SiteReply
}

/** One app of the site. */
export interface SiteApp {
  /** For the adapter, together with `onStart` and `onLogin` in the framework's own form. */
  readonly options: Omit<TikTokAuthOptions<never>, 'session'> & {
    readonly session?: { readonly lifetimeMs?: number; readonly idleMs?: number }
  }
  /** Where to mount the adapter and the routes; empty for the root. */
  readonly mountPath: string
  /** To be called with a reader of request headers. */
  readonly onStart: ((header: HeaderReader) => StartHookResult) | undefined
  /** To be called with the framework's way to send a reply; its result is the hook's. */
  readonly onLogin: ((login: Login, send: SendReply) => Promise<'handled' | undefined>) | undefined
  readonly routes: readonly SiteRoute[]
}

/** One page of an app. */
export interface SiteRoute {
  readonly method: 'get' | 'post'
  readonly path: string
  /** Put `requireLogin(requirement)` in front where there is one. */
  readonly requireLogin: LoginRequirement | undefined
  /** Handles a request; what it throws belongs into the adapter's `recover`, then the framework's error path. */
  readonly handle: (request: SiteRequest) => Promise<SiteReply>
}

/** A request as a page sees it. */
export interface SiteRequest {
  /** What the adapter put on the request; a strategy without a request state gives `openId` alone. */
  readonly state: Pick<RequestState, 'openId'> & Partial<RequestState>
  readonly header: HeaderReader
}

/** What to answer: a status, and a body to be sent as JSON. */
export interface SiteReply {
  readonly status: number
  readonly json: unknown
}

/** Reads a request header by its lower-case name. */
export type HeaderReader = (name: string) => string | undefined
/** Sends a reply as the framework does. */
export type SendReply = (reply: SiteReply) => unknown
