import { ConfigurationError, StoreError } from '@tiktok-auth/core'
import { type IoredisClient, overIoredis } from './ioredis.ts'
import { type NodeRedisClient, overNodeRedis } from './node-redis.ts'
import type { Script } from './scripts.ts'

/** node-redis (client, pool, cluster or sentinel) or ioredis (`Redis` or `Cluster`). */
export type RedisClient = NodeRedisClient | IoredisClient

/** What a script works on. All keys lie in one hash slot. */
export interface ScriptInput {
  readonly keys: readonly string[]
  readonly args: readonly string[]
}

/** The few things the store wants of any client. */
export interface Driver {
  /** Runs a script by its name. */
  evalSha(script: Script, input: ScriptInput): Promise<unknown>
  /** Runs a script by its source. */
  eval(script: Script, input: ScriptInput): Promise<unknown>
  /** Asks each master it knows for a setting; gives what was answered. */
  setting(name: string): Promise<readonly unknown[]>
}

/** Runs a script and gives its reply. */
export type RunScript = (operation: string, script: Script, input: ScriptInput) => Promise<unknown>

/**
 * Finds out by its methods which client it is.
 *
 * @throws `configuration` when it is none.
 */
export function driverFor(client: RedisClient): Driver {
  if (typeof client === 'object' && client !== null) {
    if ('evalSha' in client && typeof client.evalSha === 'function') return overNodeRedis(client)
    if ('evalsha' in client && typeof client.evalsha === 'function') return overIoredis(client)
  }
  throw new ConfigurationError('client', 'must be a client of node-redis or ioredis.')
}

/** Makes the one way scripts are run: by name, and by source on a server that does not know the name. */
export function createRunScript(driver: Driver): RunScript {
  return async (operation, script, input) => {
    try {
      return await driver.evalSha(script, input).catch((error: unknown) => {
        // Nothing has run yet. A restart, a failover and SCRIPT FLUSH all empty the server's memory of scripts.
        if (messageOf(error).startsWith('NOSCRIPT')) return driver.eval(script, input)
        throw error
      })
    } catch (error) {
      throw new StoreError(operation, { cause: withoutArguments(error) })
    }
  }
}

/** Reads a reply that is text; clients may be set to give bytes, and numbers for whole numbers. */
export function asText(reply: unknown): string {
  if (typeof reply === 'string') return reply
  if (typeof reply === 'number') return String(reply)
  if (reply instanceof Uint8Array) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(reply)
  throw new StoreError('read', { problem: 'the server gave something unexpected.' })
}

/** Reads a reply that is a list of texts. */
export function asTexts(reply: unknown): readonly string[] {
  if (!Array.isArray(reply))
    throw new StoreError('read', { problem: 'the server gave something unexpected.' })
  return reply.map(asText)
}

// ioredis puts the whole command beside the message, and old servers quote arguments in it: grants, in plain text perhaps.
function withoutArguments(error: unknown): Error {
  const message = messageOf(error).replace(/,? with args beginning with:.*/s, '')
  return Object.assign(new Error(message), { name: error instanceof Error ? error.name : 'Error' })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'The client failed without an error.'
}
