import type {
  Login,
  LoginRequirement,
  RequestState,
  StartHookResult,
  TikTokAuthOptions,
} from '@tiktok-auth/core'

/** A site to be served: what an adapter's author translates into the framework's own terms. */
export interface Site {
  /** In the order in which they are to be mounted. */
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
  /**
   * To be called with the framework's way to send a reply, and the app's own session where it has one; its result is
   * the hook's.
   */
  readonly onLogin:
    ((login: Login, send: SendReply, session?: SiteSession) => Promise<'handled' | undefined>) | undefined
  /** For `session: { identify }`, to be called with what the request brings. */
  readonly identify: ((request: Omit<SiteRequest, 'state'>) => IdentifyResult) | undefined
  /** Where the app keeps sessions of its own, if it does: the framework's usual middleware belongs in front. */
  readonly sessions: SiteSessionStore | undefined
  /** The pages of the app itself. */
  readonly routes: readonly SiteRoute[]
}

/** One page of an app. */
export interface SiteRoute {
  /** The HTTP method. */
  readonly method: 'get' | 'post'
  /** Below the mount path. */
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
  /** Reads the request's headers. */
  readonly header: HeaderReader
  /** The app's own session, where {@link SiteApp.sessions} says that there is one. */
  readonly session?: SiteSession
}

/** What `identify` gives. */
export type IdentifyResult = string | undefined | Promise<string | undefined>

/** A session of the app's own, in whatever way the framework's users have one. */
export interface SiteSession {
  /** Gives what was written under this name. */
  read(name: string): string | undefined
  /** Keeps a text under this name. */
  write(name: string, value: string): void
  /**
   * Begins a new session as the adapter's documentation says: under another id, with this in it and nothing else.
   * Rejects when that cannot be stored.
   */
  begin(content: Readonly<Record<string, string>>): Promise<void>
}

/** A store of sessions for the framework's usual middleware, which fails when a case wants that. */
export interface SiteSessionStore {
  /** What to call the cookie: adapters are compared by their own cookies, and not by this one. */
  readonly cookieName: string
  /** Finds a session. */
  get(id: string): Promise<object | undefined>
  /** Keeps a session. */
  set(id: string, content: object): Promise<void>
  /** Ends a session. */
  destroy(id: string): Promise<void>
}

/** What to answer: a status, and a body to be sent as JSON. */
export interface SiteReply {
  /** The HTTP status. */
  readonly status: number
  /** What to send as JSON. */
  readonly json: unknown
}

/** Reads a request header by its lower-case name. */
export type HeaderReader = (name: string) => string | undefined
/** Sends a reply as the framework does. */
export type SendReply = (reply: SiteReply) => unknown
