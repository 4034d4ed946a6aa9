import type BetterSqlite3 from 'better-sqlite3'
import Libsql from 'libsql'
import { createSealer, sealedTokenStore, type StoreEntry } from '@tiktok-auth/core'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest'
import { sqliteTokenStore, type SqliteDatabase, type SqliteTokenStore } from '../src/index.ts'
import { sql } from '../src/sql.ts'
import { scratch } from './support/drivers.ts'

let place: ReturnType<typeof scratch>
const opened: Libsql.Database[] = []

beforeEach(() => {
  place = scratch()
})
afterEach(() => {
  for (const database of opened.splice(0)) if (database.open) database.close()
  place.remove()
})

function connect(): Libsql.Database {
  const database = new Libsql(place.file)
  opened.push(database)
  return database
}

async function ready(database: Libsql.Database = connect()): Promise<SqliteTokenStore> {
  const store = sqliteTokenStore(database)
  await store.setup()
  return store
}

function entry(changes: Partial<StoreEntry> = {}): StoreEntry {
  const revision = crypto.randomUUID()
  return { revision, value: `value ${revision}`, expiresAt: Date.now() + 60_000, dueAt: 0, ...changes }
}

test('takes what better-sqlite3 and libsql make', () => {
  expectTypeOf<InstanceType<typeof BetterSqlite3>>().toExtend<SqliteDatabase>()
  expectTypeOf<Libsql.Database>().toExtend<SqliteDatabase>()
})

describe('refuses by name', () => {
  test('a connection that nobody waited for, and says so', () => {
    expect(() => sqliteTokenStore(Promise.resolve(connect()) as never)).toThrow(/await `openSqlite`/)
  })

  test.each([undefined, null, {}, { prepare() {} }, 'grants.db'])('a database that is %j', (database) => {
    expect(() => sqliteTokenStore(database as never)).toThrow(
      expect.objectContaining({ code: 'configuration', option: 'database' }),
    )
  })

  test.each([
    ['key', 7 as never, entry()],
    ['key', 'k'.repeat(70_000), entry()],
    ['key', '\uD800', entry()],
    ['value', 'key', entry({ value: undefined as never })],
    ['value', 'key', entry({ value: 'x'.repeat(17 * 1024 * 1024) })],
    ['revision', 'key', entry({ revision: '\uDC00' })],
    ['dueAt', 'key', entry({ dueAt: Number.NaN })],
    ['dueAt', 'key', entry({ dueAt: 2 ** 53 })],
    ['expiresAt', 'key', entry({ expiresAt: Infinity })],
  ])('a bad %s, and writes nothing', async (option, key, bad) => {
    const store = await ready()
    await expect(store.insert(key, bad)).rejects.toMatchObject({ code: 'configuration', option })
    expect(await store.due({ prefix: '', before: Date.now(), limit: 10 })).toEqual([])
  })
})

test('says what to do when setup was forgotten', async () => {
  const store = sqliteTokenStore(connect())
  const rejects = { code: 'store', message: expect.stringContaining('setup()') }
  await expect(store.read('key')).rejects.toMatchObject(rejects)
  await expect(store.insert('key', entry())).rejects.toMatchObject(rejects)
  await expect(store.due({ prefix: '', before: 1, limit: 1 })).rejects.toMatchObject(rejects)
  await store.setup()
  expect(await store.insert('key', entry())).toBe(true)
})

test('setup tells of a file that cannot be written, before a refresh does', async () => {
  const writable = await ready()
  expect(await writable.insert('key', entry())).toBe(true)
  const database = new Libsql(place.file)
  opened.push(database)
  database.exec('PRAGMA query_only = ON')
  const store = sqliteTokenStore(database)
  expect(await store.read('key')).toBeDefined()
  for (const use of [() => store.setup(), () => store.insert('other', entry())])
    await expect(use()).rejects.toThrow('open it for writing')
})

test('leaves a database alone that a newer version has upgraded', async () => {
  const database = connect()
  await ready(database)
  database.exec('UPDATE tiktok_auth_schema SET version = 99')
  await expect(sqliteTokenStore(database).setup()).rejects.toMatchObject({
    code: 'store',
    operation: 'setup',
  })
  expect(database.prepare('SELECT version FROM tiktok_auth_schema').all()).toEqual([{ version: 99 }])
})

test('a setup that fails half way leaves nothing, and can be run again', async () => {
  const database = connect()
  database.exec('CREATE TABLE tiktok_auth_grants_expiry (other INTEGER)')
  await expect(sqliteTokenStore(database).setup()).rejects.toMatchObject({
    code: 'store',
    operation: 'setup',
  })
  expect(database.inTransaction).toBe(false)
  expect(database.prepare("SELECT name FROM sqlite_master WHERE name LIKE 'tiktok%'").all()).toEqual([
    { name: 'tiktok_auth_grants_expiry' },
  ])
  database.exec('DROP TABLE tiktok_auth_grants_expiry')
  await sqliteTokenStore(database).setup()
})

test('writes nothing while the application has a transaction open', async () => {
  const database = connect()
  const store = await ready(database)
  const first = entry()
  await store.insert('key', first)
  database.exec('BEGIN')
  const refused = { code: 'store', message: expect.stringContaining('a connection of its own') }
  await expect(store.insert('other', entry())).rejects.toMatchObject(refused)
  await expect(store.replace('key', first.revision, entry())).rejects.toMatchObject(refused)
  await expect(store.removeExpired()).rejects.toMatchObject(refused)
  database.exec('ROLLBACK')
  expect((await store.read('key'))?.revision).toBe(first.revision)
})

test('rejects after close, whoever closed, and closes once', async () => {
  const store = await ready()
  await store.insert('key', entry())
  await store.close()
  await store.close()
  for (const call of [store.read('key'), store.insert('k', entry()), store.setup(), store.removeExpired()]) {
    await expect(call).rejects.toMatchObject({ code: 'store', message: expect.stringContaining('closed') })
  }
})

test('waits for a lock, and leaves the thread to others meanwhile', async () => {
  const store = await ready()
  const other = connect()
  other.exec('BEGIN IMMEDIATE')
  let ticks = 0
  const timer = setInterval(() => ticks++, 5)
  const insert = store.insert('key', entry())
  await expect.poll(() => ticks).toBeGreaterThan(20)
  other.exec('COMMIT')
  expect(await insert).toBe(true)
  clearInterval(timer)
})

test('waits for a reader where there is no write-ahead log', async () => {
  const store = await ready()
  const reader = connect()
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM tiktok_auth_grants').all()
  const insert = store.insert('key', entry())
  setTimeout(() => reader.exec('COMMIT'), 200)
  expect(await insert).toBe(true)
})

test('a lock that never ends is an error in the end, no false', async () => {
  const store = await ready()
  connect().exec('BEGIN IMMEDIATE')
  // A clock that jumps by more than the store waits.
  const start = performance.now()
  let calls = 0
  vi.spyOn(performance, 'now').mockImplementation(() => start + calls++ * 20_000)
  try {
    await expect(store.insert('key', entry())).rejects.toMatchObject({ code: 'store', operation: 'insert' })
  } finally {
    vi.restoreAllMocks()
  }
})

test('works where the application reads every number as a bigint', async () => {
  const store = await ready(connect().defaultSafeIntegers(true) as Libsql.Database)
  const first = entry({ dueAt: Number.MAX_SAFE_INTEGER })
  expect(await store.insert('key', first)).toBe(true)
  expect(await store.insert('key', first)).toBe(false)
  expect(await store.read('key')).toMatchObject(first)
  expect(typeof (await store.read('key'))?.ageMs).toBe('number')
})

test('finds what is due by its index, also among many rows', async () => {
  const database = connect()
  await ready(database)
  const plan = database
    .prepare(`EXPLAIN QUERY PLAN ${sql.due}`)
    .all(1, Buffer.from('a'), Buffer.from('b'), 10)
  expect(plan.map((step) => (step as { detail: string }).detail)).toEqual([
    'SEARCH tiktok_auth_grants USING COVERING INDEX tiktok_auth_grants_due (due_at<?)',
  ])
})

test('removes expired rows to the last, and counts them', async () => {
  const database = connect()
  const store = await ready(database)
  database.exec(`
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1201)
    INSERT INTO tiktok_auth_grants SELECT CAST('k' || i AS BLOB), x'00', x'00', 1, 1, 1 FROM n`)
  await store.insert('living', entry())
  expect(await store.removeExpired()).toBe(1201)
  expect(await store.removeExpired()).toBe(0)
  expect(await store.read('living')).toBeDefined()
})

test('a row of somebody else’s is a typed error, and never absent', async () => {
  const database = connect()
  const store = await ready(database)
  await store.insert('key', entry())
  for (const [column, value] of [
    ['revision', 7],
    ['value', "'text'"],
    ['value', "x'ff'"],
    ['due_at', "'soon'"],
  ]) {
    database.exec(
      `UPDATE tiktok_auth_grants SET revision = x'31', value = x'31', due_at = 1, ${column} = ${value}`,
    )
    await expect(store.read('key')).rejects.toMatchObject({ code: 'store', operation: 'read' })
  }
})

test('keeps nothing in clear in any of its files when sealed', async () => {
  const key = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
  const plain = await ready()
  const store = sealedTokenStore(plain, createSealer([{ id: 'k1', key }]))
  await store.insert('key', entry({ value: 'canary-4711' }))
  expect((await store.read('key'))?.value).toBe('canary-4711')
  const files = ['', '-wal', '-journal'].map((end) => contents(place.file + end)).join('')
  expect(files).toContain('v1.k1.')
  expect(files).not.toContain('canary-4711')
})

function contents(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
