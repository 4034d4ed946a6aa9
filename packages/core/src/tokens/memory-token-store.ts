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
  }
}
