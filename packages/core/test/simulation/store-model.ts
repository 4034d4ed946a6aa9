import type { StoreEntry, StoredEntry, TokenStore } from '../../src/tokens/token-store.ts'
import type { SimProcess } from './process-model.ts'
import type { Scenario } from './scenario.ts'
import type { World } from './world.ts'

/** One backend, shared by every process of a run. */
export interface Backend {
  /** The store as one process sees it. */
  connect(process: SimProcess): TokenStore
  row(key: string): StoreEntry | undefined
  /** How long the present revision has stood, in true time. */
  ageOf(key: string): number
  evict(key: string): void
  outage(ms: number): void
  /** Ends every fault. */
  heal(): void
  /** Whether the store failed somebody between these true times. */
  failedBetween(from: number, to: number): boolean
}

/** Sees every write that takes effect, before it does. */
export type WriteObserver = (
  process: SimProcess,
  write: { readonly key: string; readonly before: StoreEntry | undefined; readonly after: StoreEntry },
) => void

export function createBackend(
  world: World,
  scenario: Scenario,
  { ages, observe }: { ages: boolean; observe: WriteObserver },
): Backend {
  const rows = new Map<string, { entry: StoreEntry; writtenAt: number }>()
  const failures: number[] = []
  let downUntil = 0
  let healed = false

  function fault(probability: number): boolean {
    return !healed && world.chance(probability)
  }
  function fail(): Error {
    failures.push(world.time)
    return new Error('the store is out of order')
  }
  function insert(process: SimProcess, key: string, entry: StoreEntry): boolean {
    if (rows.has(key)) return false
    observe(process, { key, before: undefined, after: entry })
    rows.set(key, { entry, writtenAt: world.time })
    return true
  }
  function replace(
    process: SimProcess,
    key: string,
    change: { expected: string; entry: StoreEntry },
  ): boolean {
    const before = rows.get(key)?.entry
    if (before?.revision !== change.expected) return false
    observe(process, { key, before, after: change.entry })
    rows.set(key, { entry: change.entry, writtenAt: world.time })
    return true
  }

  function operation<Value>(process: SimProcess, write: boolean, effect: () => Value): Promise<Value> {
    return new Promise((resolve, reject) => {
      const travel = (): number => world.between(0.1, healed ? 10 : scenario.storeMs) / 2
      const answer = (run: () => void): void => {
        world.schedule(travel(), () => process.deliver(run))
      }
      world.schedule(travel(), () => {
        if (world.time < downUntil || fault(scenario.storeError)) {
          const error = fail()
          answer(() => reject(error))
          return
        }
        if (write && fault(scenario.lateWrite)) {
          const error = fail()
          answer(() => reject(error))
          world.schedule(world.between(1, 5_000), effect)
          return
        }
        if (fault(scenario.storeHang)) {
          fail()
          if (world.chance(0.5)) effect()
          return
        }
        let value = effect()
        if (write && fault(scenario.resend)) value = effect()
        if (write && fault(scenario.lostAck)) {
          const error = fail()
          answer(() => reject(error))
          return
        }
        answer(() => resolve(value))
      })
    })
  }

  return {
    connect: (process) => ({
      read: (key) =>
        operation(process, false, (): StoredEntry | undefined => {
          const row = rows.get(key)
          return row && { ...row.entry, ...(ages && { ageMs: world.time - row.writtenAt }) }
        }),
      insert: (key, entry) => operation(process, true, () => insert(process, key, entry)),
      replace: (key, expected, entry) =>
        operation(process, true, () => replace(process, key, { expected, entry })),
      due: ({ prefix, before, limit }) =>
        operation(process, false, () =>
          [...rows]
            .filter(([key, { entry }]) => key.startsWith(prefix) && entry.dueAt <= before)
            .map(([key]) => key)
            .slice(0, limit),
        ),
    }),
    row: (key) => rows.get(key)?.entry,
    ageOf: (key) => world.time - (rows.get(key)?.writtenAt ?? world.time),
    evict: (key) => void rows.delete(key),
    outage(ms) {
      downUntil = Math.max(downUntil, world.time + ms)
    },
    heal() {
      healed = true
      downUntil = 0
    },
    failedBetween: (from, to) => failures.some((at) => at >= from && at <= to),
  }
}
