import type { KeyPage } from '@tiktok-auth/core'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  startRedis,
  startRedisCluster,
  type RedisServer,
  type ServerProcess,
} from '@tiktok-auth/test-servers'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { bucketOf } from '../src/buckets.ts'
import { redisTokenStore, type RedisClient } from '../src/index.ts'
import { clients } from './support/clients.ts'
import { newEntry } from './support/entries.ts'
import { sealedHandle } from './support/sealed.ts'

type OwnServer = Required<RedisServer>

const server = owned(await startRedis({ persistence: 'aof' }))
const url = server?.url ?? ''
const openClients: (() => unknown)[] = []
const openServers: ServerProcess[] = server ? [server.process] : []

afterEach(async () => {
  for (const close of openClients.splice(0)) await close()
})

afterAll(async () => {
  for (const open of openServers) await open.kill()
})

test.each([undefined, null, {}, 'redis://127.0.0.1', { query: () => {} }])(
  'a client that is none is refused',
  (client) => {
    expect(() => redisTokenStore(client as unknown as RedisClient)).toThrow(
      expect.objectContaining({ code: 'configuration', option: 'client' }),
    )
  },
)

test.each(['{a}', 'a{', '}', '\uD800', 5])('a prefix that breaks hash tags or text is refused', (prefix) => {
  const client = { evalsha: async () => null, eval: async () => null }
  expect(() => redisTokenStore(client, { prefix: prefix as string })).toThrow(
    expect.objectContaining({ code: 'configuration', option: 'prefix' }),
  )
})

describe.skipIf(server === undefined)('on a server of its own', () => {
  test.each(['node-redis 6', 'ioredis 6'])('%s: scripts come back after SCRIPT FLUSH', async (library) => {
    const { client } = await connect(library)
    const store = redisTokenStore(client)
    const [key, first] = [crypto.randomUUID(), newEntry()]
    const admin = redis()
    await admin.script('FLUSH')
    expect(await store.insert(key, first)).toBe(true)
    await admin.script('FLUSH')
    expect((await store.read(key))?.revision).toBe(first.revision)
    await admin.script('FLUSH')
    expect(await store.replace(key, first.revision, newEntry())).toBe(true)
    await admin.script('FLUSH')
    expect(await store.due({ prefix: key, before: Date.now(), limit: 1 })).toEqual([])
  })

  test.each(['node-redis 6', 'node-redis 4', 'ioredis 6'])(
    '%s: writes in flight when the server is killed reject, and what was acknowledged is there afterwards',
    async (library) => {
      const store = redisTokenStore((await connect(library, { maxRetriesPerRequest: 0 })).client)
      const prefix = `${crypto.randomUUID()}:`
      const entries = Array.from({ length: 40 }, () => newEntry())
      for (const [index, entry] of entries.slice(0, 20).entries())
        expect(await store.insert(prefix + index, entry)).toBe(true)
      own().freeze()
      const writes = entries.slice(20).map((entry, index) => store.insert(`${prefix}${20 + index}`, entry))
      const outcomes = Promise.allSettled(writes)
      await own().kill()
      for (const { status, ...outcome } of await outcomes)
        expect({ status, code: 'reason' in outcome ? outcome.reason.code : outcome.value }).toEqual({
          status: 'rejected',
          code: 'store',
        })
      await own().restart()
      const after = redisTokenStore(redis())
      for (const [index, entry] of entries.slice(0, 20).entries())
        expect((await after.read(prefix + index))?.revision).toBe(entry.revision)
    },
  )

  test('a scan that a restart interrupts still gives every key', { timeout: 60_000 }, async () => {
    // Long keys of one bucket: Redis keeps small sets of short ones in one piece, and gives them at once.
    const prefix = `${crypto.randomUUID()}${'-'.repeat(80)}`
    const candidates = Array.from({ length: 100_000 }, (_, index) => `${prefix}${index}`)
    const keys = candidates.filter((key) => bucketOf(key) === 0).slice(0, 300)
    const before = redisTokenStore(redis())
    await Promise.all(keys.map((key) => before.insert(key, newEntry())))
    const found = new Set<string>()
    let after: string | undefined
    for (let pages = 0; pages < 10; pages++) {
      const page = await before.scan({ prefix, limit: 10, ...(after !== undefined && { after }) })
      for (const key of page.keys) found.add(key)
      after = page.next
    }
    expect(found.size).toBeLessThan(keys.length)
    await own().restart()
    const restarted = redisTokenStore(redis())
    while (after !== undefined) {
      const page: KeyPage = await restarted.scan({ prefix, limit: 10, after })
      for (const key of page.keys) found.add(key)
      after = page.next
    }
    expect(found.size).toBe(keys.length)
  })

  test('a restarted server that is empty has no rows, and takes new ones by the same client', async () => {
    const other = owned(await startRedis())
    if (other === undefined) throw new Error('there was one before')
    openServers.push(other.process)
    const client = redis({ retryStrategy: () => 50, maxRetriesPerRequest: null }, other.url)
    const store = redisTokenStore(client)
    const key = crypto.randomUUID()
    const first = newEntry()
    expect(await store.insert(key, first)).toBe(true)
    await other.process.restart()
    expect(await store.read(key)).toBeUndefined()
    expect(await store.replace(key, first.revision, newEntry())).toBe(false)
    expect(await store.insert(key, newEntry())).toBe(true)
  })

  test('a frozen server is a rejection after the client’s own timeout; the row tells what became of the write', async () => {
    const nodeRedis = createClient({ url, socket: { socketTimeout: 500 } })
    nodeRedis.on('error', () => {})
    await nodeRedis.connect()
    openClients.push(() => nodeRedis.destroy())
    const ioredis = redis({ commandTimeout: 500 })
    await ioredis.ping()
    for (const client of [nodeRedis, ioredis]) {
      const store = redisTokenStore(client)
      const [key, entry] = [crypto.randomUUID(), newEntry()]
      await store.read(key)
      own().freeze()
      const outcome = await store.insert(key, entry).catch((error: unknown) => error)
      own().thaw()
      expect(outcome).toMatchObject({ code: 'store', operation: 'insert' })
      const reader = redisTokenStore(redis())
      expect([undefined, entry.revision]).toContain((await reader.read(key))?.revision)
    }
  })

  test('a client made as the README says comes back after its timeout has struck', async () => {
    const example = readFileSync(new URL('./readme-example.ts', import.meta.url), 'utf8')
    expect(example).toContain('reconnectStrategy: (retries) => Math.min(2_000, 50 * 2 ** retries)')
    const reconnectStrategy = (retries: number): number => Math.min(2_000, 50 * 2 ** retries)
    const client = createClient({ url, pingInterval: 100, socket: { socketTimeout: 500, reconnectStrategy } })
    let timeouts = 0
    client.on('error', (error: Error) => {
      if (error.message.includes('timeout')) timeouts++
    })
    await client.connect()
    openClients.push(() => client.destroy())
    const store = redisTokenStore(client)
    const [key, entry] = [crypto.randomUUID(), newEntry()]
    expect(await store.insert(key, entry)).toBe(true)
    own().freeze()
    await expect.poll(() => timeouts).toBeGreaterThan(0)
    own().thaw()
    await expect
      .poll(() =>
        store
          .read(key)
          .then((row) => row?.revision)
          .catch(() => undefined),
      )
      .toBe(entry.revision)
  })

  test('a failed write names the operation and quotes neither key nor value', async () => {
    const client = redis()
    const store = redisTokenStore(client, { prefix: 'wrongtype:' })
    const [key, value] = ['somebody', 'canary-access-token']
    const { bucketAt, bucketOf } = await import('../src/buckets.ts')
    await client.set(bucketAt('wrongtype:', bucketOf(key)).row(key), 'somebody else’s string')
    const error = await store.replace(key, 'r', newEntry({ value })).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'store', operation: 'replace' })
    expect(everythingOf(error)).toContain('WRONGTYPE')
    expect(everythingOf(error)).not.toMatch(/canary|somebody/)
  })

  test('a full server refuses writes, and keeps what it has', async () => {
    const full = owned(await startRedis({ config: { maxmemory: '3mb', 'maxmemory-policy': 'noeviction' } }))
    if (full === undefined) throw new Error('there was one before')
    openServers.push(full.process)
    const store = redisTokenStore(redis({}, full.url))
    const value = 'canary'.repeat(2000)
    const kept: string[] = []
    let refused: unknown
    for (let index = 0; refused === undefined && index < 1000; index++) {
      await store.insert(`user-${index}`, newEntry({ value })).then(
        () => kept.push(`user-${index}`),
        (error: unknown) => (refused = error),
      )
    }
    expect(refused).toMatchObject({ code: 'store', operation: 'insert' })
    expect(everythingOf(refused)).toContain('OOM')
    expect(everythingOf(refused)).not.toContain('canary')
    expect(kept.length).toBeGreaterThan(0)
    for (const key of kept) expect((await store.read(key))?.value).toBe(value)
  })

  test('keys of rows that have ended leave the queue, by due and by removeExpired', async () => {
    const prefix = `${crypto.randomUUID()}:`
    const client = redis()
    const store = redisTokenStore(client, { prefix })
    const soon = Date.now() + 3000
    const ending = Array.from({ length: 20 }, async (_, index) => {
      await store.insert(`due-${index}`, newEntry({ dueAt: 1, expiresAt: soon }))
      await store.insert(`never-${index}`, newEntry({ expiresAt: soon }))
    })
    await Promise.all(ending)
    await store.insert('due-living', newEntry({ dueAt: 1 }))
    await store.insert('never-living', newEntry())
    expect(await queued(client, prefix)).toBe(42)
    await expect.poll(() => client.keys(`${prefix}*:row:*`)).toHaveLength(2)
    expect(await store.due({ prefix: '', before: Date.now(), limit: 1000 })).toEqual(['due-living'])
    expect(await queued(client, prefix)).toBe(22)
    expect(await store.removeExpired()).toBe(20)
    expect(await queued(client, prefix)).toBe(2)
    expect(await store.removeExpired()).toBe(0)
  })

  test('sealed tokens are found in no file of the server; plain ones are', async () => {
    const store = redisTokenStore(redis())
    const [sealedCanary, plainCanary] = ['canary-sealed-9f2c', 'canary-plain-51ab']
    await sealedHandle(store).insert(crypto.randomUUID(), newEntry({ value: sealedCanary }))
    await store.insert(crypto.randomUUID(), newEntry({ value: plainCanary }))
    await redis().save()
    const files = filesOf(own().folder)
    expect(files.map(({ name }) => name).join(' ')).toMatch(/\.aof.*dump\.rdb|dump\.rdb.*\.aof/)
    expect(files.some(({ content }) => content.includes(plainCanary))).toBe(true)
    expect(files.filter(({ content }) => content.includes(sealedCanary))).toEqual([])
  })
})

describe('on a cluster', () => {
  let urls: readonly string[] | undefined
  beforeAll(async () => {
    const nodes = await startRedisCluster(3)
    openServers.push(...(nodes ?? []).map((node) => node.process))
    urls = nodes?.map((node) => node.url)
  })

  test('rows lie on every master, each beside its queue', async ({ skip }) => {
    const nodes = urls ?? skip('no redis-server')
    const connect = clients.cluster['node-redis 6']
    if (connect === undefined) throw new Error('there is such a client')
    const { client, close } = await connect(nodes)
    openClients.push(close)
    const store = redisTokenStore(client)
    const keys = Array.from({ length: 120 }, (_, index) => `user-${index}`)
    for (const key of keys) await store.insert(key, newEntry({ dueAt: 1 }))
    for (const node of nodes) expect(await redis({}, node).dbsize()).toBeGreaterThan(20)
    const due = await store.due({ prefix: 'user-', before: 1, limit: 1000 })
    expect(due.toSorted()).toEqual(keys.toSorted())
    expect((await store.setup()).masters).toBe(3)
  })
})

async function connect(library: string, options: object = {}): Promise<{ client: RedisClient }> {
  if (library.startsWith('ioredis')) return { client: redis(options) }
  const connected = await clients.single[library]?.([url])
  if (connected === undefined) throw new Error(`no client ${library}`)
  openClients.push(connected.close)
  return connected
}

function redis(options: object = {}, address: string = url): Redis {
  const client = new Redis(address, options)
  client.on('error', () => {})
  openClients.push(() => client.disconnect())
  return client
}

function own(): ServerProcess {
  if (server === undefined) throw new Error('these tests are skipped without a server')
  return server.process
}

function owned(found: RedisServer | undefined): OwnServer | undefined {
  return found?.process === undefined ? undefined : { url: found.url, process: found.process }
}

async function queued(client: Redis, prefix: string): Promise<number> {
  const queues = await client.keys(`${prefix}*:due`)
  const sizes = await Promise.all(queues.map((queue) => client.zcard(queue)))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** An error as a thorough logger prints it. */
function everythingOf(error: unknown): string {
  const seen: string[] = []
  for (let each = error; each instanceof Error; each = each.cause)
    seen.push(String(each.stack), JSON.stringify(Object.entries(each)))
  return seen.join('\n')
}

function filesOf(folder: string): readonly { name: string; content: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ name: entry.name, content: readFileSync(join(entry.parentPath, entry.name)) }))
}
