import { createServer } from 'node:http'
import { readSettings } from '@tiktok-auth/example-view'
import { openSqlite, sqliteTokenStore } from '@tiktok-auth/store-sqlite'
import { createApp } from './server'

async function start(): Promise<void> {
  const { port, redirectUri: callbackURL, ...settings } = readSettings()
  // So that a restart keeps everybody connected. Several machines share a database instead: store-postgres, store-redis.
  const store = sqliteTokenStore(await openSqlite('grants.sqlite'))
  await store.setup()
  const app = await createApp({ ...settings, callbackURL, store })
  createServer(app).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`))
}

void start()
