import { describe, expect, test } from 'vitest'
import type { Sealer, StoreEntry, TokenStore } from '../../src/index.ts'
import {
  createSealer,
  createTokenManager,
  memoryTokenStore,
  sealedTokenStore,
  singleProcessTokenStore,
} from '../../src/index.ts'
import { expired, fakeTikTok, openId, tokenSet } from './fake-tiktok.ts'

let serial = 0

function entry(fields: Partial<StoreEntry> = {}): StoreEntry {
  serial++
  return { revision: `r${serial}`, value: `v${serial}`, expiresAt: Date.now() + 60_000, dueAt: 0, ...fields }
}

/** Seals by writing the context in front of the text; opens only under the same context. */
const fakeSealer: Sealer = {
  seal: (text, context) => `sealed ${JSON.stringify(context)} ${btoa(text)}`,
  open(sealed, context) {
    const start = `sealed ${JSON.stringify(context)} `
    if (!sealed.startsWith(start)) throw new Error('not sealed for this')
    return atob(sealed.slice(start.length))
  },
}

const stores: readonly (readonly [string, () => TokenStore])[] = [
  ['memoryTokenStore', () => memoryTokenStore()],
  ['singleProcessTokenStore over a Map', () => singleProcessTokenStore(new Map<string, unknown>())],
  ['singleProcessTokenStore over promises', () => singleProcessTokenStore(slowBacking())],
  ['sealedTokenStore', () => sealedTokenStore(memoryTokenStore(), fakeSealer)],
]

function slowBacking(): {
  get(key: string): Promise<unknown>
  set(key: string, value: unknown): Promise<true>
} {
  const map = new Map<string, string>()
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))
  return {
    async get(key) {
      await pause()
      const text = map.get(key)
      return text === undefined ? null : JSON.parse(text)
    },
    async set(key, value) {
      await pause()
      map.set(key, JSON.stringify(value))
      return true
    },
  }
}

describe.each(stores)('%s', (_name, create) => {
  test('gives back what was put in, and copies of it', async () => {
    const store = create()
    const row = { ...entry() }
    const { revision, value } = row
    expect(await store.read('k')).toBeUndefined()
    expect(await store.insert('k', row)).toBe(true)
    row.value = 'changed by the caller'
    expect(await store.read('k')).toMatchObject({ revision, value })
    expect(await store.read('other')).toBeUndefined()
  })

  test('one of fifty inserts wins, one of fifty replaces', async () => {
    const store = create()
    const rows = Array.from({ length: 50 }, () => entry())
    const inserted = await Promise.all(rows.map((row) => store.insert('k', row)))
    expect(inserted.filter(Boolean)).toHaveLength(1)
    const winner = rows[inserted.indexOf(true)]
    expect((await store.read('k'))?.revision).toBe(winner?.revision)
    const replaced = await Promise.all(
      Array.from({ length: 50 }, () => store.replace('k', winner?.revision ?? '', entry())),
    )
    expect(replaced.filter(Boolean)).toHaveLength(1)
  })

  test('replaces nothing that is absent or another revision', async () => {
    const store = create()
    expect(await store.replace('k', 'r0', entry())).toBe(false)
    await store.insert('k', entry({ value: 'first' }))
    expect(await store.replace('k', 'r0', entry())).toBe(false)
    expect((await store.read('k'))?.value).toBe('first')
  })

  test('a row past its end is as good as absent', async () => {
    const store = create()
    await store.insert('k', entry({ expiresAt: Date.now() - 1, revision: 'gone' }))
    expect(await store.read('k')).toBeUndefined()
    expect(await store.replace('k', 'gone', entry())).toBe(false)
    expect(await store.insert('k', entry())).toBe(true)
  })

  test('carries a manager: a hundred callers, one refresh', async () => {
    const fake = fakeTikTok()
    const tokens = createTokenManager(fake.client, create())
    await tokens.save(expired())
    const all = await Promise.all(Array.from({ length: 100 }, () => tokens.get(openId)))
    expect(new Set(all.map(({ accessToken }) => accessToken)).size).toBe(1)
    expect(fake.sent).toHaveLength(1)
    await tokens.close()
  })
})

describe('memoryTokenStore', () => {
  test('tells ages by its own clock', async () => {
    const store = memoryTokenStore()
    await store.insert('k', entry())
    const young = (await store.read('k'))?.ageMs ?? -1
    expect(young).toBeGreaterThanOrEqual(0)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect((await store.read('k'))?.ageMs ?? -1).toBeGreaterThan(young)
  })

  test('holds no more than maxEntries: the row not written for longest goes', async () => {
    const store = memoryTokenStore({ maxEntries: 2 })
    const first = entry()
    await store.insert('a', first)
    await store.insert('b', entry())
    await store.replace('a', first.revision, entry())
    await store.insert('c', entry())
    expect(await store.read('b')).toBeUndefined()
    expect(await store.read('a')).toBeDefined()
    expect(await store.read('c')).toBeDefined()
  })

  test('a row that ends while nobody writes is gone, too', async () => {
    let now = 0
    const store = memoryTokenStore({ now: () => now })
    await store.insert('k', entry({ expiresAt: 10 }))
    now = 10
    expect(await store.read('k')).toBeUndefined()
    now = 0
    expect(await store.read('k')).toBeUndefined()
  })

  test('sweeps out rows that nobody asks for', async () => {
    let now = 0
    let asked = 0
    const store = memoryTokenStore({
      now: () => {
        asked++
        return now
      },
    })
    for (let index = 0; index < 200; index++) await store.insert(`old${index}`, entry({ expiresAt: 10 }))
    now = 20
    for (let index = 0; index < 100; index++) await store.insert(`new${index}`, entry({ expiresAt: 1e9 }))
    asked = 0
    await store.insert('last', entry({ expiresAt: 1e9 }))
    expect(asked).toBeLessThan(5)
    now = 0
    for (let index = 0; index < 200; index++) expect(await store.read(`old${index}`)).toBeUndefined()
  })

  test.each([{ maxEntries: 0 }, { maxEntries: 1.5 }, { now: 5 as unknown as () => number }])(
    'refuses options that cannot work',
    (options) => {
      expect(() => memoryTokenStore(options)).toThrow(expect.objectContaining({ code: 'configuration' }))
    },
  )
})

describe('singleProcessTokenStore', () => {
  test('two stores over one object keep each other out', async () => {
    const backing = slowBacking()
    const [one, two] = [singleProcessTokenStore(backing), singleProcessTokenStore(backing)]
    const results = await Promise.all([one.insert('k', entry()), two.insert('k', entry())])
    expect(results.filter(Boolean)).toHaveLength(1)
  })

  test('deletes rows past their end where the object can', async () => {
    const map = new Map<string, unknown>()
    const store = singleProcessTokenStore(map)
    await store.insert('k', entry({ expiresAt: 1 }))
    await store.read('k')
    expect(map.size).toBe(0)
  })

  test('a failed write or a foreign value is a failure, never an absent row', async () => {
    const failing = singleProcessTokenStore({ get: () => undefined, set: () => false })
    await expect(failing.insert('k', entry())).rejects.toMatchObject({ code: 'store' })
    for (const value of ['text', {}, { revision: 'r', value: 'v' }]) {
      const foreign = singleProcessTokenStore(new Map([['k', value]]))
      await expect(foreign.read('k')).rejects.toMatchObject({ code: 'store' })
      await expect(foreign.insert('k', entry())).rejects.toMatchObject({ code: 'store' })
    }
  })

  test.each([undefined, {}, { get: () => undefined }])('refuses what is no key-value object', (backing) => {
    expect(() => singleProcessTokenStore(backing as unknown as Map<string, unknown>)).toThrow(/`(get|set)`/)
  })
})

describe('sealedTokenStore', () => {
  test('the store below sees no token', async () => {
    const below = memoryTokenStore()
    const tokens = createTokenManager(fakeTikTok().client, sealedTokenStore(below, fakeSealer))
    const login = tokenSet()
    await tokens.save(login)
    const key = `awfakeclientkey:${openId}`
    const row = await below.read(key)
    expect(row?.value).toMatch(/^sealed /)
    expect(row?.value).not.toContain(login.accessToken)
  })

  test('a row moved to another user or revision cannot be opened; a login replaces it', async () => {
    const below = memoryTokenStore()
    const store = sealedTokenStore(below, fakeSealer)
    await store.insert('a', entry({ revision: 'r', value: 'secret' }))
    const stolen = await below.read('a')
    if (stolen === undefined) throw new Error('no row')
    await below.insert('b', stolen)
    await expect(store.read('b')).rejects.toMatchObject({ code: 'store', revision: 'r' })
    await below.replace('a', 'r', { ...stolen, revision: 'r2' })
    await expect(store.read('a')).rejects.toMatchObject({ code: 'store', revision: 'r2' })
    expect(await store.replace('a', 'r2', entry({ value: 'new' }))).toBe(true)
    expect((await store.read('a'))?.value).toBe('new')
  })

  test('a changed key locks nobody out: get fails typed, a new login works', async () => {
    const below = memoryTokenStore()
    const open = (): never => {
      throw new Error('unknown key')
    }
    const { client } = fakeTikTok()
    await createTokenManager(client, sealedTokenStore(below, fakeSealer)).save(tokenSet())
    let key = 'new'
    const changed: Sealer = {
      seal: (text) => `${key}${text}`,
      open: (sealed) => (sealed.startsWith(key) ? sealed.slice(key.length) : open()),
    }
    const tokens = createTokenManager(client, sealedTokenStore(below, changed))
    await expect(tokens.get(openId)).rejects.toMatchObject({ code: 'store' })
    const login = tokenSet()
    await tokens.save(login)
    expect(await tokens.get(openId)).toEqual(login)
    key = 'newer'
    await expect(tokens.status(openId)).rejects.toMatchObject({ code: 'store' })
  })

  test('a sealer that fails stores nothing', async () => {
    const seal = (): Promise<string> => Promise.reject(new Error('KMS is down'))
    const below = memoryTokenStore()
    const store = sealedTokenStore(below, { ...fakeSealer, seal })
    await expect(store.insert('k', entry())).rejects.toMatchObject({ code: 'store', operation: 'seal' })
    expect(await below.read('k')).toBeUndefined()
  })

  test('a value that encoding would change is refused, and not stored', async () => {
    const below = memoryTokenStore()
    const store = sealedTokenStore(below, fakeSealer)
    await expect(store.insert('k', entry({ value: 'half a pair: \ud83d' }))).rejects.toMatchObject({
      code: 'store',
      operation: 'seal',
    })
    expect(await below.read('k')).toBeUndefined()
  })

  test('a row tells whether it rests under the key that seals now', async () => {
    const below = memoryTokenStore()
    const [one, two] = [
      'b25lb25lMTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3A',
      'dHdvdHdvMTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3A',
    ]
    const [older, newer] = [
      { id: 'k', key: one },
      { id: 'k2', key: two },
    ]
    const before = sealedTokenStore(below, createSealer([older]))
    await before.insert('k', entry())
    expect(await before.read('k')).toMatchObject({ outdated: false })
    expect(await sealedTokenStore(below, createSealer([newer, older])).read('k')).toMatchObject({
      outdated: true,
    })
    expect(await sealedTokenStore(below, createSealer([older, newer])).read('k')).toMatchObject({
      outdated: false,
    })
  })

  test('plain rows are refused unless a migration says otherwise; then the next write seals', async () => {
    const below = memoryTokenStore()
    await below.insert('k', entry({ revision: 'p', value: '{"v":1}' }))
    await expect(sealedTokenStore(below, fakeSealer).read('k')).rejects.toMatchObject({ code: 'store' })
    const store = sealedTokenStore(below, fakeSealer, { acceptPlainRows: true })
    expect((await store.read('k'))?.value).toBe('{"v":1}')
    await store.replace('k', 'p', entry({ value: '{"v":1}' }))
    expect((await below.read('k'))?.value).toMatch(/^sealed /)
    expect((await store.read('k'))?.value).toBe('{"v":1}')
  })

  test('a row that does not open says what to do about it', async () => {
    const ring = (id: string) =>
      createSealer([{ id, key: crypto.randomUUID().replaceAll('-', '').concat('A'.repeat(11)) }])
    const below = memoryTokenStore()
    await sealedTokenStore(below, ring('k1')).insert('k', entry({ revision: 'p', value: '{"v":1}' }))
    const readWith = async (sealer: Sealer): Promise<unknown> => sealedTokenStore(below, sealer).read('k')
    await expect(readWith(ring('k2'))).rejects.toThrow('put that key back')
    await expect(readWith(ring('k1'))).rejects.toThrow('another key of the same id')
    await expect(readWith(fakeSealer)).rejects.toThrow('see the cause')
    await below.replace('k', 'p', entry({ revision: 'q', value: '{"v":1}' }))
    await expect(readWith(ring('k1'))).rejects.toThrow('`acceptPlainRows`')
  })

  test('rows spread over all 256 derived keys', async () => {
    const buckets = new Map<number, number>()
    const seal: Sealer['seal'] = (text, { bucket = -1 }) => {
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1)
      return text
    }
    const store = sealedTokenStore(memoryTokenStore(), { ...fakeSealer, seal })
    for (let index = 0; index < 25_600; index++) await store.insert(`client:${index}`, entry())
    expect(buckets.size).toBe(256)
    expect(Math.min(...buckets.keys())).toBe(0)
    expect(Math.max(...buckets.values())).toBeLessThan(200)
  })

  test('forwards `due` where there is one', async () => {
    const due: TokenStore['due'] = async ({ prefix }) => [`${prefix}1`]
    const store = sealedTokenStore({ ...memoryTokenStore(), due }, fakeSealer)
    expect(await store.due?.({ prefix: 'k', before: 0, limit: 1 })).toEqual(['k1'])
    const map = singleProcessTokenStore(new Map())
    expect(sealedTokenStore(map, fakeSealer)).not.toHaveProperty('due')
  })
})

describe('what memoryTokenStore lists', () => {
  test('by due time: up to the limit, by chance, nothing else', async () => {
    let now = 1_000
    const store = memoryTokenStore({ now: () => now })
    for (let index = 0; index < 40; index++) {
      await store.insert(`a:${index}`, entry({ dueAt: index < 20 ? 500 : 5_000, expiresAt: 10_000 }))
    }
    await store.insert('b:1', entry({ dueAt: 500, expiresAt: 10_000 }))
    const query = { prefix: 'a:', before: 1_000 }
    expect(await store.due?.({ ...query, limit: 100 })).toHaveLength(20)
    const without = Array.from({ length: 15 }, (_, index) => `a:${index}`)
    const rest = await store.due?.({ ...query, limit: 100, without })
    expect(new Set(rest)).toEqual(new Set(['a:15', 'a:16', 'a:17', 'a:18', 'a:19']))
    const draws = await Promise.all(
      Array.from({ length: 20 }, async () => store.due?.({ ...query, limit: 5 })),
    )
    expect(draws.every((keys) => new Set(keys).size === 5)).toBe(true)
    expect(new Set(draws.flat()).size).toBeGreaterThan(10)
    now = 20_000
    expect(await store.due?.({ ...query, before: 1e9, limit: 100 })).toEqual([])
  })

  test.each([0, 1.5, Number.NaN])('by page, but not by %d', async (limit) => {
    const listed = memoryTokenStore().scan?.({ prefix: '', limit })
    await expect(listed).rejects.toMatchObject({ code: 'configuration', option: 'limit' })
  })

  test('by page: every key once, rows that are rewritten meanwhile too', async () => {
    let now = 1_000
    const store = memoryTokenStore({ now: () => now })
    for (let index = 0; index < 25; index++) {
      await store.insert(`a:${index}`, entry({ revision: 'r', expiresAt: index === 0 ? 2_000 : 10_000 }))
    }
    await store.insert('b:1', entry({ expiresAt: 10_000 }))
    now = 3_000
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await store.scan?.({ prefix: 'a:', limit: 10, ...(after !== undefined && { after }) })
      seen.push(...(page?.keys ?? []))
      after = page?.next
      await store.replace(`a:${seen.length}`, 'r', entry({ expiresAt: 10_000 }))
    } while (after !== undefined)
    expect(seen).toHaveLength(24)
    expect(new Set(seen)).toEqual(new Set(Array.from({ length: 24 }, (_, index) => `a:${index + 1}`)))
  })
})
