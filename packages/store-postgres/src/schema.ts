import { type PostgresTableOptions, type TableNames, tableNames } from './identifiers.ts'

/**
 * Gives the SQL that `setup()` runs: one statement that creates what is missing and leaves alone what is there.
 *
 * For those whose application may not change the schema: put it into a migration.
 *
 * @throws `configuration` when a name is no plain identifier.
 * @example await migration.query(postgresSchema({ schema: 'app' }))
 */
export function postgresSchema(options: PostgresTableOptions = {}): string {
  return schemaStatement(tableNames(options))
}

// Any number will do, as long as every version of this package takes the same.
const lock = 7_203_846_251_936

/**
 * One statement, so it is one transaction on one connection, also behind a transaction pooler: all of it happens or
 * nothing. Starting processes queue at the lock, because `IF NOT EXISTS` alone fails when two create at once.
 * What exists is looked up first, because `CREATE … IF NOT EXISTS` wants the right to create even if there is nothing to do.
 *
 * All text is kept as bytes: exact in every database encoding, NUL included, and compared as bytes by every collation.
 * The primary key is a hash, since a B-tree cannot hold keys of more than 2.7 KB.
 */
export function schemaStatement(names: TableNames): string {
  const { table, schema } = names
  const create = (what: string, statement: string): string =>
    `  IF to_regclass('${what}') IS NULL THEN\n    ${statement};\n  END IF;`
  const indexed = (column: string): string => {
    const { name, qualified } = names.index(`${column}_idx`)
    return create(qualified, `CREATE INDEX ${name} ON ${table} (${column})`)
  }
  return [
    'DO $tiktok_auth$',
    'BEGIN',
    `  PERFORM pg_advisory_xact_lock(${lock});`,
    ...(schema === undefined
      ? []
      : [`  IF to_regnamespace('"${schema}"') IS NULL THEN\n    CREATE SCHEMA "${schema}";\n  END IF;`]),
    create(
      table,
      `CREATE TABLE ${table} (
      key_hash bytea PRIMARY KEY,
      key bytea NOT NULL,
      revision bytea NOT NULL,
      value bytea NOT NULL,
      expires_at bigint NOT NULL,
      due_at bigint NOT NULL,
      written_at timestamptz NOT NULL
    )`,
    ),
    indexed('due_at'),
    indexed('expires_at'),
    'END',
    '$tiktok_auth$',
  ].join('\n')
}
