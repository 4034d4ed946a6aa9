import { tokenStoreCases, type TokenStoreSubject } from '@tiktok-auth/conformance'
import { startPgBouncer, startPostgres } from '@tiktok-auth/test-servers'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { afterAll, describe, expect, test } from 'vitest'
import { postgresTokenStore } from '../src/index.ts'
import { sealed } from './support/sealed.ts'

const server = await startPostgres()
const pooler = server && (await startPgBouncer(server))
const embedded = await PGlite.create()
const closed = await PGlite.create()
await closed.close()

afterAll(async () => {
  await embedded.close()
  await pooler?.process.kill()
  await server?.process?.kill()
})

/** Two pools on one server, as two app servers have. */
async function overServer(url: string): Promise<TokenStoreSubject> {
  const pools = [1, 2].map(() => new pg.Pool({ connectionString: url, max: 5 }))
  const [store, second] = pools.map((pool) => postgresTokenStore(pool))
  if (store === undefined || second === undefined) throw new Error('two pools make two stores')
  await store.setup()
  return {
    store,
    second,
    async broken() {
      const pool = new pg.Pool({ connectionString: url })
      await pool.end()
      return postgresTokenStore(pool)
    },
    close: async () => void (await Promise.all(pools.map((pool) => pool.end()))),
  }
}

async function overPglite(): Promise<TokenStoreSubject> {
  const store = postgresTokenStore(embedded)
  await store.setup()
  return {
    store,
    second: postgresTokenStore(embedded),
    broken: async () => postgresTokenStore(closed),
    close: async () => {},
  }
}

describe.each([
  { backend: 'PostgreSQL', create: server && (() => overServer(server.url)), concurrent: true },
  {
    backend: 'PgBouncer, by transaction',
    create: pooler && (() => overServer(pooler.url)),
    concurrent: true,
  },
  // It computes in this process: side by side the cases would only starve one another.
  { backend: 'PGlite', create: overPglite, concurrent: false },
])('on $backend', ({ create, concurrent }) => {
  describe.skipIf(create === undefined)('a store', { concurrent }, () => {
    for (const { name, run } of tokenStoreCases) {
      test(name, () => run(async () => (create ?? overPglite)()))
      test(`${name} (sealed)`, () => run(async () => sealed(await (create ?? overPglite)())))
    }
  })
})

describe.skipIf(pooler === undefined)('PgBouncer', () => {
  test('runs the statements of ten clients on three connections, whichever is free', async () => {
    const pool = new pg.Pool({ connectionString: pooler?.url, max: 10 })
    const asked = Array.from({ length: 100 }, () =>
      pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid, pg_sleep(0.002)'),
    )
    const pids = (await Promise.all(asked)).map(({ rows }) => rows[0]?.pid)
    await pool.end()
    expect(new Set(pids).size).toBe(3)
  })
})
