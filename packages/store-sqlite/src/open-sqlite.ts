import { ConfigurationError, isTikTokAuthError, StoreError } from '@tiktok-auth/core'
import { resolve } from 'node:path'
import { findDriver } from './drivers.ts'
import { patiently } from './patience.ts'
import { protectFile, protectSideFiles } from './protect-file.ts'
import type { SqliteDatabase } from './sqlite-database.ts'

/**
 * Opens a SQLite file for grants, and makes it where there is none; its directory must exist.
 *
 * The file and its `-wal` and `-shm` are for their owner alone (0600), whatever the umask is; a file that was open to
 * others is closed to them, and one that belongs to somebody else is refused. Writers and readers do not hold each other up (WAL, so no network
 * file systems), and a write that was acknowledged survives a power failure (`synchronous = FULL`): a lost write is a
 * lost refresh token.
 *
 * The driver is `bun:sqlite` on Bun, otherwise libsql where it is installed, otherwise `node:sqlite` (Node ≥ 22.13,
 * Deno). Make the connection yourself to use another one.
 *
 * @throws `configuration` when `path` names no file; `store` when there is no driver, or the file cannot be used.
 * @example const store = sqliteTokenStore(await openSqlite('grants.db'))
 */
export async function openSqlite(path: string): Promise<SqliteDatabase> {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new ConfigurationError('path', 'must be the path of a file.')
  }
  if (path === ':memory:' || path.startsWith('file:')) {
    throw new ConfigurationError(
      'path',
      'must be the path of a file, no address.',
      'For memory take `memoryTokenStore()`.',
    )
  }
  const file = resolve(path)
  const connect = await findDriver()
  try {
    protectFile(file)
    protectSideFiles(file)
    return await configured(connect(file))
  } catch (error) {
    if (isTikTokAuthError(error)) throw error
    throw new StoreError('open', { cause: error })
  }
}

// A locked file is mostly waited for between tries, so that the thread is free meanwhile.
const busyTimeoutMs = 20

async function configured(database: SqliteDatabase): Promise<SqliteDatabase> {
  try {
    query(database, `PRAGMA busy_timeout = ${busyTimeoutMs}`)
    const mode = await patiently(() => query(database, 'PRAGMA journal_mode = WAL'))
    if (mode !== 'wal')
      throw new StoreError('open', { problem: 'the file system allows no write-ahead log.' })
    query(database, 'PRAGMA synchronous = FULL')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Runs a statement to its end and gives the first column of its first row. */
function query(database: SqliteDatabase, text: string): unknown {
  const [row] = database.prepare(text).all()
  return Object.values(Object(row) as object)[0]
}
