import type { Clock } from './clock.ts'
import { isRemoved } from './grant-record.ts'
import type { GrantRow } from './grant-rows.ts'

const mostWatched = 10_000
const clockErrorMs = 10 * 60_000

/** Tells how long a row has stood as it is, without comparing two machines' clocks. */
export interface ClaimWatch {
  /** How long the row's revision is known to have stood, at least; by the backend's clock or by having watched it. */
  ageOf(key: string, row: GrantRow): number
  /** Whether a claim of `leaseMs` in this row has run out. */
  isOver(key: string, row: GrantRow, leaseMs: number): boolean
  /** How long the row's claim has been seen here, however often it was renewed. */
  heldFor(key: string, row: GrantRow): number
  /** Forgets a row that needs no watching any more. */
  forget(key: string): void
}

interface Sight {
  readonly revision: string
  /** When this revision was first seen, by the monotonic clock. */
  readonly at: number
  readonly claim: string | undefined
  /** When this claim was first seen. */
  readonly heldSince: number
}

/**
 * Makes the watch of one manager. What it has seen outlives the calls that saw it, so that a hundred short calls
 * see a claim end just as one long call does; it is bounded, and forgetting only means waiting longer.
 */
export function createClaimWatch(clock: Clock): ClaimWatch {
  const seen = new Map<string, Sight>()

  function watch(key: string, row: GrantRow): Sight {
    const known = seen.get(key)
    if (known?.revision === row.revision) return known
    const at = clock.monotonic()
    const claim = claimOf(row)
    const heldSince = known !== undefined && known.claim === claim ? known.heldSince : at
    const sight = { revision: row.revision, at, claim, heldSince }
    seen.delete(key)
    seen.set(key, sight)
    const [oldest] = seen.size > mostWatched ? seen.keys() : []
    if (oldest !== undefined) seen.delete(oldest)
    return sight
  }

  function ageOf(key: string, row: GrantRow): number {
    return Math.max(row.ageMs ?? 0, clock.monotonic() - watch(key, row).at)
  }

  return {
    ageOf,
    heldFor: (key, row) => clock.monotonic() - watch(key, row).heldSince,
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

function claimOf({ record }: GrantRow): string | undefined {
  return isRemoved(record) ? undefined : record.claim?.id
}
