import type { TableNames } from './identifiers.ts'

/** Every statement of the store. Text goes in and comes out as hexadecimal, numbers as decimal text. */
export interface Statements {
  readonly read: string
  readonly insert: string
  readonly replace: string
  readonly due: string
  readonly removeExpired: string
}

// The clock of the moment: `now()` stands still while a statement waits for a row.
const nowMs = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint'
const bytes = (parameter: number): string => `decode($${parameter}::text, 'hex')`
const hash = `sha256(${bytes(1)})`

/** Writes the statements for a table. */
export function statementsFor({ table }: TableNames): Statements {
  const entry = 'revision, value, expires_at, due_at, written_at'
  const excluded = entry.replace(/\w+/g, 'excluded.$&')
  const given = `${bytes(2)}, ${bytes(3)}, $4::text::bigint, $5::text::bigint, clock_timestamp()`
  return {
    read: `
      SELECT encode(revision, 'hex') AS revision, encode(value, 'hex') AS value,
        expires_at::text AS expires_at, due_at::text AS due_at,
        (extract(epoch FROM clock_timestamp() - written_at) * 1000)::float8::text AS age_ms
      FROM ${table} WHERE key_hash = ${hash} AND expires_at > ${nowMs}`,

    insert: `
      INSERT INTO ${table} AS stored (key_hash, key, ${entry}) VALUES (${hash}, ${bytes(1)}, ${given})
      ON CONFLICT (key_hash) DO UPDATE SET (${entry}) = ROW (${excluded})
      WHERE stored.expires_at <= ${nowMs}
      RETURNING 1 AS done`,

    replace: `
      UPDATE ${table} SET (${entry}) = ROW (${given})
      WHERE key_hash = ${hash} AND revision = ${bytes(6)} AND expires_at > ${nowMs}
      RETURNING 1 AS done`,

    // Reads the head of the queue by index, some times what is asked for, and draws from that: its cost does not grow with the
    // table, and callers at the same moment get different keys.
    due: `
      SELECT encode(key, 'hex') AS key FROM (
        SELECT key FROM ${table}
        WHERE due_at <= $1::text::bigint
          AND key >= ${bytes(2)} AND ($3::text = '' OR key < ${bytes(3)})
          AND key NOT IN (SELECT decode(one, 'hex') FROM unnest(string_to_array($4::text, ',')) AS one)
          AND expires_at > ${nowMs}
        ORDER BY due_at LIMIT $5::text::bigint
      ) AS head ORDER BY random() LIMIT $6::text::bigint`,

    removeExpired: `
      WITH removed AS (
        DELETE FROM ${table} WHERE key_hash IN (
          SELECT key_hash FROM ${table} WHERE expires_at <= ${nowMs}
          ORDER BY expires_at LIMIT $1::text::bigint FOR UPDATE SKIP LOCKED
        ) RETURNING 1
      ) SELECT count(*)::text AS removed FROM removed`,
  }
}
