import { startRedis, type RedisOptions, type ServerProcess } from '@tiktok-auth/test-servers'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterEach, describe, expect, test } from 'vitest'
import { redisTokenStore } from '../src/index.ts'

const servers: ServerProcess[] = []
const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0)) close()
  for (const server of servers.splice(0)) await server.kill()
})

/** A server of that kind; `undefined`, with a printed line, where the machine has none. */
async function start(options: RedisOptions): Promise<string | undefined> {
  const server = await startRedis(options)
  if (server?.process === undefined) return undefined
  servers.push(server.process)
  return server.url
}

function ioredis(url: string): Redis {
  const client = new Redis(url)
  closing.push(() => client.disconnect())
  return client
}

describe('setup', () => {
  test('has nothing to say of a server that keeps what it acknowledges', async ({ skip }) => {
    const url = (await start({ persistence: 'aof' })) ?? skip('no redis-server')
    const nodeRedis = createClient({ url })
    await nodeRedis.connect()
    closing.push(() => nodeRedis.destroy())
    for (const client of [ioredis(url), nodeRedis]) {
      expect(await redisTokenStore(client).setup()).toEqual({
        masters: 1,
        maxmemoryPolicy: 'noeviction',
        appendOnly: true,
        appendFsync: 'always',
        replicas: 0,
        warnings: [],
      })
    }
  })

  test.each([
    { config: { appendonly: 'no' }, warning: 'no append-only file' },
    { config: { appendonly: 'yes', appendfsync: 'everysec' }, warning: 'appendfsync everysec' },
    { config: { appendonly: 'yes', appendfsync: 'no' }, warning: 'appendfsync no' },
    {
      config: { appendonly: 'yes', appendfsync: 'always', 'maxmemory-policy': 'allkeys-lru' },
      warning: 'maxmemory-policy allkeys-lru',
    },
  ])('warns of $warning', async ({ config, warning }) => {
    const url = await start({ config })
    if (url === undefined) return
    const { warnings } = await redisTokenStore(ioredis(url)).setup()
    expect(warnings).toEqual([expect.stringContaining(warning)])
  })

  test('warns of replicas', async ({ skip }) => {
    const url = (await start({ persistence: 'aof' })) ?? skip('no redis-server')
    const { port } = new URL(url)
    await start({ config: { replicaof: `127.0.0.1 ${port}` } })
    const store = redisTokenStore(ioredis(url))
    await expect
      .poll(() => store.setup())
      .toMatchObject({ replicas: 1, warnings: [expect.stringContaining('failover')] })
  })

  test('says unknown, not fine, of a server that refuses to tell', async ({ skip }) => {
    const url = (await start({ persistence: 'aof' })) ?? skip('no redis-server')
    await ioredis(url).acl('SETUSER', 'app', 'on', '>secret', '~*', '+@all', '-config')
    await ioredis(url).acl('SETUSER', 'less', 'on', '>secret', '~*', '+@all', '-config', '-info')
    const app = redisTokenStore(ioredis(url.replace('//', '//app:secret@')))
    expect(await app.setup()).toMatchObject({
      appendOnly: true,
      appendFsync: undefined,
      warnings: [expect.stringContaining('does not say when')],
    })
    const less = redisTokenStore(ioredis(url.replace('//', '//less:secret@')))
    expect(await less.setup()).toMatchObject({
      maxmemoryPolicy: undefined,
      appendOnly: undefined,
      warnings: [
        expect.stringContaining('does not say what'),
        expect.stringContaining('does not say whether'),
      ],
    })
  })

  test('rejects when the server cannot be reached', async ({ skip }) => {
    const url = (await start({})) ?? skip('no redis-server')
    const client = new Redis(url)
    client.disconnect()
    await expect(redisTokenStore(client).setup()).rejects.toMatchObject({ code: 'store', operation: 'setup' })
  })
})
