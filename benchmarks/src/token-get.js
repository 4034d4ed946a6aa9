// `tokens.get` on fresh sealed tokens, beside the store's read alone, in one process.
import { answerParent, usage } from './child.js'
import { app } from './fixtures.js'
import { stagedEntry } from './stage.js'

/** @type {typeof import('@tiktok-auth/core')} */
const { createSealer, createTikTokClient, createTokenManager, memoryTokenStore, sealedTokenStore } =
  await import(stagedEntry('core'))

const USERS = 1000
const memory = memoryTokenStore()
/** @type {Set<string>} */
const keys = new Set()
/** Learns the row keys, which are the manager's own business. */
const observed = {
  ...memory,
  insert: (/** @type {string} */ key, /** @type {Parameters<typeof memory.insert>[1]} */ entry) => {
    keys.add(key)
    return memory.insert(key, entry)
  },
}
const sealer = createSealer([{ id: 'bench', key: app.secret }])
const client = createTikTokClient({ clientKey: app.clientKey, clientSecret: app.clientSecret })
const tokens = createTokenManager(client, sealedTokenStore(observed, sealer))

const openIds = Array.from(
  { length: USERS },
  (_, index) => `723f24d7-e717-40f8-a2b6-${String(index).padStart(12, '0')}`,
)
for (const openId of openIds)
  await tokens.save({
    openId,
    scope: [app.scope],
    tokenType: 'Bearer',
    accessToken: `act.${openId}.k3Vq9ZtB7nXw2LcRdY8mHsFj5PgTaUe4Qi6WoNx1CyMbJzKvDhSrGfEuAl0!4213.va`,
    issuedAt: Date.now(),
    expiresAt: Date.now() + 24 * 60 * 60_000,
    refreshToken: `rft.${openId}.k3Vq9ZtB7nXw2LcRdY8mHsFj5PgTaUe4Qi6WoNx1CyMbJzKvDhSrGfEuAl0!4207.va`,
    refreshTokenExpiresAt: Date.now() + 180 * 24 * 60 * 60_000,
  })

/**
 * @param {number} count
 * @param {(index: number) => Promise<unknown>} act
 */
async function cpuPerCall(count, act) {
  const before = usage().cpuMicros
  for (let index = 0; index < count; index++) {
    const result = await act(index % USERS)
    if (!result) throw new Error('nothing was found')
  }
  return (usage().cpuMicros - before) / count
}

/** @param {number} count */
async function measure(count) {
  const rowKeys = [...keys]
  return {
    get: await cpuPerCall(count, (index) => tokens.get(String(openIds[index]))),
    read: await cpuPerCall(count, (index) => memory.read(String(rowKeys[index]))),
  }
}

answerParent({ measure })
