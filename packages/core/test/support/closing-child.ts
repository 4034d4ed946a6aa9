// Refreshes one grant in a process of its own. Arguments: origin, file of the store, what to do.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StoreEntry } from '../../src/index.ts'
import {
  createTikTokClient,
  createTokenManager,
  createTokenSet,
  singleProcessTokenStore,
} from '../../src/index.ts'

const [, , origin, file = '', task] = process.argv

function rows(): Record<string, StoreEntry> {
  const found: Record<string, StoreEntry> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  return found
}

const store = singleProcessTokenStore({
  get: (key) => rows()[key],
  async set(key, value) {
    // Slow enough for a process that does not wait to be gone.
    await sleep(300)
    writeFileSync(file, JSON.stringify({ ...rows(), [key]: value }))
  },
})
const client = createTikTokClient({
  clientKey: 'key123',
  clientSecret: 'secret123',
  endpoints: { tokenEndpoint: `${origin}/v2/oauth/token/`, revocationEndpoint: `${origin}/v2/oauth/revoke/` },
})
const tokens = createTokenManager(client, store)

await tokens.save(
  createTokenSet({
    openId: 'user-1',
    scope: ['user.info.basic'],
    tokenType: 'Bearer',
    accessToken: 'act.old',
    issuedAt: Date.now() - 7_300_000,
    expiresAt: Date.now() - 100_000,
    refreshToken: 'rft.old',
    refreshTokenExpiresAt: Date.now() + 86_400_000,
  }),
)

if (task === 'end') {
  await tokens.get('user-1')
  await tokens.get('user-1', { signal: AbortSignal.timeout(50_000) })
  await tokens.close()
  // Nothing ends this process but having nothing left to do.
  console.log(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length)
} else {
  process.once('SIGTERM', () => {
    void tokens.close().then(() => process.exit(0))
  })
  await tokens.get('user-1').catch(() => undefined)
  // A server would go on listening.
  setInterval(() => {}, 1_000)
}
