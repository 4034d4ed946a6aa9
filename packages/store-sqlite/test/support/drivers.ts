import { createSealer, sealedTokenStore, type TokenStore } from '@tiktok-auth/core'
import type { TokenStoreHandle, TokenStoreSubject } from '@tiktok-auth/conformance'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteTokenStore, type SqliteDatabase, type SqliteTokenStore } from '../../src/index.ts'

/** Every driver that the store takes, and what its class is called. */
export const drivers = {
  libsql: ['libsql', 'default'],
  'better-sqlite3': ['better-sqlite3', 'default'],
  'node:sqlite': ['node:sqlite', 'DatabaseSync'],
  'bun:sqlite': ['bun:sqlite', 'Database'],
} as const
export type Driver = keyof typeof drivers
/** Opens a file as an application of one's own would. */
export type Connect = (path: string) => SqliteDatabase

export async function connector(driver: Driver): Promise<Connect> {
  const [name, member] = drivers[driver]
  const load = (specifier: string): Promise<Record<string, unknown>> => import(specifier)
  const Database = (await load(name))[member] as new (path: string) => SqliteDatabase
  return (path) => {
    const database = new Database(path)
    database.exec('PRAGMA busy_timeout = 20')
    database.prepare('PRAGMA journal_mode = WAL').all()
    return database
  }
}

/** A directory that is gone when `remove` is called. */
export function scratch(): { readonly directory: string; readonly file: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'store-sqlite-'))
  return {
    directory,
    file: join(directory, 'grants.sqlite'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

const key = Buffer.alloc(32, 'a key for tests alone: no secret').toString('base64url')
const sealer = createSealer([{ id: 'test', key }])

/** Two connections to one new file. */
export async function createSubject(driver: Driver, seal: boolean): Promise<TokenStoreSubject> {
  const connect = await connector(driver)
  const { file, remove } = scratch()
  const [store, second] = [sqliteTokenStore(connect(file)), sqliteTokenStore(connect(file))]
  await store.setup()
  const handle = (each: SqliteTokenStore): TokenStoreHandle => (seal ? sealed(each) : each)
  return {
    store: handle(store),
    second: handle(second),
    async broken() {
      const database = connect(file)
      const broken = sqliteTokenStore(database)
      await broken.read('anything')
      database.close()
      return handle(broken)
    },
    async close() {
      await store.close()
      await second.close()
      remove()
    },
  }
}

function sealed(store: SqliteTokenStore): TokenStoreHandle {
  const { setup, removeExpired } = store
  const inner: TokenStore = sealedTokenStore(store, sealer)
  return { ...inner, setup, removeExpired }
}
