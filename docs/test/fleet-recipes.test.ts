import type { TokenManager } from '@tiktok-auth/core'
import { postgresTokenStore } from '@tiktok-auth/store-postgres'
import { redisTokenStore } from '@tiktok-auth/store-redis'
import { startPostgres, startRedis } from '@tiktok-auth/test-servers'
import type { ConnectionOptions } from 'bullmq'
import { makeWorkerUtils, runMigrations, type Runner } from 'graphile-worker'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { createFleet, workOf, type Fleet } from './support/fleet.ts'
import { recipe } from './support/recipe.ts'

const users = 120
const members = 4
// Every grant was refreshed once, by one request, and more than one member had a part in it.
const disjoint = { requests: users, tokens: users, refused: [], refreshed: users, alone: false }
const postgres = await startPostgres()
const redis = await startRedis({ persistence: 'aof', config: { 'maxmemory-policy': 'noeviction' } })
const closing: (() => Promise<unknown>)[] = []

afterAll(async () => {
  for (const close of closing.toReversed()) await close()
  await postgres?.process?.kill()
  await redis?.process?.kill()
})

function connect(): pg.Pool {
  const pool = new pg.Pool({ connectionString: postgres?.url })
  closing.push(() => pool.end())
  return pool
}

async function fleetOnPostgres(
  schema: string,
): Promise<{ fleet: Fleet; pools: readonly pg.Pool[]; tokens: readonly TokenManager[] }> {
  const store = postgresTokenStore(connect(), { schema })
  await store.setup()
  const fleet = await createFleet(store, users)
  closing.push(fleet.close)
  const pools = Array.from({ length: members }, connect)
  return { fleet, pools, tokens: pools.map((pool) => fleet.member(postgresTokenStore(pool, { schema }))) }
}

const untilAllAreRefreshed = (fleet: Fleet): Promise<void> =>
  vi.waitFor(() => expect(fleet.refreshes().filter(({ effect }) => effect === 'ok').length).toBe(users), {
    timeout: 60_000,
    interval: 100,
  })

const closeAll = (tokens: readonly TokenManager[]): Promise<unknown> =>
  Promise.all(tokens.map((each) => each.close()))

describe.skipIf(postgres === undefined)('on PostgreSQL', () => {
  test('four processes with a timer refresh each grant once', async () => {
    type KeepFresh = (tokens: TokenManager, everyMs?: number) => () => void
    const { keepFresh } = await recipe<{ keepFresh: KeepFresh }>('keepFresh')
    const { fleet, tokens } = await fleetOnPostgres('by_timer')
    const stops = tokens.map((each) => keepFresh(each, 200))
    await untilAllAreRefreshed(fleet)
    for (const stop of stops) stop()
    await closeAll(tokens)
    expect(workOf(fleet)).toEqual(disjoint)
  })

  test('four graphile workers refresh each grant once', async () => {
    type KeepFresh = (tokens: TokenManager, pool: pg.Pool) => Promise<Runner>
    const { keepFreshByGraphileWorker } = await recipe<{ keepFreshByGraphileWorker: KeepFresh }>(
      'keepFreshByGraphileWorker',
    )
    const { fleet, pools, tokens } = await fleetOnPostgres('by_graphile')
    // What a deployment does first.
    await runMigrations({ pgPool: connect() })
    const runners = await Promise.all(
      tokens.map((each, index) => keepFreshByGraphileWorker(each, pools[index] ?? connect())),
    )
    const pool = connect()
    const scheduled = await pool.query<{ identifier: string }>(
      'SELECT identifier FROM graphile_worker._private_known_crontabs ORDER BY identifier',
    )
    expect(scheduled.rows.map(({ identifier }) => identifier)).toEqual(
      ['1', '2', '3', '4'].map((lane) => `tiktok-refresh-due-${lane}`),
    )
    // What the clock does each minute.
    const utils = await makeWorkerUtils({ pgPool: pool })
    for (let job = 0; job < members; job++) await utils.addJob('tiktok-refresh-due', {})
    await untilAllAreRefreshed(fleet)
    await closeAll(tokens)
    await Promise.all(runners.map((runner) => runner.stop()))
    expect(workOf(fleet)).toEqual(disjoint)
  })
})

describe.skipIf(redis === undefined)('on Redis', () => {
  test('four BullMQ workers refresh each grant once', async () => {
    type KeepFresh = (
      tokens: TokenManager,
      connection: ConnectionOptions,
      every: number,
    ) => Promise<() => Promise<void>>
    const { keepFreshByBullMq } = await recipe<{ keepFreshByBullMq: KeepFresh }>('keepFreshByBullMq')
    const url = redis?.url ?? ''
    const connection = { url, maxRetriesPerRequest: null }
    const clients = Array.from({ length: members + 1 }, () => new Redis(url))
    closing.push(async () => clients.forEach((client) => client.disconnect()))
    const [store, ...own] = clients.map((client) => redisTokenStore(client))
    if (store === undefined) throw new Error('no client')
    const fleet = await createFleet(store, users)
    closing.push(fleet.close)
    const tokens = own.map((each) => fleet.member(each))
    const stops = await Promise.all(tokens.map((each) => keepFreshByBullMq(each, connection, 500)))
    await untilAllAreRefreshed(fleet)
    await closeAll(tokens)
    await Promise.all(stops.map((stop) => stop()))
    const failed = await clients[0]?.zcard('bull:tiktok-tokens:failed')
    expect(failed).toBe(0)
    expect(workOf(fleet)).toEqual(disjoint)
  })
})
