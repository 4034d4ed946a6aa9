// Runs on Bun and on Deno: seals and opens, with whatever primitives core finds there, and with Web Crypto alone.
import { createSecretSealer } from '@tiktok-auth/core'
import { answerLines } from '../../../../scripts/answer-lines.ts'
import { sealerFromSecret } from '../../../core/src/sealer.ts'
import { webPrimitives } from '../../../core/src/runtime.ts'
import type { SealQuestion } from '../runtimes.test.ts'

await answerLines<SealQuestion>(async ({ secret, sealed, text, place }) => {
  const sealers = [createSecretSealer(secret), sealerFromSecret(secret, { host: webPrimitives(crypto) })]
  return Promise.all(
    sealers.map(async (sealer) => ({
      opened: await sealer.open(sealed, place),
      altered: await Promise.resolve()
        .then(() => sealer.open(`${sealed.slice(0, -4)}AAAA`, place))
        .catch((error: unknown) => (error as Error).name),
      sealed: await sealer.seal(text, place),
    })),
  )
})
