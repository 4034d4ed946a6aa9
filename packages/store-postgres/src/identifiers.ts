import { ConfigurationError } from '@tiktok-auth/core'

/** Where the rows are. */
export interface PostgresTableOptions {
  /** The table's name. Default `tiktok_auth_grants`. */
  readonly table?: string
  /** The table's schema. Left out, the connection's search path decides. */
  readonly schema?: string
}

/** The names that statements use, quoted where they stand in SQL. */
export interface TableNames {
  /** The table, with its schema where one was given. */
  readonly table: string
  /** The schema by itself, where one was given. */
  readonly schema: string | undefined
  /** An index by what it is for: as `CREATE INDEX` wants it, and as one looks it up. */
  index(purpose: string): { readonly name: string; readonly qualified: string }
}

const plain = /^[A-Za-z_][A-Za-z0-9_]*$/
// PostgreSQL cuts names at 63 bytes; the indexes' names are longer than the table's.
const longestTable = 48
const longest = 63

/**
 * Checks and quotes the names.
 *
 * @throws `configuration` when a name is no plain identifier: values can be passed beside a statement, names cannot.
 */
export function tableNames({ table = 'tiktok_auth_grants', schema }: PostgresTableOptions): TableNames {
  checkName('table', table, longestTable)
  if (schema !== undefined) checkName('schema', schema, longest)
  const within = schema === undefined ? '' : `"${schema}".`
  return {
    table: `${within}"${table}"`,
    schema,
    index: (purpose) => ({ name: `"${table}_${purpose}"`, qualified: `${within}"${table}_${purpose}"` }),
  }
}

function checkName(option: string, name: unknown, most: number): void {
  if (typeof name === 'string' && name.length <= most && plain.test(name)) return
  throw new ConfigurationError(
    option,
    `must be 1 to ${most} letters, digits or underscores, not beginning with a digit.`,
  )
}
