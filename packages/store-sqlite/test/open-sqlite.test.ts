import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openSqlite, sqliteTokenStore, type SqliteDatabase } from '../src/index.ts'
import { scratch } from './support/drivers.ts'
import { canRun, start } from './support/processes.ts'

let place: ReturnType<typeof scratch>
const opened: SqliteDatabase[] = []

beforeEach(() => {
  place = scratch()
})
afterEach(() => {
  vi.restoreAllMocks()
  for (const database of opened.splice(0)) database.close()
  place.remove()
})

async function open(path = place.file): Promise<SqliteDatabase> {
  const database = await openSqlite(path)
  opened.push(database)
  return database
}

function modes(): Record<string, string> {
  const files = readdirSync(place.directory).toSorted()
  return Object.fromEntries(
    files.map((name) => [name, (statSync(join(place.directory, name)).mode & 0o777).toString(8)]),
  )
}

const ownerOnly = { 'grants.sqlite': '600', 'grants.sqlite-shm': '600', 'grants.sqlite-wal': '600' }

test('makes a file with a write-ahead log, every commit of which is on disk', async () => {
  const database = await open()
  expect(database.prepare('PRAGMA journal_mode').all()).toEqual([{ journal_mode: 'wal' }])
  expect(database.prepare('PRAGMA synchronous').all()).toEqual([{ synchronous: 2 }])
})

// Workers of a test runner may not set the umask; a process of its own may.
test.each(['0', '22', '77', '777'])('every file is its owner’s alone under umask %s', async (mask) => {
  const child = start('here', 'show-modes.ts', place.directory, mask)
  expect(await child.ended).toMatchObject({ code: 0 })
  expect(JSON.parse(child.lines.join(''))).toEqual(ownerOnly)
})

test('takes the rights of others from files that are there', async () => {
  await sqliteTokenStore(await open()).setup()
  for (const name of Object.keys(ownerOnly)) chmodSync(join(place.directory, name), 0o666)
  expect(modes()['grants.sqlite-wal']).toBe('666')
  await sqliteTokenStore(await open()).setup()
  expect(modes()).toEqual(ownerOnly)
})

test('keeps its rows from one opening to the next', async () => {
  const entry = { revision: 'r', value: 'v', expiresAt: Date.now() + 60_000, dueAt: 1 }
  const first = sqliteTokenStore(await openSqlite(place.file))
  await first.setup()
  await first.insert('key', entry)
  await first.close()
  const next = sqliteTokenStore(await open())
  await next.setup()
  expect(await next.read('key')).toMatchObject(entry)
})

test('refuses a file of another user', async () => {
  await open()
  vi.spyOn(process, 'getuid').mockReturnValue((process.getuid?.() ?? 0) + 4711)
  await expect(openSqlite(place.file)).rejects.toMatchObject({
    code: 'store',
    operation: 'open',
    message: expect.stringContaining('another user'),
  })
})

test.each(['', ':memory:', 'file:grants.db', 'a\0b', undefined, 7])('refuses the path %j', async (path) => {
  await expect(openSqlite(path as string)).rejects.toMatchObject({ code: 'configuration', option: 'path' })
})

test('refuses what is no database, a directory, and a directory that is missing', async () => {
  mkdirSync(join(place.directory, 'directory'))
  const text = 'This is no database, and must stay as it is.'.repeat(100)
  writeFileSync(join(place.directory, 'text'), text)
  for (const name of ['directory', 'text', 'missing/grants.db']) {
    await expect(openSqlite(join(place.directory, name))).rejects.toMatchObject({
      code: 'store',
      operation: 'open',
    })
  }
  expect(readFileSync(join(place.directory, 'text'), 'utf8')).toBe(text)
})

test.each([
  ['node', 'DatabaseSync'],
  ['bun', 'Database'],
] as const)(
  'uses what %s has where libsql is missing or second',
  { timeout: 120_000 },
  async (runtime, name) => {
    if (!(await canRun(runtime))) return
    const child = start(runtime, 'show-driver.ts', place.file)
    expect(await child.ended).toMatchObject({ code: 0 })
    expect(child.lines).toEqual([name])
  },
)

test('no driver at all is a typed error that says what to install', { timeout: 120_000 }, async () => {
  const child = start('here', 'show-driver.ts', place.file, 'no-sqlite')
  await child.ended
  expect(child.lines.join('\n')).toContain('install `libsql`')
})
