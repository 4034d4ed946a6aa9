import type { Clock } from './clock.ts'
import type { GrantRow } from './grant-rows.ts'

const mostWatched = 10_000
const clockErrorMs = 10 * 60_000

/** Tells how long a row has stood as it is, without comparing two machines' clocks. */
export interface ClaimWatch {
  /** How long the row's revision is known to have stood, at least; by the backend's clock or by having watched it. */
  ageOf(key: string, row: GrantRow): number
  /** Whether a claim of `leaseMs` in this row has run out. */
  isOver(key: string, row: GrantRow, leaseMs: number): boolean
  /** Forgets a row that needs no watching any more. */
  forget(key: string): void
}

/**
 * Makes the watch of one manager. What it has seen outlives the calls that saw it, so that a hundred short calls
 * see a claim end just as one long call does; it is bounded, and forgetting only means waiting longer.
 */
export function createClaimWatch(clock: Clock): ClaimWatch {
  const seen = new Map<string, { readonly revision: string; readonly at: number }>()

  function watchedFor(key: string, revision: string): number {
    const known = seen.get(key)
    if (known?.revision === revision) return clock.monotonic() - known.at
    seen.delete(key)
    seen.set(key, { revision, at: clock.monotonic() })
    if (seen.size > mostWatched) {
      for (const oldest of seen.keys()) {
        seen.delete(oldest)
        break
      }
    }
    return 0
  }

  function ageOf(key: string, row: GrantRow): number {
    return Math.max(row.ageMs ?? 0, watchedFor(key, row.revision))
  }

  return {
    ageOf,
    isOver(key, row, leaseMs) {
      if (ageOf(key, row) >= leaseMs) return true
      // Clocks within five minutes of the truth cannot be ten minutes apart: then even a wall clock can be believed.
      return row.ageMs === undefined && clock.now() - row.dueAt >= clockErrorMs
    },
    forget(key) {
      seen.delete(key)
    },
  }
}
