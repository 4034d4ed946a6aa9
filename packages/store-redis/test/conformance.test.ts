import { tokenStoreCases, type TokenStoreSubject } from '@tiktok-auth/conformance'
import { startRedis, startRedisCluster } from '@tiktok-auth/test-servers'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { redisTokenStore } from '../src/index.ts'
import { clients, type Connect, type Connected } from './support/clients.ts'
import { sealed } from './support/sealed.ts'

const single = await startRedis()
const cluster = await startRedisCluster(3)
const backends = [
  { backend: 'one server', urls: single && [single.url], libraries: clients.single },
  { backend: 'a cluster of three', urls: cluster?.map(({ url }) => url), libraries: clients.cluster },
]
const sealedToo = ['node-redis 6', 'ioredis 6']

afterAll(async () => {
  for (const server of [single, ...(cluster ?? [])]) await server?.process?.kill()
})

for (const { backend, urls = [], libraries } of backends) {
  for (const [library, connect] of Object.entries(libraries)) {
    describe.skipIf(urls.length === 0)(`${library} on ${backend}`, { concurrent: true }, () => {
      let pair: readonly [Connected, Connected]
      beforeAll(async () => void (pair = [await connect(urls), await connect(urls)]))
      afterAll(async () => void (await Promise.all(pair.map(({ close }) => close()))))

      for (const { name, run } of tokenStoreCases) {
        test(name, () => run(async () => subjectOver(pair, () => connect(urls))))
        // Sealing is the same for every client; the older ones need not show it again.
        if (!sealedToo.includes(library)) continue
        test(`${name} (sealed)`, () => run(async () => sealed(subjectOver(pair, () => connect(urls)))))
      }
    })
  }
}

/** Two clients on one backend, as two app servers have. */
function subjectOver(
  pair: readonly [Connected, Connected],
  connect: () => ReturnType<Connect>,
): TokenStoreSubject {
  return {
    store: redisTokenStore(pair[0].client),
    second: redisTokenStore(pair[1].client),
    async broken() {
      const { client, close } = await connect()
      await close()
      return redisTokenStore(client)
    },
    // The clients serve every case.
    close: async () => {},
  }
}
