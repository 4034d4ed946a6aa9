import type { Driver } from './client.ts'

/** What the store uses of node-redis: a client, a pool, a cluster or a sentinel, version 4 or later. */
export interface NodeRedisClient {
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** Makes a driver over node-redis. */
export function overNodeRedis(client: NodeRedisClient): Driver {
  return {
    evalSha: ({ sha1 }, { keys, args }) => client.evalSha(sha1, { keys: [...keys], arguments: [...args] }),
    eval: ({ source }, { keys, args }) => client.eval(source, { keys: [...keys], arguments: [...args] }),
    async setting(name) {
      const nodes = await mastersOf(client)
      return Promise.all(nodes.map((node) => configGet(node, name)))
    },
  }
}

async function configGet(node: object, name: string): Promise<unknown> {
  if (!('configGet' in node) || typeof node.configGet !== 'function') return undefined
  const settings: unknown = await node.configGet(name)
  return typeof settings === 'object' && settings !== null
    ? (settings as Record<string, unknown>)[name]
    : undefined
}

/** A cluster gives a client for each of its masters; anything else stands for its one server. */
async function mastersOf(client: object): Promise<readonly object[]> {
  if (!('masters' in client && Array.isArray(client.masters))) return [client]
  if (!('nodeClient' in client && typeof client.nodeClient === 'function')) return []
  const { nodeClient } = client
  return Promise.all(
    client.masters.map(async (node: unknown) => (await nodeClient.call(client, node)) as object),
  )
}
