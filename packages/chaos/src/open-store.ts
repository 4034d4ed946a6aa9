import type { TokenStore } from '@tiktok-auth/core'
import { postgresTokenStore } from '@tiktok-auth/store-postgres'
import { redisTokenStore } from '@tiktok-auth/store-redis'
import { openSqlite, sqliteTokenStore } from '@tiktok-auth/store-sqlite'
import pg from 'pg'
import { createClient } from 'redis'
import type { StoreKind } from './messages.ts'

/** A store of one's own connection. */
export interface OpenStore {
  readonly store: TokenStore
  close(): Promise<void>
}

/** Where a store is. */
export interface StorePlace {
  readonly kind: StoreKind
  readonly address: string
  readonly space: string
}

/** Connects to a store and sets it up, as each process of an application does. */
export async function openStore({ kind, address, space }: StorePlace): Promise<OpenStore> {
  switch (kind) {
    case 'sqlite': {
      const store = sqliteTokenStore(await openSqlite(`${address}/${space}.sqlite`))
      await store.setup()
      return { store, close: () => store.close() }
    }
    case 'redis': {
      const reconnectStrategy = (retries: number): number => Math.min(2_000, 50 * 2 ** retries)
      const socket = { socketTimeout: 10_000, reconnectStrategy }
      const client = createClient({ url: address, pingInterval: 4_000, socket })
      // Each command rejects by itself.
      client.on('error', () => {})
      await client.connect()
      return {
        store: redisTokenStore(client, { prefix: `${space}:` }),
        close: async () => client.destroy(),
      }
    }
    case 'postgres': {
      const pool = new pg.Pool({ connectionString: address, max: 10, connectionTimeoutMillis: 5_000 })
      // A connection that breaks while nobody uses it; the pool makes another one.
      pool.on('error', () => {})
      const store = postgresTokenStore(pool, { schema: space })
      await store.setup()
      return { store, close: () => pool.end() }
    }
  }
}
