import type { StoreEntry, StoredEntry, TokenEvent, TokenManager, TokenStore } from '../../src/index.ts'
import { checkManagerOptions } from '../../src/tokens/manager-options.ts'
import type { TokenManagerOptions } from '../../src/tokens/manager-options.ts'
import { createManagerOn } from '../../src/tokens/token-manager.ts'
import type { SimProcess } from '../simulation/process-model.ts'
import { createProcess } from '../simulation/process-model.ts'
import type { World } from '../simulation/world.ts'
import { createWorld } from '../simulation/world.ts'
import type { FakeTikTok } from './fake-tiktok.ts'
import { fakeTikTok } from './fake-tiktok.ts'

/** A manager in virtual time, over a store and a TikTok that a test holds in its hands. */
export interface Rig {
  readonly world: World
  readonly fake: FakeTikTok
  readonly store: VirtualStore
  readonly events: TokenEvent[]
  readonly process: SimProcess
  readonly tokens: TokenManager
  now(): number
  /** Another process on the same store and the same TikTok. */
  another(options?: TokenManagerOptions): Rig
  /** Lets `ms` pass. */
  pass(ms: number): Promise<void>
  /** What became of a promise, after `ms`. */
  after<Value>(ms: number, work: Promise<Value>): Promise<Value>
}

export interface VirtualStore extends TokenStore {
  readonly rows: Map<string, { entry: StoreEntry; writtenAt: number }>
  /** Thrown by the operations named here, as often as they are named. */
  readonly failing: ('read' | 'insert' | 'replace' | 'due' | 'scan' | 'all')[]
  /** Whether `ageMs` is told. */
  ages: boolean
  /** The record of the only row. */
  record(): Record<string, unknown>
}

export function rig(options: TokenManagerOptions = {}, ages = true): Rig {
  const world = createWorld(7, () => {})
  const fake = fakeTikTok()
  const store = virtualStore(world, ages)
  return rigOn({ world, fake, store, id: 1 }, options)
}

function rigOn(
  parts: { world: World; fake: FakeTikTok; store: VirtualStore; id: number },
  options: TokenManagerOptions,
): Rig {
  const { world, fake, store, id } = parts
  const events: TokenEvent[] = []
  const process = createProcess(world, id, { skewMs: 0, onCrash: () => {} })
  const settings = checkManagerOptions(fake.client, { onEvent: (event) => events.push(event), ...options })
  let made = id
  return {
    world,
    fake,
    store,
    events,
    process,
    tokens: createManagerOn(process.clock, settings, { client: fake.client, store }),
    now: () => process.clock.now(),
    another: (more = {}) => rigOn({ ...parts, id: (made += 10) }, more),
    pass: (ms) => world.drain(world.time + ms),
    async after<Value>(ms: number, work: Promise<Value>) {
      let failed: { error: unknown } | undefined
      let value: { of: Value } | undefined
      work.then(
        (of) => {
          value = { of }
        },
        (error: unknown) => {
          failed = { error }
        },
      )
      await world.drain(world.time + ms)
      if (failed !== undefined) throw failed.error
      if (value === undefined) throw new Error(`still waiting after ${ms} ms`)
      return value.of
    },
  }
}

/** Freezes the process of a rig; resolves at the thaw, before any timer that has piled up. */
export function frozen(on: Rig, ms: number): Promise<void> {
  return new Promise((resolve) => {
    on.world.schedule(ms, resolve)
    on.process.freeze(ms)
  })
}

function virtualStore(world: World, ages: boolean): VirtualStore {
  const rows = new Map<string, { entry: StoreEntry; writtenAt: number }>()
  const store: VirtualStore = {
    rows,
    failing: [],
    ages,
    record() {
      const [row] = rows.values()
      const record: Record<string, unknown> = row === undefined ? {} : JSON.parse(row.entry.value)
      return record
    },
    async read(key): Promise<StoredEntry | undefined> {
      failIfTold('read')
      const row = rows.get(key)
      return row && { ...row.entry, ...(store.ages && { ageMs: world.time - row.writtenAt }) }
    },
    async insert(key, entry) {
      failIfTold('insert')
      if (rows.has(key)) return false
      rows.set(key, { entry, writtenAt: world.time })
      return true
    },
    async replace(key, expectedRevision, entry) {
      failIfTold('replace')
      if (rows.get(key)?.entry.revision !== expectedRevision) return false
      rows.set(key, { entry, writtenAt: world.time })
      return true
    },
    async due({ prefix, before, limit, without = [] }) {
      failIfTold('due')
      const due = [...rows].filter(
        ([key, { entry }]) => key.startsWith(prefix) && entry.dueAt <= before && !without.includes(key),
      )
      return due.slice(0, limit).map(([key]) => key)
    },
    async scan({ prefix, after = '', limit }) {
      failIfTold('scan')
      const keys = [...rows.keys()].filter((key) => key.startsWith(prefix) && key > after).sort()
      const page = keys.slice(0, limit)
      return { keys: page, ...(keys.length > limit && { next: page.at(-1) ?? '' }) }
    },
  }
  function failIfTold(operation: 'read' | 'insert' | 'replace' | 'due' | 'scan'): void {
    if (store.failing.includes('all')) throw new Error('the store is down')
    const index = store.failing.indexOf(operation)
    if (index < 0) return
    store.failing.splice(index, 1)
    throw new Error(`${operation} failed`)
  }
  return store
}
