import type { FinishedLogin, StartOptions } from '../login/login-flow.ts'
import type { TikTokClient } from '../protocol/client.ts'
import type { CodeChallengeEncoding, Endpoints, Platform } from '../protocol/options.ts'
import type { Scope } from '../protocol/scope.ts'
import type { UserInfo, UserInfoField } from '../protocol/user-info.ts'
import type { Sealer, SealingKey } from '../sealer.ts'
import type { GrantStatus, TokenEvent, TokenManager, TokenManagerOptions } from '../tokens/token-manager.ts'
import type { TokenStore } from '../tokens/token-store.ts'

/** Paths as the mounted app sees them. */
export interface RouteOptions {
  readonly login?: string
  readonly callback?: string
  readonly logout?: string
  readonly disconnect?: string
}

/** Options of {@link createTikTokAuth} and of every adapter. */
export interface TikTokAuthOptions<NativeRequest = AuthRequest> {
  readonly clientKey: string
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
  readonly platform?: Platform
  readonly pkce?: boolean
  readonly codeChallengeEncoding?: CodeChallengeEncoding
  readonly routes?: RouteOptions
  readonly session?:
    | { readonly lifetimeMs?: number; readonly idleMs?: number; readonly cookieName?: string }
    | { identify(request: NativeRequest): string | undefined | Promise<string | undefined> }
    | false
  readonly defaultReturnTo?: string
  readonly returnToOrigins?: readonly string[]
  readonly trustedOrigins?: readonly string[]
  readonly tokens?: TokenManagerOptions
  /** For logs and metrics; carries no secret. */
  readonly onEvent?: (event: TikTokAuthEvent) => void
  /** Keeps the host alive until a refresh is stored (Workers, Vercel, Lambda). */
  readonly waitUntil?: (work: Promise<unknown>) => void
  readonly fetch?: typeof globalThis.fetch
  readonly endpoints?: Partial<Endpoints>
  readonly timeoutMs?: number
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
  readonly method: string
  /** Path and query as the mounted app sees them. */
  readonly url: string
  header(name: string): string | undefined
  body(): Promise<Uint8Array>
}

/** The answer for the adapter to apply as it stands. */
export interface AuthAnswer {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body?: string
}

/** A finished login as hooks and pages see it. */
export interface Login extends FinishedLogin {
  /** Absent when user info is off or could not be had; that is no login failure. */
  readonly user: UserInfo | undefined
}

/** What an adapter hands in per request. */
export interface AuthHooks {
  onStart?(): StartHookResult | undefined | Promise<StartHookResult | undefined>
  /** The headers must be on the answer whatever `onLogin` does with it. `handled`: it has answered itself. */
  onLogin?(login: Login, headers: AuthAnswer['headers']): void | 'handled' | Promise<void | 'handled'>
  /** Whose request this is, where the app has its own users (`session.identify`). */
  identify?(): string | undefined | Promise<string | undefined>
}

/** What `onStart` may decide. */
export type StartHookResult = Pick<StartOptions, 'bind' | 'data' | 'scope' | 'forceConsent'>

/** Who is signed in on a browser. */
export interface SignedIn {
  readonly openId: string
  readonly connectionId: string | undefined
}

/** What every adapter mounts. */
export interface TikTokAuth {
  readonly client: TikTokClient
  readonly tokens: TokenManager
  /** `undefined`: not one of our routes. @throws {@link TikTokAuthError} */
  handle(request: AuthRequest, hooks?: AuthHooks): Promise<AuthAnswer | undefined>
  identify(cookieHeader: string | undefined): Promise<SignedIn | undefined>
  /** A signed-in cookie for tests, as `name=value`. */
  testCookie(openId: string): Promise<string>
}

export type { GrantStatus }
