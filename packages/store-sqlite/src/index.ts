export { openSqlite } from './open-sqlite.ts'
export type { SqliteDatabase, SqliteParameter, SqliteStatement } from './sqlite-database.ts'
export { sqliteTokenStore } from './sqlite-token-store.ts'
export type { SqliteTokenStore } from './sqlite-token-store.ts'
