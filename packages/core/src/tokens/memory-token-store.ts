import { ConfigurationError } from '../errors.ts'
import type { StoreEntry, TokenStore } from './token-store.ts'

/** Options of {@link memoryTokenStore}. */
export interface MemoryTokenStoreOptions {
  /** How many rows are kept at most; beyond it the row that was not written for longest goes. Default 100 000. */
  readonly maxEntries?: number
  /** The wall clock that ends rows. Default `Date.now`. */
  readonly now?: () => number
}

interface Row {
  readonly entry: StoreEntry
  readonly writtenAt: number
}

const defaultMaxEntries = 100_000
const sweptPerWrite = 2

/**
 * Keeps grants in this process: gone at its end, unknown to any other process.
 *
 * For development, tests and single processes whose users may log in again after a restart.
 *
 * @throws `configuration` when an option cannot work.
 * @example const tokens = createTokenManager(client, memoryTokenStore())
 */
export function memoryTokenStore(options: MemoryTokenStoreOptions = {}): TokenStore {
  const { maxEntries = defaultMaxEntries, now = Date.now } = options
  if (!Number.isInteger(maxEntries) || maxEntries < 1) {
    throw new ConfigurationError('maxEntries', 'must be a whole number, at least 1.')
  }
  if (typeof now !== 'function') throw new ConfigurationError('now', 'must be a function.')
  // Oldest write first.
  const rows = new Map<string, Row>()

  function find(key: string): Row | undefined {
    const row = rows.get(key)
    if (row === undefined || row.entry.expiresAt > now()) return row
    rows.delete(key)
    return undefined
  }
  function put(key: string, { revision, value, expiresAt, dueAt }: StoreEntry): void {
    rows.delete(key)
    rows.set(key, { entry: { revision, value, expiresAt, dueAt }, writtenAt: performance.now() })
    sweep()
  }
  // A little with every write, so that rows nobody asks for end too and no write is slow.
  function sweep(): void {
    let looked = 0
    for (const [key, { entry }] of rows) {
      const over = rows.size > maxEntries
      if (!over && looked >= sweptPerWrite) return
      looked++
      if (over || entry.expiresAt <= now()) rows.delete(key)
    }
  }

  return {
    async read(key) {
      const row = find(key)
      return row && { ...row.entry, ageMs: performance.now() - row.writtenAt }
    },
    async insert(key, entry) {
      if (find(key) !== undefined) return false
      put(key, entry)
      return true
    },
    async replace(key, expectedRevision, entry) {
      if (find(key)?.entry.revision !== expectedRevision) return false
      put(key, entry)
      return true
    },
    async due({ prefix, before, limit, without = [] }) {
      const left = new Set(without)
      const keys: string[] = []
      for (const [key, { entry }] of rows) {
        if (entry.dueAt > before || !key.startsWith(prefix) || left.has(key)) continue
        if (find(key) !== undefined) keys.push(key)
      }
      return sample(keys, limit)
    },
    async scan({ prefix, after, limit }) {
      if (!Number.isSafeInteger(limit) || limit < 1) {
        throw new ConfigurationError('limit', 'must be a whole number, at least 1.')
      }
      const keys = [...rows.keys()].filter(
        (key) => key.startsWith(prefix) && (after === undefined || key > after) && find(key) !== undefined,
      )
      // By name: the order of the map changes with every write.
      const page = keys.sort().slice(0, limit)
      const last = page.at(-1)
      return last === undefined || keys.length <= limit ? { keys: page } : { keys: page, next: last }
    },
  }
}

/** Takes `count` of `items` by chance (the start of a Fisher-Yates shuffle), so that two callers get mostly other ones. */
function sample(items: string[], count: number): readonly string[] {
  const taken: string[] = []
  while (taken.length < count) {
    const index = Math.floor(Math.random() * items.length)
    const [item, last] = [items[index], items.pop()]
    if (item === undefined || last === undefined) break
    taken.push(item)
    if (index < items.length) items[index] = last
  }
  return taken
}
