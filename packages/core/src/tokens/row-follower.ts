import type { Call } from './call.ts'
import type { Clock } from './clock.ts'
import type { GrantKey, GrantRow, GrantRows } from './grant-rows.ts'

const firstPauseMs = 50
const pauseMs = 100
const longestPauseMs = 1_000
const shareOfWait = 1 / 50

/** Lets any number of this process's callers follow a row that somebody else works on, for the price of one. */
export interface RowFollower {
  /** What the row holds after the next pause. `heldMs`: how long the one who works on it has been seen to. */
  next(grant: GrantKey, call: Call, heldMs: number): Promise<GrantRow | undefined>
}

interface Reading {
  readonly row: Promise<GrantRow | undefined>
  readonly cancel: () => void
  followers: number
}

/** Makes the follower of one manager: whoever follows one key shares each pause and each reading. */
export function createRowFollower({
  clock,
  rows,
}: {
  readonly clock: Clock
  readonly rows: GrantRows
}): RowFollower {
  const upcoming = new Map<string, Reading>()

  function plan(grant: GrantKey, heldMs: number): Reading {
    let begin: () => void = noop
    const pause = new Promise<void>((resolve) => {
      begin = resolve
    })
    // Whoever comes once it has begun waits for the next one: nobody is told what is older than the question.
    const start = (): void => {
      upcoming.delete(grant.key)
      begin()
    }
    // The calls that wait have timers of their own, which keep the process alive.
    const cancel = clock.after(jitter(clock, pauseAfter(heldMs)), start, false)
    const row = pause.then(() => rows.look(grant))
    // All who asked may have left when it fails.
    row.catch(noop)
    const reading = { row, cancel, followers: 0 }
    upcoming.set(grant.key, reading)
    return reading
  }

  return {
    async next(grant, call, heldMs) {
      const reading = upcoming.get(grant.key) ?? plan(grant, heldMs)
      reading.followers++
      try {
        return await call.race(reading.row)
      } finally {
        reading.followers--
        if (reading.followers === 0 && upcoming.get(grant.key) === reading) {
          upcoming.delete(grant.key)
          reading.cancel()
        }
      }
    },
  }
}

/** New tokens are to be seen soon; but an answer that has kept everybody waiting is not missed by a little more. */
function pauseAfter(heldMs: number): number {
  if (heldMs < firstPauseMs) return firstPauseMs
  return Math.min(longestPauseMs, Math.max(pauseMs, heldMs * shareOfWait))
}

/** So that processes which saw the same write do not read in step; never longer. */
function jitter(clock: Clock, ms: number): number {
  return ms * (0.75 + 0.25 * clock.random())
}

function noop(): void {}
