import type { EmulatorBehavior } from './behavior.ts'
import { ApiFault } from './errors.ts'

const windowMs = 60_000

/** Counts calls in a window that slides with the emulator's clock. */
export interface RateLimiter {
  /**
   * Counts one call under a key.
   *
   * @throws RateLimitFault when the key has had its share of this minute; the refused call is not counted.
   */
  count(key: string): void
}

/** Leads to the reply 429. */
export class RateLimitFault extends ApiFault {
  /** Whole seconds until the next call may succeed. */
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super(429, 'rate_limit_exceeded', 'The API rate limit was exceeded. Please try again later.')
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** Makes a limiter that has counted nothing yet. */
export function createRateLimiter(now: () => number, behavior: () => EmulatorBehavior): RateLimiter {
  const calls = new Map<string, number[]>()
  return {
    count(key) {
      const limit = behavior().rateLimit
      if (limit === false) return
      const recent = (calls.get(key) ?? []).filter((at) => at > now() - windowMs)
      calls.set(key, recent)
      const oldest = recent[recent.length - limit.perMinute]
      if (recent.length >= limit.perMinute) {
        throw new RateLimitFault(Math.ceil(((oldest ?? now()) + windowMs - now()) / 1000))
      }
      recent.push(now())
    },
  }
}
