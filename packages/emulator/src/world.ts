import type { EmulatorBehavior } from './behavior.ts'
import type { Client } from './clients.ts'
import type { Clock } from './clock.ts'
import type { CodeBook } from './codes.ts'
import type { FaultQueue } from './faults.ts'
import type { Journal, OpenEntry } from './journal.ts'
import type { Ledger } from './ledger.ts'
import type { RateLimiter } from './rate-limiter.ts'
import type { SignIns } from './sign-ins.ts'
import type { UserDirectory } from './users.ts'
import type { WireRequest } from './wire.ts'

/** Everything the emulated TikTok knows. */
export interface World {
  readonly clients: ReadonlyMap<string, Client>
  readonly users: UserDirectory
  readonly clock: Clock
  readonly behavior: () => EmulatorBehavior
  readonly codes: CodeBook
  readonly ledger: Ledger
  readonly signIns: SignIns
  readonly rateLimiter: RateLimiter
  readonly faults: FaultQueue
  readonly journal: Journal
  /** Returns where TikTok's addresses are at the moment. */
  readonly apiOrigin: () => string
}

/** One request while it is served. */
export interface Exchange {
  readonly world: World
  readonly request: WireRequest
  /** The request's parameters, decoded once. */
  readonly parameters: URLSearchParams
  readonly entry: OpenEntry
}
