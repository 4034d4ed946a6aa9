import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBackend, type Backend } from '../src/backend.ts'
import { play } from '../src/play.ts'
import { bringTo, workerOf, type Scenario } from '../src/stage.ts'
import { createWorkerPool } from '../src/worker-pool.ts'

// Two small scenarios: one that goes well, and one that must be found out.
const pool = createWorkerPool(5)
let backend: Backend | undefined

beforeAll(async () => {
  backend = await startBackend('sqlite')
})
afterAll(async () => {
  await pool.close()
  await backend?.end()
})

function playAlone(scenario: Scenario): ReturnType<typeof play> {
  if (backend === undefined) throw new Error('SQLite needs no server and cannot be missing.')
  return play(scenario, { backend, pool, seed: 1, users: 6 })
}

test('a process killed with claims in hand: others go on, and nobody is lost', async () => {
  const result = await playAlone({
    name: 'killed-after-claim',
    async play(stage) {
      const victim = workerOf(stage.world, 0)
      await bringTo(stage, victim, { point: 'after claim' })
      await stage.world.kill(victim)
    },
  })
  expect(result).toMatchObject({ rotations: 6, replays: 0, lost: [], unexplained: [] })
})

test('a loss that the scenario does not allow is reported, though it can be explained', async () => {
  const result = await playAlone({
    name: 'killed-with-answers',
    async play(stage) {
      const victim = workerOf(stage.world, 0)
      await bringTo(stage, victim, { point: 'answered' })
      await stage.world.kill(victim)
    },
  })
  expect(result.lost).toHaveLength(6)
  expect(result.unexplained).toEqual(result.lost.map((openId) => `${openId} was lost`))
})
