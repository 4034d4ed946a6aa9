import type { GrantRecord } from './grant-record.ts'
import { isRemoved, rejectionCause } from './grant-record.ts'

/** Where a grant stands. Holds no token. */
export interface GrantStatus {
  /** Whose grant it is. */
  readonly openId: string
  /** `connected`: tokens can be had. `needs_login`: only a new login helps. */
  readonly state: 'connected' | 'needs_login'
  /** Why it needs a login; absent while it does not. */
  readonly cause?: 'no_grant' | 'revoked' | 'removed' | 'refresh_token_rejected' | 'ambiguous'
  /** When it came to need a login. */
  readonly since?: number
  /** What was granted; empty where there is no grant. */
  readonly scope: readonly string[]
  /** When the present tokens came, in Unix milliseconds. */
  readonly issuedAt?: number
  /** When the access token ends, in Unix milliseconds; absent where TikTok did not say. */
  readonly expiresAt?: number
  /** When the refresh token ends, in Unix milliseconds; absent where TikTok did not say. */
  readonly refreshTokenExpiresAt?: number
  /** Changes when the grant ends and is given anew; sessions are tied to it. */
  readonly connectionId?: string
}

/** Describes a row to the application. */
export function statusOf(openId: string, record: GrantRecord | undefined): GrantStatus {
  if (record === undefined) return { openId, state: 'needs_login', cause: 'no_grant', scope: [] }
  if (isRemoved(record)) {
    const { at, by } = record.removed
    const cause = by === 'revoke' ? 'revoked' : 'removed'
    return { openId, state: 'needs_login', cause, since: at, scope: [] }
  }
  if (record.revoking === true) return { openId, state: 'needs_login', cause: 'revoked', scope: [] }
  const { tokenSet, connection, rejected } = record
  const { scope, issuedAt, expiresAt, refreshTokenExpiresAt } = tokenSet
  return {
    openId,
    ...(rejected === undefined
      ? { state: 'connected' as const }
      : { state: 'needs_login' as const, cause: rejectionCause(record), since: rejected.at }),
    scope,
    issuedAt,
    ...(expiresAt !== undefined && { expiresAt }),
    ...(refreshTokenExpiresAt !== undefined && { refreshTokenExpiresAt }),
    connectionId: connection.id,
  }
}
