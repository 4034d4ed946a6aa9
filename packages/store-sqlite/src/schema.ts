import { StoreError } from '@tiktok-auth/core'
import { migrations } from './sql.ts'
import type { SqliteDatabase } from './sqlite-database.ts'

// A table of its own: the file, and with it `user_version`, may be the application's.
const table = 'tiktok_auth_schema'

/** Brings the schema up to date, or finds that it is. Several processes may do so at once: one does. */
export function migrate(database: SqliteDatabase): void {
  if (currentVersion(database) === migrations.length) return assertWritable(database)
  // Takes the write lock before it looks again, so that no two see the same old version.
  database.exec('BEGIN IMMEDIATE')
  try {
    upgrade(database, currentVersion(database))
    database.exec('COMMIT')
  } catch (error) {
    abandon(database)
    throw error
  }
}

/** Reading goes on in a file that cannot be written, and the first refresh would be the first to notice. */
function assertWritable(database: SqliteDatabase): void {
  database.exec(`DELETE FROM ${table} WHERE 0`)
}

function abandon(database: SqliteDatabase): void {
  try {
    database.exec('ROLLBACK')
  } catch {
    // Some failures end the transaction by themselves.
  }
}

function upgrade(database: SqliteDatabase, version: number): void {
  const steps = migrations.slice(version)
  if (steps.length === 0) return
  database.exec(`CREATE TABLE IF NOT EXISTS ${table} (version INTEGER NOT NULL)`)
  for (const step of steps) database.exec(step)
  database.exec(`DELETE FROM ${table}`)
  database.exec(`INSERT INTO ${table} (version) VALUES (${migrations.length})`)
}

function currentVersion(database: SqliteDatabase): number {
  const tables = database.prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name = '${table}'`)
  if (tables.all().length === 0) return 0
  const [row] = database.prepare(`SELECT version FROM ${table}`).all()
  const version = Number((Object(row) as Record<string, unknown>)['version'])
  if (version <= migrations.length) return version
  throw new StoreError('setup', { problem: 'a newer version of this package has upgraded the database.' })
}
