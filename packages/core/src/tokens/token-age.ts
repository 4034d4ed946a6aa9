import type { TokenSet } from '../protocol/token-set.ts'

const longestLeadMs = 5 * 60_000
const youngMs = 60_000

/** How long before its end a token is refreshed: never more than a quarter of its life, whatever is asked for. */
export function leadOf(tokenSet: TokenSet, wantedMs: number | undefined): number {
  if (tokenSet.expiresAt === undefined) return 0
  const life = Math.max(0, tokenSet.expiresAt - tokenSet.issuedAt)
  return Math.min(wantedMs ?? longestLeadMs, life / 4)
}

/** How far a token is from its end: outside the lead, outside half of it, or neither. */
export type Freshness = 'fresh' | 'usable' | 'stale'

/** By what a token is judged. */
export interface Moment {
  readonly now: number
  readonly leadMs: number
  readonly jitter: number
  /** How old the token is at least, by the store's clock: this host's own may have been set back. */
  readonly ageMs: number
}

/** Judges a token by time alone; one whose deadline is unknown is good until TikTok refuses it. */
export function freshness(
  { issuedAt, expiresAt }: TokenSet,
  { now, leadMs, jitter, ageMs }: Moment,
): Freshness {
  if (expiresAt === undefined) return 'fresh'
  const left = expiresAt - Math.max(now, issuedAt + ageMs)
  if (left > leadMs * (0.9 + 0.2 * jitter)) return 'fresh'
  return left > leadMs / 2 ? 'usable' : 'stale'
}

/**
 * The rest of the first minute of a token's life, in which a refusal does not cause a refresh; 0 when it is over.
 * `knownMs`: how old it is at least, whatever its issuer's clock said.
 */
export function restOfFirstMinute({ issuedAt }: TokenSet, now: number, knownMs = 0): number {
  return Math.max(0, youngMs - Math.max(0, knownMs, now - issuedAt))
}
