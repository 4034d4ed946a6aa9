import { ReauthorizationRequiredError } from '../errors.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import type { GrantContext } from './grant-claim.ts'
import type { LiveGrant } from './grant-record.ts'
import type { GrantKey } from './grant-rows.ts'
import type { Freshness } from './token-age.ts'
import { freshness, leadOf, restOfFirstMinute } from './token-age.ts'

/** What a caller wants to know and already knows. */
export interface AccessRequest {
  readonly grant: GrantKey
  readonly refusedAccessToken?: string | undefined
  readonly connectionId?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** One caller's view of the grant. */
export interface Visit {
  readonly request: AccessRequest
  /** Notes what the row holds and how old it is; throws when it is not, or no longer, what the caller may use. */
  see(record: LiveGrant, ageMs?: number): void
  /** The last seen token if it can be used at this moment. */
  usable(): TokenSet | undefined
  freshness(tokenSet: TokenSet): Freshness
  /**
   * What is left of the minute in which a refused token is not refreshed; 0 when a refresh is due by time anyway.
   * `knownMs` tells how long it is known to have been stored, whatever its issuer's clock said.
   */
  restOfFirstMinute(tokenSet: TokenSet, knownMs: () => number): number
  /** Whether the row, as far as this caller has seen it, may hold this refresh token. */
  mayHold(refreshToken: string): boolean
  /** The tokens of a grant that was just refreshed, if this caller can use them. */
  accept(grant: LiveGrant): TokenSet | undefined
}

/** Begins a caller's view. */
export function createVisit(
  context: GrantContext,
  request: AccessRequest,
  wantedMs: number | undefined,
): Visit {
  const { clock } = context
  const jitter = clock.random()
  let seen: TokenSet | undefined
  let seenAgeMs = 0

  function byTime(tokenSet: TokenSet): Freshness {
    const ageMs = tokenSet === seen ? seenAgeMs : 0
    return freshness(tokenSet, { now: clock.now(), leadMs: leadOf(tokenSet, wantedMs), jitter, ageMs })
  }
  function isRefused(tokenSet: TokenSet): boolean {
    return tokenSet.accessToken === request.refusedAccessToken
  }
  function requireAccess({ connection, revoking }: LiveGrant): void {
    if (revoking === true) throw new ReauthorizationRequiredError('no_grant')
    if (request.connectionId !== undefined && request.connectionId !== connection.id) {
      throw new ReauthorizationRequiredError('signed_out')
    }
  }
  return {
    request,
    see(record, ageMs = 0) {
      seen = undefined
      requireAccess(record)
      seen = record.tokenSet
      seenAgeMs = ageMs
    },
    usable() {
      if (seen === undefined || isRefused(seen)) return undefined
      return byTime(seen) === 'stale' ? undefined : seen
    },
    freshness: (tokenSet) => (isRefused(tokenSet) ? 'stale' : byTime(tokenSet)),
    restOfFirstMinute: (tokenSet, knownMs) =>
      isRefused(tokenSet) && byTime(tokenSet) === 'fresh'
        ? restOfFirstMinute(tokenSet, clock.now(), knownMs())
        : 0,
    mayHold: (refreshToken) => seen === undefined || seen.refreshToken === refreshToken,
    accept(grant) {
      requireAccess(grant)
      return isRefused(grant.tokenSet) ? undefined : grant.tokenSet
    },
  }
}
