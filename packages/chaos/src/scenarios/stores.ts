import { setTimeout as sleep } from 'node:timers/promises'
import { bringTo, holdRefreshes, takeStoreDown, workerOf, type Scenario } from '../stage.ts'

/** Stores that fail, lie or forget. */
export const stores: readonly Scenario[] = [
  {
    name: 'store-down-at-read',
    async play(stage) {
      const { world } = stage
      stage.expectNoReplay()
      world.expire()
      const bringUp = await takeStoreDown(stage)
      for (const worker of world.workers) world.ask(worker)
      await sleep(3_000)
      await bringUp()
    },
  },
  {
    name: 'store-down-at-claim',
    async play(stage) {
      const { world } = stage
      stage.expectNoReplay()
      const worker = workerOf(world, 0)
      await bringTo(stage, worker, { point: 'before claim' })
      const bringUp = await takeStoreDown(stage)
      worker.stopAt(undefined)
      await sleep(3_000)
      await bringUp()
    },
  },
  {
    name: 'store-down-at-settle',
    async play(stage) {
      const { world } = stage
      const worker = workerOf(world, 0)
      await bringTo(stage, worker, { point: 'answered' })
      const bringUp = await takeStoreDown(stage)
      worker.stopAt(undefined)
      for (const other of world.workers) world.ask(other)
      await sleep(4_000)
      await bringUp()
    },
  },
  {
    name: 'store-loses-acknowledgements',
    async play(stage) {
      const { world, random } = stage
      stage.expectNoReplay()
      for (const worker of world.workers) {
        worker.trouble({ lostAcknowledgements: { share: 0.3, seed: random.below(2 ** 31) } })
      }
      for (let round = 0; round < 3; round++) {
        world.expire()
        for (const worker of world.workers) world.ask(worker)
        await world.askEverybody()
      }
      for (const worker of world.workers) worker.trouble({})
    },
  },
  {
    name: 'redis-restarted-empty',
    stores: ['redis'],
    volatile: true,
    async play(stage) {
      const { world } = stage
      // Whoever is in flight is written anew; nobody knows anything of the others.
      const half = world.users.length / 2
      stage.mayLose(world.users.slice(half))
      const worker = workerOf(world, 0)
      const held = await holdRefreshes(stage, [worker], {
        phase: 'after',
        openIds: world.users.slice(0, half),
      })
      world.wipe()
      await world.backend.process?.restart()
      held.cancel()
      held.release()
      await sleep(2_000)
    },
  },
]
