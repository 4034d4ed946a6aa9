import { ConfigurationError, StoreError } from '../errors.ts'
import type { StoreEntry, TokenStore } from './token-store.ts'

/** A plain key-value object: a `Map`, a Keyv, an unstorage storage, or one's own three functions. */
export interface KeyValueBacking {
  /** Gives the value, or `undefined`; may be async. */
  get(key: string): unknown
  /** Sets the value; may be async. */
  set(key: string, value: StoreEntry): unknown
  /** Removes rows that have ended; may be async. Left out: they stay. */
  delete?(key: string): unknown
}

type Queues = Map<string, Promise<unknown>>

// Two stores made over one object must not step between each other's read and write.
const queuesOf = new WeakMap<KeyValueBacking, Queues>()

/**
 * Makes a token store of a plain key-value object that only this process writes to.
 *
 * Its writes are atomic within this process alone: with several processes on one backend two of them would use the
 * same refresh token, and users would lose their connection. Take a store package then.
 *
 * @throws `configuration` when the object lacks `get` or `set`.
 * @example const tokens = createTokenManager(client, singleProcessTokenStore(new Keyv({ store })))
 */
export function singleProcessTokenStore(backing: KeyValueBacking): TokenStore {
  for (const method of ['get', 'set'] as const) {
    if (typeof backing?.[method] !== 'function') {
      throw new ConfigurationError('backing', `must have a \`${method}\` method.`)
    }
  }
  const queues = queuesOf.get(backing) ?? new Map<string, Promise<unknown>>()
  queuesOf.set(backing, queues)

  async function read(key: string): Promise<StoreEntry | undefined> {
    const value = await backing.get(key)
    if (value === undefined || value === null) return undefined
    const entry = asEntry(value)
    if (entry === undefined) throw new StoreError('read', { problem: 'the value is no row of this store.' })
    if (entry.expiresAt > Date.now()) return entry
    await backing.delete?.(key)
    return undefined
  }
  async function write(key: string, { revision, value, expiresAt, dueAt }: StoreEntry): Promise<true> {
    const result = await backing.set(key, { revision, value, expiresAt, dueAt })
    // Keyv tells of a failed write in this way.
    if (result === false) throw new StoreError('set', { problem: 'the backing object refused the write.' })
    return true
  }

  return {
    read: (key) => inTurn(queues, key, () => read(key)),
    insert: (key, entry) =>
      inTurn(queues, key, async () => (await read(key)) === undefined && write(key, entry)),
    replace: (key, expectedRevision, entry) =>
      inTurn(queues, key, async () => (await read(key))?.revision === expectedRevision && write(key, entry)),
  }
}

async function inTurn<Value>(queues: Queues, key: string, work: () => Promise<Value>): Promise<Value> {
  const before = queues.get(key) ?? Promise.resolve()
  const turn = before.then(work, work)
  queues.set(key, turn)
  try {
    return await turn
  } finally {
    if (queues.get(key) === turn) queues.delete(key)
  }
}

function asEntry(value: unknown): StoreEntry | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { revision, value: text, expiresAt, dueAt } = value as Record<string, unknown>
  if (typeof revision !== 'string' || typeof text !== 'string') return undefined
  if (typeof expiresAt !== 'number' || typeof dueAt !== 'number') return undefined
  return { revision, value: text, expiresAt, dueAt }
}
