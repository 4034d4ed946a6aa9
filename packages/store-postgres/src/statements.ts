import type { TableNames } from './identifiers.ts'

/** Every statement of the store. Text goes in and comes out as hexadecimal, numbers as decimal text. */
export interface Statements {
  readonly read: string
  readonly insert: string
  readonly replace: string
  readonly due: string
  readonly scan: string
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
  const within = (from: number, end: number): string =>
    `key >= ${bytes(from)} AND ($${end}::text = '' OR key < ${bytes(end)}) AND expires_at > ${nowMs}`
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
          AND ${within(2, 3)}
          AND key NOT IN (SELECT decode(one, 'hex') FROM unnest(string_to_array($4::text, ',')) AS one)
        ORDER BY due_at LIMIT $5::text::bigint
      ) AS head ORDER BY random() LIMIT $6::text::bigint`,

    // Walks along the primary key, which no write changes. No page walks further than it may, however few of the rows are
    // wanted; where it finds less than is asked for, the row it came to follows as a mark.
    scan: `
      WITH found AS (
        SELECT key_hash, key FROM (
          SELECT key_hash, key, expires_at FROM ${table} WHERE key_hash > ${bytes(1)}
          ORDER BY key_hash LIMIT $4::text::bigint
        ) AS walked WHERE ${within(2, 3)} ORDER BY key_hash LIMIT $5::text::bigint
      )
      SELECT encode(key_hash, 'hex') AS place, encode(key, 'hex') AS key, 'key' AS kind FROM found
      UNION ALL (
        SELECT encode(key_hash, 'hex'), '', 'mark' FROM ${table}
        WHERE key_hash > ${bytes(1)} AND (SELECT count(*) FROM found) < $5::text::bigint
        ORDER BY key_hash OFFSET $4::text::bigint - 1 LIMIT 1
      )`,

    removeExpired: `
      WITH removed AS (
        DELETE FROM ${table} WHERE key_hash IN (
          SELECT key_hash FROM ${table} WHERE expires_at <= ${nowMs}
          ORDER BY expires_at LIMIT $1::text::bigint FOR UPDATE SKIP LOCKED
        ) RETURNING 1
      ) SELECT count(*)::text AS removed FROM removed`,
  }
}
