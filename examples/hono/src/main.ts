import { serve } from '@hono/node-server'
import { readSettings } from '@tiktok-auth/example-view'
import { openSqlite, sqliteTokenStore } from '@tiktok-auth/store-sqlite'
import { createApp } from './server.ts'

const { port, ...settings } = readSettings()

// So that a restart keeps everybody connected. Several machines share a database instead: store-postgres, store-redis.
const store = sqliteTokenStore(await openSqlite('grants.sqlite'))
await store.setup()

const app = createApp({ ...settings, store })
serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, () => console.log(`http://127.0.0.1:${port}`))
