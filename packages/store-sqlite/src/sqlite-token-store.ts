import {
  ConfigurationError,
  isTikTokAuthError,
  type KeyPage,
  StoreError,
  type TokenStore,
} from '@tiktok-auth/core'
import { chooseDue, type DueQuery, pageOfKeys, type ScanQuery } from './key-queries.ts'
import { patiently, pause } from './patience.ts'
import { decodeRow, encodeEntry, encodeKey, encodeRevision } from './row-codec.ts'
import { migrate } from './schema.ts'
import { sql } from './sql.ts'
import {
  isClosed,
  isInTransaction,
  type SqliteDatabase,
  type SqliteParameter,
  type SqliteStatement,
} from './sqlite-database.ts'

/** A token store in SQLite. */
export interface SqliteTokenStore extends TokenStore {
  /** For `tokens.refreshDue`. */
  due(query: DueQuery): Promise<readonly string[]>
  /** For `tokens.reseal`. */
  scan(query: ScanQuery): Promise<KeyPage>
  /**
   * Creates the tables, or upgrades them. Call it at every start, before anything else; several processes may do so at
   * once, beside others that work.
   *
   * @throws `store` when the database cannot be written, or was upgraded by a newer version of this package.
   */
  setup(): Promise<void>
  /** Drops rows that are past their `expiresAt`, a few at a time, and says how many. Call it once a day or so. */
  removeExpired(): Promise<number>
  /** Closes the connection that the store was given. Every later call rejects. */
  close(): Promise<void>
}

const inTransaction =
  'the application has a transaction open on this connection; give the store a connection of its own.'
const removedAtOnce = 500

/**
 * Keeps grants in SQLite, for any number of processes on one machine.
 *
 * Takes a connection of `node:sqlite`, better-sqlite3, libsql or `bun:sqlite`; {@link openSqlite} makes one. Give the
 * store a connection of its own: while the application has a transaction open on it, writes are refused, since a
 * rollback would undo what the store has acknowledged. Locks of other connections are waited for, half a minute at
 * most, without holding up the thread beyond the connection's own `busy_timeout`.
 *
 * @throws `configuration` when `database` is no such connection.
 * @example
 * const store = sqliteTokenStore(await openSqlite('grants.db'))
 * await store.setup()
 */
export function sqliteTokenStore(database: SqliteDatabase): SqliteTokenStore {
  for (const method of ['prepare', 'exec', 'close'] as const) {
    if (typeof database?.[method] !== 'function') {
      const problem = `must be a SQLite connection with a \`${method}\` method.`
      const hint = database instanceof Promise ? 'It is a promise: await `openSqlite` first.' : undefined
      throw new ConfigurationError('database', problem, hint)
    }
  }
  const prepared = new Map<string, SqliteStatement>()
  let closed = false

  function statement(text: string): SqliteStatement {
    const cached = prepared.get(text) ?? database.prepare(text)
    prepared.set(text, cached)
    return cached
  }
  async function perform<Value>(operation: string, work: () => Value): Promise<Value> {
    try {
      return await patiently(() => {
        if (closed || isClosed(database))
          throw new StoreError(operation, { problem: 'the database is closed.' })
        return work()
      })
    } catch (error) {
      throw asStoreError(operation, error)
    }
  }
  function write(operation: string, text: string, values: () => readonly SqliteParameter[]): Promise<number> {
    return perform(operation, () => {
      if (isInTransaction(database)) throw new StoreError(operation, { problem: inTransaction })
      return Number(statement(text).run(...values()).changes)
    })
  }

  return {
    read: (key) =>
      perform('read', () => {
        const [row] = statement(sql.read).all(encodeKey(key), 1)
        return row === undefined ? undefined : decodeRow(row)
      }),
    async insert(key, entry) {
      return (await write('insert', sql.insert, () => [encodeKey(key), ...encodeEntry(entry)])) > 0
    },
    async replace(key, expectedRevision, entry) {
      const values = () => [...encodeEntry(entry), encodeKey(key), encodeRevision(expectedRevision)]
      return (await write('replace', sql.replace, values)) > 0
    },
    due: (query) => perform('due', () => chooseDue(query, (...values) => statement(sql.due).all(...values))),
    scan: (query) =>
      perform('scan', () => pageOfKeys(query, (...values) => statement(sql.scan).all(...values))),
    setup: () => perform('setup', () => migrate(database)),
    async removeExpired() {
      for (let removed = 0; ; await pause(1)) {
        const count = await write('removeExpired', sql.removeExpired, () => [removedAtOnce])
        removed += count
        if (count < removedAtOnce) return removed
      }
    },
    async close() {
      if (closed || isClosed(database)) return
      closed = true
      prepared.clear()
      database.close()
    },
  }
}

function asStoreError(operation: string, error: unknown): Error {
  if (isTikTokAuthError(error)) return error
  const problem = problems.find(([pattern]) => error instanceof Error && pattern.test(error.message))?.[1]
  return new StoreError(operation, { cause: error, ...(problem !== undefined && { problem }) })
}

const problems: readonly (readonly [RegExp, string])[] = [
  [/no such (table|index)/, 'the tables are missing; call `setup()` first.'],
  [
    /readonly database/,
    'the file cannot be written; open it for writing, and let the user of this process write the file and its folder.',
  ],
]
