/** Time, chance and identity as this process has them. Tests give their own; nothing here is exported from the package. */
export interface Clock {
  /** Unix milliseconds of the wall clock; may step in either direction. */
  now(): number
  /** Milliseconds that only grow. */
  monotonic(): number
  /** Calls back once; the returned function cancels. `keepAlive` tells whether the process waits for it. */
  after(ms: number, callback: () => void, keepAlive: boolean): () => void
  /** Evenly spread over [0, 1). */
  random(): number
  /** A string that is never made twice. */
  id(): string
}

/** The host's own clock, with `now` as the wall clock. */
export function systemClock(now: () => number): Clock {
  return {
    now,
    monotonic: () => performance.now(),
    after(ms, callback, keepAlive) {
      const timer = setTimeout(callback, ms)
      if (!keepAlive) releaseTimer(timer)
      return () => clearTimeout(timer)
    },
    random: Math.random,
    id: () => crypto.randomUUID(),
  }
}

/** Resolves after `ms`. */
export function sleep(clock: Clock, ms: number, keepAlive: boolean): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve, keepAlive)
  })
}

// Timers are numbers in browsers and Workers, objects with `unref` in Node, Bun and Deno.
function releaseTimer(timer: unknown): void {
  if (typeof timer !== 'object' || timer === null) return
  if ('unref' in timer && typeof timer.unref === 'function') timer.unref()
}
