/** What happened to a grant; for logs and metrics. Carries no secret. */
export type TokenEvent =
  /** A refresh succeeded and is stored. */
  | { readonly type: 'refreshed'; readonly openId: string; readonly durationMs: number }
  /** A refresh failed and will be tried again; `failures` counts the ones in a row. */
  | {
      readonly type: 'refresh_failed'
      readonly openId: string
      readonly code: string
      readonly failures: number
      readonly error: unknown
    }
  /** TikTok refused the refresh token: the user has to log in again. */
  | {
      readonly type: 'reauthorization_required'
      readonly openId: string
      readonly cause: 'refresh_token_rejected' | 'ambiguous'
    }
  /** Tokens of another system were taken over and are stored. */
  | { readonly type: 'adopted'; readonly openId: string }
  /** TikTok refused so many refresh tokens that this batch stopped: something is wrong with more than the users. */
  | { readonly type: 'brake_applied'; readonly answered: number; readonly rejected: number }
  /** TikTok asked for fewer requests: no batch begins for `retryAfterMs`. */
  | { readonly type: 'rate_limited'; readonly retryAfterMs: number }
  /** The process that was refreshing did not finish in time; this one went on. */
  | { readonly type: 'claim_taken_over'; readonly openId: string }
  /** A refresh succeeded, but storing it fails; it is tried again and served from memory meanwhile. */
  | { readonly type: 'settle_delayed'; readonly openId: string; readonly error: unknown }
  /** The row had vanished during a refresh, by an eviction for instance, and was written anew. */
  | { readonly type: 'row_recreated'; readonly openId: string }
  /** The stored row cannot be read: another key, an alteration, a record of a newer release. */
  | { readonly type: 'row_unreadable'; readonly openId: string; readonly error: unknown }
  /** TikTok answered a refresh with another user's tokens; they were dropped. */
  | { readonly type: 'other_open_id'; readonly openId: string }
  /** TikTok's reply to a refresh brought no new refresh token; the old one was kept. */
  | { readonly type: 'refresh_token_kept'; readonly openId: string }
  /** A login or a refresh left the grant with fewer scopes than it had. */
  | { readonly type: 'scope_reduced'; readonly openId: string; readonly missing: readonly string[] }
  /** The user was disconnected here; `remote` tells how TikTok took it. */
  | { readonly type: 'revoked'; readonly openId: string; readonly remote: RemoteRevocation }

/** How TikTok took a revocation. */
export type RemoteRevocation = 'revoked' | 'failed' | 'nothing_to_revoke'

/** Passes an event to the application. Never throws. */
export type Emit = (event: TokenEvent) => void

/** Makes the emitter of a manager: a listener that throws, at once or later, must not break a refresh. */
export function createEmit(onEvent: ((event: TokenEvent) => unknown) | undefined): Emit {
  return (event) => {
    // The application's own logging failed; there is nobody left to tell.
    void tell(onEvent, event).catch(noop)
  }
}

async function tell(onEvent: ((event: TokenEvent) => unknown) | undefined, event: TokenEvent): Promise<void> {
  await onEvent?.(event)
}

function noop(): void {}
