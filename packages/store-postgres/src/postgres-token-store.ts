import { ConfigurationError, type StoredEntry, type StoreEntry, type TokenStore } from '@tiktok-auth/core'
import { type PostgresTableOptions, tableNames } from './identifiers.ts'
import { createQuery, field, type PostgresClient } from './query.ts'
import { schemaStatement } from './schema.ts'
import { pageOf, scanValues } from './scan.ts'
import { statementsFor } from './statements.ts'
import { endOfPrefix, fromHex, toHex, toInteger } from './text.ts'

export type { PostgresClient } from './query.ts'

/** Options of {@link postgresTokenStore}. */
export type PostgresTokenStoreOptions = PostgresTableOptions

/** How much {@link PostgresTokenStore.removeExpired} does. */
export interface RemoveExpiredOptions {
  /** How many rows are removed at most. Default: all that have ended. */
  readonly limit?: number
}

/** A token store on PostgreSQL. */
export interface PostgresTokenStore extends TokenStore {
  /** For `tokens.refreshDue`. */
  due: NonNullable<TokenStore['due']>
  /** For `tokens.reseal`. */
  scan: NonNullable<TokenStore['scan']>
  /** Creates the table and its indexes where they are missing. Safe when several processes start at once. */
  setup(): Promise<void>
  /**
   * Removes rows that have ended, in batches of their own, and gives their number. Ended rows are as good as absent
   * anyway: run it daily, say, to keep the table small.
   */
  removeExpired(options?: RemoveExpiredOptions): Promise<number>
}

const batch = 1000
// How many times what is asked for `due` draws from, and at most how many rows.
const oversampling = 10
const mostSampled = 10_000

/**
 * Keeps grants in PostgreSQL: one row each, for any number of processes.
 *
 * Takes a `pg` pool or client, PGlite, Neon, or anything with their `query`. Each method is one statement; nothing is held between
 * them, so it works behind a transaction pooler. Call `setup()` once at the start, or put {@link postgresSchema} into a migration.
 *
 * @throws `configuration` when there is no `query`, or a name is no plain identifier.
 * @example const store = postgresTokenStore(new pg.Pool({ connectionString }))
 */
export function postgresTokenStore(
  client: PostgresClient,
  options: PostgresTokenStoreOptions = {},
): PostgresTokenStore {
  const names = tableNames(options)
  const query = createQuery(client)
  const sql = statementsFor(names)

  return {
    async read(key) {
      const [row] = await query('read', sql.read, [toHex('key', key)])
      return row === undefined ? undefined : entryOf(row)
    },
    async insert(key, entry) {
      return (await query('insert', sql.insert, [toHex('key', key), ...valuesOf(entry)])).length > 0
    },
    async replace(key, expectedRevision, entry) {
      const values = [toHex('key', key), ...valuesOf(entry), toHex('expectedRevision', expectedRevision)]
      return (await query('replace', sql.replace, values)).length > 0
    },
    async due({ prefix, before, limit, without = [] }) {
      const from = toHex('prefix', prefix)
      const rows = await query('due', sql.due, [
        toInteger('before', before),
        from,
        endOfPrefix(from),
        without.map((key) => toHex('without', key)).join(','),
        toInteger('limit', Math.max(limit, Math.min(limit * oversampling, mostSampled))),
        toInteger('limit', limit),
      ])
      return rows.map((row) => fromHex(field(row, 'key')))
    },
    async scan(scanned) {
      return pageOf(await query('scan', sql.scan, scanValues(scanned)), scanned.limit)
    },
    async setup() {
      await query('setup', schemaStatement(names), [])
    },
    async removeExpired({ limit = Number.MAX_SAFE_INTEGER } = {}) {
      if (!Number.isSafeInteger(limit) || limit < 1)
        throw new ConfigurationError('limit', 'must be a whole number, at least 1.')
      for (let removed = 0; ;) {
        const wanted = Math.min(batch, limit - removed)
        const [row] = await query('removeExpired', sql.removeExpired, [String(wanted)])
        const count = row === undefined ? 0 : Number(field(row, 'removed'))
        removed += count
        if (count < wanted || removed >= limit) return removed
      }
    },
  }
}

function valuesOf({ revision, value, expiresAt, dueAt }: StoreEntry): readonly string[] {
  return [
    toHex('revision', revision),
    toHex('value', value),
    toInteger('expiresAt', expiresAt),
    toInteger('dueAt', dueAt),
  ]
}

function entryOf(row: unknown): StoredEntry {
  return {
    revision: fromHex(field(row, 'revision')),
    value: fromHex(field(row, 'value')),
    expiresAt: Number(field(row, 'expires_at')),
    dueAt: Number(field(row, 'due_at')),
    // The server's clock may have been set back since.
    ageMs: Math.max(0, Number(field(row, 'age_ms'))),
  }
}
