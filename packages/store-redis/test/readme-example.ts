import { tiktokAuth } from '@tiktok-auth/express'
import { redisTokenStore } from '@tiktok-auth/store-redis'
import express from 'express'
import { createClient } from 'redis'

const { REDIS_URL, TIKTOK_CLIENT_KEY, TIKTOK_CLIENT_SECRET, TIKTOK_AUTH_SECRET } = process.env

// A server that has stopped answering is noticed after ten seconds, not after the minutes TCP takes. Without a strategy
// of one's own, node-redis would never connect again after that.
const redis = createClient({
  url: REDIS_URL ?? '',
  pingInterval: 4_000,
  socket: { socketTimeout: 10_000, reconnectStrategy: (retries) => Math.min(2_000, 50 * 2 ** retries) },
})
redis.on('error', (error: Error) => console.error(error.message))
await redis.connect()

const store = redisTokenStore(redis)
for (const warning of (await store.setup()).warnings) console.warn(warning)

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
