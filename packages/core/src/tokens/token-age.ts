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

/** Judges a token by time alone; one whose deadline is unknown is good until TikTok refuses it. */
export function freshness(
  tokenSet: TokenSet,
  at: { now: number; leadMs: number; jitter: number },
): Freshness {
  if (tokenSet.expiresAt === undefined) return 'fresh'
  const left = tokenSet.expiresAt - at.now
  if (left > at.leadMs * (0.9 + 0.2 * at.jitter)) return 'fresh'
  return left > at.leadMs / 2 ? 'usable' : 'stale'
}

/** The rest of the first minute of a token's life, in which a refusal does not cause a refresh; 0 when it is over. */
export function restOfFirstMinute(tokenSet: TokenSet, now: number): number {
  const age = Math.max(0, now - tokenSet.issuedAt)
  return Math.max(0, youngMs - age)
}
