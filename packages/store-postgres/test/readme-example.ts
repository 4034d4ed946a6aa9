import { tiktokAuth } from '@tiktok-auth/express'
import { postgresTokenStore } from '@tiktok-auth/store-postgres'
import express from 'express'
import pg from 'pg'

const { DATABASE_URL, TIKTOK_CLIENT_KEY, TIKTOK_CLIENT_SECRET, TIKTOK_AUTH_SECRET } = process.env

// A server that has stopped answering is noticed after ten seconds, not after the minutes TCP takes.
const pool = new pg.Pool({
  connectionString: DATABASE_URL,
  query_timeout: 10_000,
  connectionTimeoutMillis: 10_000,
})
pool.on('error', (error) => console.error(error.message))

const store = postgresTokenStore(pool)
await store.setup()

const tiktok = tiktokAuth({
  clientKey: TIKTOK_CLIENT_KEY ?? '',
  clientSecret: TIKTOK_CLIENT_SECRET ?? '',
  redirectUri: 'https://app.example.com/auth/tiktok/callback',
  secret: TIKTOK_AUTH_SECRET ?? '',
  store,
})

const app = express()
app.use(tiktok)
app.get(
  '/',
  tiktok.requireLogin(),
  tiktok.handler(async (req, res) => {
    res.json(await req.tiktok.userInfo())
  }),
)
app.use(tiktok.recover())
app.listen(3000)

// Once a day, on one machine or on all.
setInterval(() => void store.removeExpired().catch(console.error), 86_400_000)
