import { createSecretSealer, type SealContext } from '@tiktok-auth/core'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { canTest, runtimes, startWorker } from '../../../scripts/other-runtimes.ts'

/** What the other runtime is asked. */
export interface SealQuestion {
  readonly secret: string
  /** To be opened there. */
  readonly sealed: string
  /** To be sealed there. */
  readonly text: string
  readonly place: SealContext
}

interface SealAnswer {
  readonly opened: string
  readonly altered: string
  readonly sealed: string
}

const file = fileURLToPath(new URL('runtimes/seal.ts', import.meta.url))

for (const runtime of runtimes) {
  describe.skipIf(!canTest(runtime))(`sealing on ${runtime.name}`, () => {
    test('opens what Node has sealed, and the other way round', async () => {
      const secret = randomBytes(32).toString('base64url')
      const sealer = createSecretSealer(secret)
      const place: SealContext = { purpose: 'test', context: ['a', 'b'] }
      const [text, other] = ['{"word":"schön ✓"}', '{"word":"back"}']
      const worker = startWorker(runtime, file)
      try {
        const question: SealQuestion = { secret, sealed: await sealer.seal(text, place), text: other, place }
        const answers = (await worker.ask(question)) as readonly SealAnswer[]
        expect(answers).toHaveLength(2)
        for (const { opened, altered, sealed } of answers) {
          expect([opened, altered]).toEqual([text, 'SealError'])
          expect(await sealer.open(sealed, place)).toBe(other)
        }
      } finally {
        await worker.stop()
      }
    })
  })
}
