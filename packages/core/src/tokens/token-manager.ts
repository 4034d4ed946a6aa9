import type { TokenSet } from '../protocol/token-set.ts'

/** Where a grant stands. Holds no token. */
export interface GrantStatus {
  readonly openId: string
  /** `connected`: tokens can be had. `needs_login`: only a new login helps. */
  readonly state: 'connected' | 'needs_login'
  readonly cause?: 'no_grant' | 'revoked' | 'removed' | 'refresh_token_rejected' | 'ambiguous'
  /** When it came to need a login. */
  readonly since?: number
  readonly scope: readonly string[]
  readonly issuedAt?: number
  readonly expiresAt?: number
  readonly refreshTokenExpiresAt?: number
  /** Changes when the grant ends and is given anew; sessions are tied to it. */
  readonly connectionId?: string
}

/** What happened to a grant; for logs and metrics. Carries no secret. */
export type TokenEvent =
  | { readonly type: 'refreshed'; readonly openId: string; readonly durationMs: number }
  | {
      readonly type: 'refresh_failed'
      readonly openId: string
      readonly code: string
      readonly failures: number
      readonly error: unknown
    }
  | {
      readonly type: 'reauthorization_required'
      readonly openId: string
      readonly cause: 'refresh_token_rejected' | 'ambiguous'
    }
  | { readonly type: 'claim_taken_over'; readonly openId: string }
  | { readonly type: 'settle_delayed'; readonly openId: string; readonly error: unknown }
  | { readonly type: 'row_recreated'; readonly openId: string }
  | { readonly type: 'row_unreadable'; readonly openId: string; readonly error: unknown }
  | { readonly type: 'other_open_id'; readonly openId: string }
  | { readonly type: 'refresh_token_kept'; readonly openId: string }
  | { readonly type: 'scope_reduced'; readonly openId: string; readonly missing: readonly string[] }
  | {
      readonly type: 'revoked'
      readonly openId: string
      readonly remote: 'revoked' | 'failed' | 'nothing_to_revoke'
    }

/** Options of {@link createTokenManager}. Durations in milliseconds. */
export interface TokenManagerOptions {
  /** How long before its end a token is refreshed. Default: min(5 min, a quarter of its life), ±10 %. */
  readonly leadMs?: number
  /** Life of a claim. At least 2 × the client's `timeoutMs` + 10 s. Default 30 000. */
  readonly leaseMs?: number
  /** Bound of a caller's whole `get`. Default 15 000. */
  readonly waitMs?: number
  /** What `dueAt` keeps alive: the grant, or every access token. Default `grant`. */
  readonly keepFresh?: 'grant' | 'access'
  readonly onEvent?: (event: TokenEvent) => void
  /** Keeps the host alive until a refresh is stored (Workers, Vercel, Lambda). */
  readonly waitUntil?: (work: Promise<unknown>) => void
  /** The wall clock. Default: the client's. */
  readonly now?: () => number
}

/** Gives a living access token for a user, at any moment, from any number of processes. */
export interface TokenManager {
  /** Stores a login, replacing the user's earlier grant, an unreadable row or a tombstone. */
  save(tokenSet: TokenSet): Promise<GrantStatus>
  /** A usable token set, refreshed first if need be. */
  get(
    openId: string,
    options?: {
      readonly refusedAccessToken?: string
      readonly connectionId?: string
      readonly signal?: AbortSignal
    },
  ): Promise<TokenSet>
  /** A request to TikTok's API; on 401 `access_token_invalid` one refresh and one repeat. */
  fetch(openId: string, path: string, init?: RequestInit): Promise<Response>
  /** Disconnects the user: revoked at TikTok, removed here. Idempotent; never throws for TikTok's sake. */
  revoke(openId: string): Promise<{ readonly remote: 'revoked' | 'failed' | 'nothing_to_revoke' }>
  /** Where the grant stands. No refresh, no token. */
  status(openId: string): Promise<GrantStatus>
  /** Waits, at most two minutes, for refreshes in flight to be stored; then no timer keeps the process alive. */
  close(): Promise<void>
}
