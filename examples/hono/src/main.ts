import { serve } from '@hono/node-server'
import { openSqlite, sqliteTokenStore } from '@tiktok-auth/store-sqlite'
import { createApp } from './server.ts'

const wanted = {
  TIKTOK_CLIENT_KEY: 'the client key of your app, from the developer portal',
  TIKTOK_CLIENT_SECRET: 'the client secret beside it',
  TIKTOK_REDIRECT_URI: 'a redirect URI registered there, such as https://your.domain/auth/tiktok/callback',
  TIKTOK_AUTH_SECRET: 'a secret of your own: node -p "crypto.randomBytes(32).toString(\'base64url\')"',
}

const { TIKTOK_CLIENT_KEY, TIKTOK_CLIENT_SECRET, TIKTOK_REDIRECT_URI, TIKTOK_AUTH_SECRET } = process.env
if (!TIKTOK_CLIENT_KEY || !TIKTOK_CLIENT_SECRET || !TIKTOK_REDIRECT_URI || !TIKTOK_AUTH_SECRET) {
  console.error('This example talks to the real TikTok and needs:\n')
  for (const [name, meaning] of Object.entries(wanted)) {
    console.error(`  ${process.env[name] ? 'set    ' : 'missing'}  ${name}: ${meaning}`)
  }
  console.error('\nTo try it without any of that, run `npm run demo` at the root: it brings its own TikTok.')
  process.exit(1)
}

// So that a restart keeps everybody connected. Several machines share a database instead: store-postgres, store-redis.
const store = sqliteTokenStore(await openSqlite('grants.sqlite'))
await store.setup()

const app = createApp({
  clientKey: TIKTOK_CLIENT_KEY,
  clientSecret: TIKTOK_CLIENT_SECRET,
  redirectUri: TIKTOK_REDIRECT_URI,
  secret: TIKTOK_AUTH_SECRET,
  store,
})
const port = Number(process.env['PORT'] ?? 3000)
serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, () => console.log(`http://127.0.0.1:${port}`))
