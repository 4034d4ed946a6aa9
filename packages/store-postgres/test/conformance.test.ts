import { tokenStoreCases, type TokenStoreSubject } from '@tiktok-auth/conformance'
import { startPostgres } from '@tiktok-auth/test-servers'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { afterAll, describe, test } from 'vitest'
import { postgresTokenStore } from '../src/index.ts'
import { sealed } from './support/sealed.ts'

const server = await startPostgres()
const embedded = await PGlite.create()
const closed = await PGlite.create()
await closed.close()

afterAll(async () => {
  await embedded.close()
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
  { backend: 'PostgreSQL', create: server && (() => overServer(server.url)) },
  { backend: 'PGlite', create: overPglite },
])('on $backend', ({ create }) => {
  describe.skipIf(create === undefined)('a store', { concurrent: true }, () => {
    for (const { name, run } of tokenStoreCases) {
      test(name, () => run(async () => (create ?? overPglite)()))
      test(`${name} (sealed)`, () => run(async () => sealed(await (create ?? overPglite)())))
    }
  })
})
