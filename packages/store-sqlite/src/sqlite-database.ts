/** What the store binds to a statement. */
export type SqliteParameter = string | number | Uint8Array

/** The part of a prepared statement that the store uses. */
export interface SqliteStatement {
  /** Runs it and says how many rows it changed. */
  run(...parameters: SqliteParameter[]): { readonly changes: number | bigint }
  /** Runs it to its end and gives every row, as objects by column name. */
  all(...parameters: SqliteParameter[]): unknown[]
}

/**
 * The part of a SQLite connection that the store uses: a `DatabaseSync` of `node:sqlite`, a better-sqlite3 or libsql
 * database, or a `Database` of `bun:sqlite`.
 */
export interface SqliteDatabase {
  /** Compiles one statement. */
  prepare(sql: string): SqliteStatement
  /** Runs statements that give nothing back. */
  exec(sql: string): unknown
  /** Closes the connection. */
  close(): unknown
  /** Whether it is open, in better-sqlite3 and libsql. */
  readonly open?: unknown
  /** Whether it is open, in `node:sqlite`. */
  readonly isOpen?: unknown
  /** Whether a transaction is open, in better-sqlite3, libsql and `bun:sqlite`. */
  readonly inTransaction?: unknown
  /** Whether a transaction is open, in `node:sqlite`. */
  readonly isTransaction?: unknown
}

/**
 * Tells whether the connection was closed. It must not be used then: libsql ends the process, and statements of
 * `bun:sqlite` go on working.
 */
export function isClosed(database: SqliteDatabase): boolean {
  if (database.open === false || database.isOpen === false) return true
  try {
    isInTransaction(database)
    return false
  } catch {
    // How `bun:sqlite` and some versions of `node:sqlite` tell.
    return true
  }
}

/** Tells whether the application has a transaction open on this connection. */
export function isInTransaction(database: SqliteDatabase): boolean {
  return database.inTransaction === true || database.isTransaction === true
}
