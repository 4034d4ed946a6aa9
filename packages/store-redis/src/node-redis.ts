import type { Driver, ScriptInput } from './client.ts'

/** What the store uses of node-redis: a client, a pool, a cluster or a sentinel, version 4 or later. */
export interface NodeRedisClient {
  /** Runs a script that the server knows. */
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  /** Runs a script, after which the server knows it. */
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

interface NodeRedisCluster {
  readonly masters: readonly unknown[]
  nodeClient(node: unknown): unknown
  sendCommand(firstKey: string, isReadonly: boolean, args: string[]): Promise<unknown>
}

/** Makes a driver over node-redis. */
export function overNodeRedis(client: NodeRedisClient): Driver {
  if (isCluster(client)) return overCluster(client)
  return {
    evalSha: ({ sha1 }, { keys, args }) => client.evalSha(sha1, { keys: [...keys], arguments: [...args] }),
    eval: ({ source }, { keys, args }) => client.eval(source, { keys: [...keys], arguments: [...args] }),
    setting: async (name) => [await configGet(client, name)],
  }
}

/** Names the key to route by itself: version 4 sends scripts to any node, and gives up after some redirections. */
function overCluster(cluster: NodeRedisCluster): Driver {
  const send = (command: readonly [name: string, script: string], { keys, args }: ScriptInput) =>
    cluster.sendCommand(keys[0] ?? '', false, [...command, String(keys.length), ...keys, ...args])
  return {
    evalSha: ({ sha1 }, input) => send(['EVALSHA', sha1], input),
    eval: ({ source }, input) => send(['EVAL', source], input),
    setting: (name) =>
      Promise.all(cluster.masters.map(async (node) => configGet(await cluster.nodeClient(node), name))),
  }
}

function isCluster(client: object): client is NodeRedisCluster {
  if (!('masters' in client && 'nodeClient' in client && 'sendCommand' in client)) return false
  return Array.isArray(client.masters) && [client.nodeClient, client.sendCommand].every(isFunction)
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

async function configGet(node: unknown, name: string): Promise<unknown> {
  if (typeof node !== 'object' || node === null) return undefined
  if (!('configGet' in node) || typeof node.configGet !== 'function') return undefined
  const settings: unknown = await node.configGet(name)
  return typeof settings === 'object' && settings !== null
    ? (settings as Record<string, unknown>)[name]
    : undefined
}
