import type { TokenSet } from '../protocol/token-set.ts'

/** One user's consent, from a login to its end. */
export interface Connection {
  /** New at the first login and after every removal. */
  readonly id: string
  /** When the user last logged in. */
  readonly at: number
}

/** A stored grant with tokens. */
export interface LiveGrant {
  readonly v: 1
  readonly tokenSet: TokenSet
  readonly connection: Connection
  /** Someone may be using the refresh token, until this write is `leaseMs` old. */
  readonly claim?: ClaimMark
  /** Backing off for `delayMs` from this write on; looked at only when there is no claim. */
  readonly retry?: Retry
  /** A request with this refresh token may have been accepted without our knowing. */
  readonly ambiguous?: true
  /** TikTok refused the refresh token. */
  readonly rejected?: { readonly at: number }
  /** The user is being disconnected. */
  readonly revoking?: true
}

/** A claim as it stands in the row. `id` stays the same when its holder renews it. */
export interface ClaimMark {
  readonly id: string
  readonly leaseMs: number
}

/** Why and how long nobody should ask TikTok again. */
export interface Retry {
  readonly failures: number
  readonly code: string
  readonly delayMs: number
}

/** What is left of a grant for a week after its removal, so that no late write brings it back. */
export interface RemovedGrant {
  readonly v: 1
  readonly removed: {
    readonly at: number
    readonly connection: string
    readonly by: 'revoke' | 'webhook'
  }
}

/** Everything a row may hold. */
export type GrantRecord = LiveGrant | RemovedGrant

/** Why the refresh token of a rejected grant is dead. */
export function rejectionCause(grant: LiveGrant): 'ambiguous' | 'refresh_token_rejected' {
  return grant.ambiguous === true ? 'ambiguous' : 'refresh_token_rejected'
}

/** Tells a tombstone from a grant. */
export function isRemoved(record: GrantRecord): record is RemovedGrant {
  return 'removed' in record
}
