import type { FinishedLogin, StartOptions } from '../login/login-flow.ts'
import type { TikTokClient } from '../protocol/client.ts'
import type { CodeChallengeEncoding, Endpoints, Platform } from '../protocol/options.ts'
import type { Scope } from '../protocol/scope.ts'
import type { UserInfo, UserInfoField } from '../protocol/user-info.ts'
import type { Sealer, SealingKey } from '../sealer.ts'
import type { TokenEvent, TokenManager, TokenManagerOptions } from '../tokens/token-manager.ts'
import type { TokenStore } from '../tokens/token-store.ts'

/**
 * Paths as the mounted app sees them, each matched exactly: case, slashes and escapes count, the query does not.
 *
 * The public base is the path of `redirectUri` minus `callback`, so mount paths and path-rewriting proxies need
 * no further option.
 */
export interface RouteOptions {
  /** GET or same-origin POST; takes `?returnTo=`, of which the first counts, and `?scope=`. Default `/auth/tiktok`. */
  readonly login?: string
  /** GET. Default: the path of `redirectUri`. */
  readonly callback?: string
  /** Same-origin POST. Default `/auth/tiktok/logout`. */
  readonly logout?: string
  /** Same-origin POST: revokes the grant and ends the session. Default `/auth/tiktok/disconnect`. */
  readonly disconnect?: string
}

/** Options of {@link createTikTokAuth} and of every adapter. */
export interface TikTokAuthOptions<NativeRequest = AuthRequest> {
  /** The app's client key, as the portal shows it. */
  readonly clientKey: string
  /** The app's secret, as the portal shows it beside the key. */
  readonly clientSecret: string
  /** Absolute, static, registered in the portal. Never derived from a request. */
  readonly redirectUri: string
  /** 32 random bytes, base64url. Of several the first seals and all open. Each purpose gets its own derived key. */
  readonly secret: string | readonly string[]
  /** Default `['user.info.basic']`. */
  readonly scope?: readonly Scope[]
  /** May be asked for later, by `?scope=` on the login route. */
  readonly optionalScope?: readonly Scope[]
  /** The login fails, typed, when the user unticks one of these. */
  readonly requireScope?: readonly Scope[]
  /** Left out: memory, with one warning; pass `memoryTokenStore()` to mean it. */
  readonly store?: TokenStore
  /** Encryption of the store. Default: keys derived from `secret`. */
  readonly encryption?: { readonly keys: readonly SealingKey[] } | Sealer | false
  /** Default: the basic fields that the granted scopes allow. */
  readonly userInfo?: readonly UserInfoField[] | false
  /** As it is registered in the portal. Default: `desktop` for a loopback `redirectUri`, `web` otherwise. */
  readonly platform?: Platform
  /** Default by platform: on for desktop, off for web. */
  readonly pkce?: boolean
  /** Default `hex`, which is what TikTok wants. */
  readonly codeChallengeEncoding?: CodeChallengeEncoding
  /** Other paths than the usual ones. */
  readonly routes?: RouteOptions
  /**
   * A sealed cookie; or the application's own users, named by `identify` as the `openId` linked to them; or none.
   *
   * With `identify` a login is bound to the user it was started for, by default to the linked `openId`; give
   * `bind` in `onStart` (your user's id) when accounts are linked to users who have none yet. A bound login
   * starts by a same-origin POST, or by a link of your own pages.
   */
  readonly session?:
    | { readonly lifetimeMs?: number; readonly idleMs?: number; readonly cookieName?: string }
    | { identify(request: NativeRequest): string | undefined | Promise<string | undefined> }
    | false
  /** Where a browser goes when it asked for no other place. A public address; default: the mounted app's `/`. */
  readonly defaultReturnTo?: string
  /** Other origins that a login may lead to, each exactly as a browser writes it. */
  readonly returnToOrigins?: readonly string[]
  /** Origins that may POST to the routes from browsers that send no `Sec-Fetch-Site`. */
  readonly trustedOrigins?: readonly string[]
  /** When tokens are renewed, and how long callers wait for it. */
  readonly tokens?: TokenManagerOptions
  /** For logs and metrics; carries no secret. */
  readonly onEvent?: (event: TikTokAuthEvent) => void
  /** Keeps the host alive until a refresh is stored (Workers, Vercel, Lambda). */
  readonly waitUntil?: (work: Promise<unknown>) => void
  /** Used for every request when given; otherwise the fastest client this host has. */
  readonly fetch?: typeof globalThis.fetch
  /** Where TikTok is, for the emulator and the like. Default: TikTok itself. */
  readonly endpoints?: Partial<Endpoints>
  /** Total deadline of one request, in milliseconds. Default 10 000. A refresh is never aborted by it. */
  readonly timeoutMs?: number
  /** The wall clock, in Unix milliseconds. Default `Date.now`; give the emulator's `now` to move time in tests. */
  readonly now?: () => number
}

/** What happened; for logs and metrics. Carries no secret. */
export type TikTokAuthEvent =
  | TokenEvent
  | { readonly type: 'login_started' }
  | { readonly type: 'login_finished'; readonly openId: string; readonly missingScope: readonly string[] }
  | {
      readonly type: 'login_failed'
      readonly code: string
      readonly reason?: string
      readonly error: unknown
    }
  | { readonly type: 'user_info_failed'; readonly openId: string; readonly error: unknown }
  | { readonly type: 'logged_out'; readonly openId: string }

/** The request as core needs it: no host, no protocol. */
export interface AuthRequest {
  /** In capitals. */
  readonly method: string
  /** Path and query as the mounted app sees them. */
  readonly url: string
  /** Reads a header by its lower-case name. */
  header(name: string): string | undefined
  /** Reads the whole body. */
  body(): Promise<Uint8Array>
}

/** The answer for the adapter to apply as it stands. */
export interface AuthAnswer {
  /** The HTTP status. */
  readonly status: number
  /** In order, names in lower case. `set-cookie` may occur more than once and must not overwrite the app's own. */
  readonly headers: readonly (readonly [string, string])[]
  /** Absent where there is none; its type stands among `headers`. */
  readonly body?: string
}

/** A finished login as hooks and pages see it. */
export interface Login extends FinishedLogin {
  /** Absent when user info is off or could not be had; that is no login failure. */
  readonly user: UserInfo | undefined
}

/** What an adapter hands in per request. Without hooks the defaults apply. */
export interface AuthHooks {
  /**
   * Decides about a login that is about to start; what it throws stops the login.
   *
   * Asked once more when the browser comes back: only `bind` is looked at then, and has to be what it was.
   */
  onStart?(): StartHookResult | undefined | Promise<StartHookResult | undefined>
  /**
   * Runs when a login is complete and its grant is stored; once per login, a double click included, whose second
   * answer carries our session cookie but none of the application's own.
   *
   * `headers` set the session cookie and clear the attempt's. A hook that answers itself must send them, so an
   * adapter puts them on its answer before it calls the application, and returns `handled`; `handle` then
   * resolves to `undefined`. If the hook throws, the adapter takes them off again and sends those of
   * {@link headersOf} the error instead: no session.
   */
  onLogin?(login: Login, headers: AuthAnswer['headers']): LoginHandling | Promise<LoginHandling>
  /**
   * Answers the other half of a double click: the same callback, from the same browser, that arrived while the
   * first one was being worked on. `handled` is what `onLogin` gave as such. Without it that request is redirected.
   */
  onJoined?(handled: unknown, headers: AuthAnswer['headers']): void | 'handled' | Promise<void | 'handled'>
  /** Decides not to ask for the profile of a login. */
  skipUserInfo?(login: FinishedLogin): boolean | Promise<boolean>
  /**
   * Tells whether somebody is signed in on this browser, where sessions are the application's own and name no
   * `openId`. Asked only about a callback whose login is over already: they see no error then.
   */
  isSignedIn?(): boolean | Promise<boolean>
  /**
   * Names the `openId` of whoever this request belongs to, where the application has its own users
   * (`session.identify`): the TikTok account it has linked to that user, or `undefined`.
   */
  identify?(): string | undefined | Promise<string | undefined>
}

/**
 * What `onLogin` has done: nothing, so that the login ends as usual; or answered the request itself, and may give
 * what {@link AuthHooks.onJoined} needs to answer alike. That is kept while such requests may arrive, not longer.
 */
export type LoginHandling = void | 'handled' | { readonly handled: unknown }

/** What `onStart` may decide. */
export type StartHookResult = Pick<StartOptions, 'bind' | 'data' | 'scope' | 'forceConsent' | 'returnTo'>

/** Who is signed in on a browser. */
export interface SignedIn {
  /** TikTok's id of the user for this app. */
  readonly openId: string
  /** The connection the session belongs to; it ends with it. `undefined`: tied to none. */
  readonly connectionId: string | undefined
  /** Headers for whatever this request is answered with: they keep the session from going idle. Often none. */
  readonly headers: AuthAnswer['headers']
}

/** Where the routes are for a browser, mount path included. */
export interface PublicPaths {
  /** What stands in front of the mounted app's own paths; empty for an app at the root. */
  readonly base: string
  /** Where a login begins. */
  readonly login: string
  /** The path of `redirectUri`. */
  readonly callback: string
  /** Absent where sessions are the application's own, which ends them itself. */
  readonly logout?: string
  /** Absent with `session: false`, where there is nobody to disconnect. */
  readonly disconnect?: string
}

/** What every adapter mounts. */
export interface TikTokAuth {
  /** Speaks to TikTok; for back ends that receive a code, and scripts. */
  readonly client: TikTokClient
  /** Keeps the grants; for jobs and whatever has no browser. */
  readonly tokens: TokenManager
  /** Where the routes are, for links and forms. */
  readonly paths: PublicPaths
  /**
   * Answers our routes. `undefined`: not one of them, or `onLogin` has answered itself.
   *
   * What it throws carries headers that the error's answer needs: see {@link headersOf}.
   *
   * @throws `transaction`, `authorization_response`, `oauth_response`, `unexpected_response`, `network`, `store`,
   *   and whatever a hook throws.
   */
  handle(request: AuthRequest, hooks?: AuthHooks): Promise<AuthAnswer | undefined>
  /** Opens the session cookie. Reads no store: compare `connectionId` with the grant before trusting it. */
  identify(cookieHeader: string | undefined): Promise<SignedIn | undefined>
  /** Ends the session of this user on one browser, by the headers that its answer must carry. */
  endSession(openId: string): AuthAnswer['headers']
  /**
   * Makes a signed-in cookie for tests, as `name=value`, tied to the user's stored grant if there is one.
   *
   * @throws `configuration` when sessions are the application's own.
   */
  testCookie(openId: string): Promise<string>
}
