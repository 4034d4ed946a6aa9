import { Cluster as IoredisCluster, Redis } from 'ioredis'
import { Cluster as IoredisCluster5, Redis as Redis5 } from 'ioredis5'
import { createClient, createClientPool, createCluster } from 'redis'
import { createClient as createClient4, createCluster as createCluster4 } from 'redis4'
import { createClient as createClient5, createCluster as createCluster5 } from 'redis5'
import type { RedisClient } from '../../src/index.ts'

/** A connected client and how to end it. */
export interface Connected {
  readonly client: RedisClient
  close(): Promise<unknown>
}

/** Connects a client of some library to a server, or to some nodes of a cluster. */
export type Connect = (urls: readonly string[]) => Promise<Connected>

/** Every client the store takes, by what it connects to. */
export const clients: Readonly<Record<'single' | 'cluster', Readonly<Record<string, Connect>>>> = {
  single: {
    'node-redis 6': async ([url = '']) => {
      const client = quiet(createClient({ url }))
      await client.connect()
      return { client, close: async () => client.destroy() }
    },
    'node-redis 6, RESP2': async ([url = '']) => {
      const client = quiet(createClient({ url, RESP: 2 }))
      await client.connect()
      return { client, close: async () => client.destroy() }
    },
    'node-redis 6 pool': async ([url = '']) => {
      const client = quiet(createClientPool({ url }, { minimum: 1, maximum: 5 }))
      await client.connect()
      return { client, close: async () => client.destroy() }
    },
    'node-redis 5': async ([url = '']) => {
      const client = quiet(createClient5({ url }))
      await client.connect()
      return { client, close: async () => client.destroy() }
    },
    'node-redis 4': async ([url = '']) => {
      const client = quiet(createClient4({ url }))
      await client.connect()
      return { client, close: () => client.disconnect() }
    },
    'ioredis 6': async ([url = '']) => {
      const client = quiet(new Redis(url))
      return { client, close: async () => client.disconnect() }
    },
    'ioredis 6 with a key prefix': async ([url = '']) => {
      const client = quiet(new Redis(url, { keyPrefix: 'app:' }))
      return { client, close: async () => client.disconnect() }
    },
    'ioredis 5': async ([url = '']) => {
      const client = quiet(new Redis5(url))
      return { client, close: async () => client.disconnect() }
    },
  },
  cluster: {
    'node-redis 6': async (urls) => {
      const client = quiet(createCluster({ rootNodes: urls.map((url) => ({ url })) }))
      await client.connect()
      return { client, close: async () => client.destroy() }
    },
    'node-redis 5': async (urls) => {
      const client = quiet(createCluster5({ rootNodes: urls.map((url) => ({ url })) }))
      await client.connect()
      return { client, close: async () => client.destroy() }
    },
    'node-redis 4': async (urls) => {
      const client = quiet(createCluster4({ rootNodes: urls.map((url) => ({ url })) }))
      await client.connect()
      return { client, close: () => client.disconnect() }
    },
    'ioredis 6': async (urls) => {
      const client = quiet(new IoredisCluster([...urls]))
      return { client, close: async () => client.disconnect() }
    },
    'ioredis 5': async (urls) => {
      const client = quiet(new IoredisCluster5([...urls]))
      return { client, close: async () => client.disconnect() }
    },
  },
}

/** Failures reach the caller of each command; without a listener they would end the process as well. */
function quiet<Client extends { on(event: 'error', listener: () => void): unknown }>(client: Client): Client {
  client.on('error', () => {})
  return client
}
