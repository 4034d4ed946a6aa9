import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqlite, sqliteTokenStore, type SqliteTokenStore } from '../src/index.ts'
import { scratch } from './support/drivers.ts'
import { start, type Child } from './support/processes.ts'

let place: ReturnType<typeof scratch>
const opened: SqliteTokenStore[] = []

beforeEach(() => {
  place = scratch()
})
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  place.remove()
})

async function open(): Promise<SqliteTokenStore> {
  const store = sqliteTokenStore(await openSqlite(place.file))
  opened.push(store)
  return store
}

async function allDone(children: readonly Child[]): Promise<readonly (readonly string[])[]> {
  for (const child of children) {
    expect(await child.ended).toMatchObject({ code: 0 })
  }
  return children.map(({ lines }) => lines)
}

test('four processes set up one new file at once', async () => {
  const at = String(Date.now() + 2500)
  const keys = ['a', 'b', 'c', 'd']
  const said = await allDone(keys.map((key) => start('here', 'set-up.ts', place.file, at, key)))
  expect(said).toEqual([['true'], ['true'], ['true'], ['true']])
  const store = await open()
  for (const key of keys) expect((await store.read(key))?.value).toBe(key)
})

test(
  'eight processes write 1,000 times beside a long reader: no error, no lost update',
  { timeout: 240_000 },
  async () => {
    await (await open()).setup()
    const reader = await openSqlite(place.file)
    reader.exec('BEGIN')
    expect(reader.prepare('SELECT count(*) AS rows FROM tiktok_auth_grants').all()).toEqual([{ rows: 0 }])

    const counters = Array.from({ length: 8 }, (_, index) => `counter-${index % 2}`)
    const lost = await allDone(
      counters.map((key, index) => start('here', 'count.ts', place.file, key, '125', String(index), '8')),
    )

    // The reader was there all the time, and saw what it saw at first.
    expect(reader.prepare('SELECT count(*) AS rows FROM tiktok_auth_grants').all()).toEqual([{ rows: 0 }])
    reader.exec('COMMIT')
    reader.close()
    const store = await open()
    expect((await store.read('counter-0'))?.value).toBe('500')
    expect((await store.read('counter-1'))?.value).toBe('500')
    // Otherwise the processes have not met, and the test says nothing.
    expect(lost.flat().reduce((sum, line) => sum + Number(line), 0)).toBeGreaterThan(0)
  },
)

test('what was acknowledged survives kill -9 in the middle of writes', { timeout: 240_000 }, async () => {
  await (await open()).setup()
  for (let round = 0; round < 4; round++) {
    const writers = ['x', 'y'].map((letter) => `${letter}${round}`)
    const children = writers.map((name) => ({
      name,
      child: start('here', 'write-rows.ts', place.file, name),
    }))
    await expect
      .poll(() => Math.min(...children.map(({ child }) => child.lines.length)), { timeout: 60_000 })
      .toBeGreaterThan(60 + round * 17)
    for (const { child } of children) child.process.kill('SIGKILL')
    await Promise.all(children.map(({ child }) => child.ended))

    const store = await open()
    for (const { name, child } of children) {
      const last = Number(child.lines.at(-1))
      // The write after the last acknowledged one may be there too: the answer was under way.
      const newest = await store.read(`${name}-${(last + 1) % 50}`)
      expect([`${name}-${last + 1}`, `${name}-${last - 49}`]).toContain(newest?.revision)
      for (let count = last - 48; count <= last; count++) {
        expect((await store.read(`${name}-${count % 50}`))?.revision).toBe(`${name}-${count}`)
      }
    }
  }
  const database = await openSqlite(place.file)
  expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  database.close()
})
