/** The emulator's own time: the machine's, or the one it was given, plus what it was advanced by. */
export interface Clock {
  /** Returns the emulator's present instant, in milliseconds since 1970. */
  now(): number
  /** Returns by how much the clock was advanced so far, in milliseconds. */
  offsetMs(): number
  /**
   * Moves the clock forward.
   *
   * @throws RangeError when `ms` is negative or not finite: expired things do not come back to life.
   */
  advance(ms: number): void
}

/** Makes a clock over a base, ahead of it by so many milliseconds. */
export function createClock(base: () => number, aheadMs = 0): Clock {
  let offset = aheadMs
  return {
    now: () => base() + offset,
    offsetMs: () => offset,
    advance(ms) {
      if (!Number.isFinite(ms) || ms < 0) {
        throw new RangeError('advance: give a number of milliseconds that is not negative')
      }
      offset += ms
    },
  }
}
