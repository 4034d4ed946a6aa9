import type { Clock } from './clock.ts'

/** Which refresh tokens this process has had an answer to lately, by row key. */
export interface UsedTokens {
  add(key: string, refreshToken: string): void
  has(key: string, refreshToken: string): boolean
}

interface Used {
  readonly refreshToken: string
  readonly at: number
}

/**
 * Remembers used tokens for a lease. That is long enough for every claim of this process: one whose write began before
 * the answer was stored, and was heard of only afterwards, is over by then and sends nothing.
 */
export function createUsedTokens(clock: Pick<Clock, 'monotonic'>, leaseMs: number): UsedTokens {
  // In the order of their times, as a token that is added again moves to the end.
  const used = new Map<string, Used>()

  function forgetOld(now: number): void {
    for (const [key, { at }] of used) {
      if (now - at <= leaseMs) return
      used.delete(key)
    }
  }

  return {
    add(key, refreshToken) {
      const at = clock.monotonic()
      forgetOld(at)
      used.delete(key)
      used.set(key, { refreshToken, at })
    },
    has: (key, refreshToken) => used.get(key)?.refreshToken === refreshToken,
  }
}
