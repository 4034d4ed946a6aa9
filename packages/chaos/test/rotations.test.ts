import { afterAll, expect, test } from 'vitest'
import { startBackend } from '../src/backend.ts'
import { storeKinds } from '../src/messages.ts'
import { rotate } from '../src/rotations.ts'
import { createWorkerPool } from '../src/worker-pool.ts'

const pool = createWorkerPool(8)
afterAll(() => pool.close())

// 1,000 rotations and more, and everything that can go wrong meanwhile: `npm run test:chaos`.
test.each(storeKinds)(
  'eight processes with 25 callers each on %s: one refresh per rotation, no replay, nobody fails',
  { timeout: 240_000 },
  async (kind) => {
    const backend = await startBackend(kind)
    if (backend === undefined) return
    try {
      const result = await rotate({ backend, pool, rotations: 60, users: 3, processes: 8, callers: 25 })
      expect(result).toEqual({
        rotations: 60,
        replays: 0,
        lost: [],
        unexplained: [],
        uneven: 0,
        failures: [],
        divided: 0,
      })
    } finally {
      await backend.end()
    }
  },
)
