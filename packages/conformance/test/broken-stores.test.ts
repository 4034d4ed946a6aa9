import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { tokenStoreCases, type TokenStoreHandle, type TokenStoreSubject } from '../src/index.ts'
import { brokenStores } from './support/broken-stores.ts'
import type { Break } from './support/changed.ts'
import { expectedRed } from './support/expected-red.ts'
import { soundStore, type Rows } from './support/sound-store.ts'

// Every store here is in memory: its time may pass as fast as its cases wait, and no busy machine changes what they see.
beforeAll(() => vi.useFakeTimers().setTimerTickMode('nextTimerAsync'))
afterAll(() => vi.useRealTimers())

/** Runs every case over a store, and gives the names of those that fail. */
async function redOver(
  make: Break,
  broken?: (store: TokenStoreHandle) => TokenStoreHandle,
): Promise<string[]> {
  const create = async (): Promise<TokenStoreSubject> => {
    const rows: Rows = new Map()
    const [store, second] = [make(rows), make(rows)]
    return { store, second, close: async () => {}, broken: async () => (broken ?? failing)(make(rows)) }
  }
  const red = await Promise.all(
    tokenStoreCases.map(async ({ name, run }) => {
      return run(create).then(
        () => [],
        () => [name],
      )
    }),
  )
  return red.flat()
}

function failing(): TokenStoreHandle {
  const fail = () => Promise.reject(new Error('The connection is closed.'))
  return { read: fail, insert: fail, replace: fail, due: fail, scan: fail }
}

test('a sound store keeps every rule', async () => {
  expect(await redOver(soundStore)).toEqual([])
})

test('every broken store is listed with what it breaks', () => {
  expect(Object.keys(expectedRed).toSorted()).toEqual(Object.keys(brokenStores).toSorted())
  for (const red of Object.values(expectedRed)) expect(red.length).toBeGreaterThan(0)
})

test.concurrent.each(Object.entries(brokenStores))(
  'turns exactly the right cases red: %s',
  async (name, make) => {
    expect(await redOver(make)).toEqual(expectedRed[name])
  },
)

test('a store that swallows its failures turns red', async () => {
  const swallowing = (): TokenStoreHandle => ({
    read: async () => undefined,
    insert: async () => false,
    replace: async () => false,
    due: async () => [],
    scan: async () => ({ keys: [] }),
  })
  expect(await redOver(soundStore, swallowing)).toEqual([
    'read rejects when the backend fails',
    'insert rejects when the backend fails',
    'replace rejects when the backend fails',
    'due rejects when the backend fails',
    'scan rejects when the backend fails',
  ])
})

test('every case can fail', async () => {
  const broken = new Set(Object.values(expectedRed).flat())
  const others = tokenStoreCases.map(({ name }) => name).filter((name) => !broken.has(name))
  const silent = (): TokenStoreHandle => ({
    read: async () => undefined,
    insert: async () => true,
    replace: async () => true,
    due: async () => ['somebody’s'],
    scan: async () => ({ keys: ['somebody’s'] }),
    setup: async () => {},
    removeExpired: async () => {},
  })
  const row = { revision: 'r', value: 'v', expiresAt: 1, dueAt: 1, ageMs: -1 }
  const noisy = (): TokenStoreHandle => ({ ...silent(), read: async () => row })
  const red = [...(await redOver(silent, silent)), ...(await redOver(noisy, noisy))]
  expect(others.filter((name) => !red.includes(name))).toEqual([])
})
