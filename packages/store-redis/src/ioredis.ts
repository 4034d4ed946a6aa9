import type { Driver } from './client.ts'

/** What the store uses of ioredis: `Redis` or `Cluster`, version 5 or later. */
export interface IoredisClient {
  /** Runs a script that the server knows. */
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  /** Runs a script, after which the server knows it. */
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
}

/** Makes a driver over ioredis. */
export function overIoredis(client: IoredisClient): Driver {
  return {
    evalSha: ({ sha1 }, { keys, args }) => client.evalsha(sha1, keys.length, ...keys, ...args),
    eval: ({ source }, { keys, args }) => client.eval(source, keys.length, ...keys, ...args),
    setting: (name) => Promise.all(mastersOf(client).map((node) => configGet(node, name))),
  }
}

async function configGet(node: object, name: string): Promise<unknown> {
  if (!('config' in node) || typeof node.config !== 'function') return undefined
  const pair: unknown = await node.config('GET', name)
  // A map in the third version of the protocol, a flat list before.
  if (Array.isArray(pair)) return pair[1]
  return typeof pair === 'object' && pair !== null ? (pair as Record<string, unknown>)[name] : undefined
}

/** A cluster gives a client for each of its masters; anything else stands for its one server. */
function mastersOf(client: object): readonly object[] {
  if (!('nodes' in client) || typeof client.nodes !== 'function') return [client]
  const nodes: unknown = client.nodes('master')
  return Array.isArray(nodes) ? (nodes as readonly object[]) : [client]
}
