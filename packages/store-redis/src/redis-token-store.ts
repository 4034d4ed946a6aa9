import {
  ConfigurationError,
  StoreError,
  type StoredEntry,
  type StoreEntry,
  type TokenStore,
} from '@tiktok-auth/core'
import { bucketAt, bucketOf } from './buckets.ts'
import { asText, asTexts, createRunScript, driverFor, type RedisClient } from './client.ts'
import { checkDurability, type RedisDurability } from './durability.ts'
import { createQueues } from './queues.ts'
import { insertScript, readScript, replaceScript } from './scripts.ts'
import { checkInteger, checkText } from './text.ts'

/** Options of {@link redisTokenStore}. */
export interface RedisTokenStoreOptions {
  /**
   * What every Redis key of this store begins with; without braces. Default `tiktok-auth:`.
   *
   * Apps with client keys of their own that share one Redis should each have one, so that none reads through the others' queues.
   */
  readonly prefix?: string
}

/** A token store on Redis. */
export interface RedisTokenStore extends TokenStore {
  /** For `tokens.refreshDue`. */
  due: NonNullable<TokenStore['due']>
  /** For `tokens.reseal`. */
  scan: NonNullable<TokenStore['scan']>
  /**
   * Looks at how long the servers keep what they acknowledge, as far as they tell. Changes nothing: there is no schema.
   *
   * Print its `warnings` when the app starts: each names a way in which grants get lost.
   */
  setup(): Promise<RedisDurability>
  /**
   * Takes rows that have ended out of the queues and gives their number. Redis drops the rows by itself, so this frees
   * little memory: run it daily, say.
   */
  removeExpired(): Promise<number>
}

const defaultPrefix = 'tiktok-auth:'

/**
 * Keeps grants in Redis 6 or later, Valkey included, a single server or a cluster, for any number of processes.
 *
 * Takes a connected client of node-redis or ioredis. Rows lie in 256 buckets, each in one hash slot; every write is one script.
 * Redis acknowledges writes that it may still lose: call `setup()` and read what it says.
 *
 * @throws `configuration` when the client is neither, or the prefix has braces.
 * @example const store = redisTokenStore(await createClient({ url }).connect())
 */
export function redisTokenStore(
  client: RedisClient,
  { prefix = defaultPrefix }: RedisTokenStoreOptions = {},
): RedisTokenStore {
  if (typeof prefix !== 'string' || /[{}\p{Surrogate}]/u.test(prefix))
    throw new ConfigurationError('prefix', 'must be well-formed text without braces.')
  const driver = driverFor(client)
  const run = createRunScript(driver)
  const queues = createQueues(run, prefix)

  function placeOf(key: string): { row: string; queue: string } {
    checkText('key', key)
    const bucket = bucketAt(prefix, bucketOf(key))
    return { row: bucket.row(key), queue: bucket.queue }
  }

  return {
    async read(key) {
      const reply = await run('read', readScript, { keys: [placeOf(key).row], args: [] })
      return reply === null || reply === undefined ? undefined : entryOf(reply)
    },
    async insert(key, entry) {
      const { row, queue } = placeOf(key)
      const args = [key, ...argumentsOf(entry)]
      return isDone(await run('insert', insertScript, { keys: [row, queue], args }))
    },
    async replace(key, expectedRevision, entry) {
      const { row, queue } = placeOf(key)
      checkText('expectedRevision', expectedRevision)
      const args = [key, ...argumentsOf(entry), expectedRevision]
      return isDone(await run('replace', replaceScript, { keys: [row, queue], args }))
    },
    due: queues.due,
    scan: queues.scan,
    setup: () => checkDurability(driver, run, prefix),
    removeExpired: queues.removeExpired,
  }
}

function argumentsOf({ revision, value, expiresAt, dueAt }: StoreEntry): readonly string[] {
  checkText('revision', revision)
  checkText('value', value)
  checkInteger('expiresAt', expiresAt)
  checkInteger('dueAt', dueAt)
  return [revision, value, String(expiresAt), String(dueAt)]
}

function isDone(reply: unknown): boolean {
  const text = asText(reply)
  if (text === '1') return true
  if (text === '0') return false
  throw new StoreError('write', { problem: 'the server gave something unexpected.' })
}

function entryOf(reply: unknown): StoredEntry {
  const [revision, value, expiresAt, dueAt, age] = asTexts(reply)
  if (revision === undefined || value === undefined)
    throw new StoreError('read', { problem: 'the row is incomplete.' })
  return {
    revision,
    value,
    expiresAt: Number(expiresAt),
    dueAt: Number(dueAt),
    // The server's clock may have been set back since.
    ageMs: Math.max(0, Number(age)),
  }
}
