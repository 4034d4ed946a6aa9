import { setTimeout as sleep } from 'node:timers/promises'
import { bringTo, holdRefreshes, workerOf, type Scenario } from '../stage.ts'

/** Processes that stand still, and a TikTok that is slow. */
export const delays: readonly Scenario[] = [
  {
    name: 'frozen-for-three-leases',
    async play(stage) {
      const { world, random } = stage
      const half = world.users.length / 2
      const [first, second] = [workerOf(world, 0), workerOf(world, 1)]
      // The one has answers waiting in its sockets, the other is anywhere.
      const held = await holdRefreshes(stage, [first], {
        phase: 'after',
        openIds: world.users.slice(0, half),
      })
      world.freeze(first)
      held.cancel()
      held.release()
      world.ask(second, world.users.slice(half))
      await sleep(random.below(300))
      world.freeze(second)
      world.ask(workerOf(world, 2))
      await sleep(3 * world.leaseMs)
      first.thaw()
      second.thaw()
      // What they had in hand heals what others have found refused.
      await sleep(3_000)
    },
  },
  {
    name: 'frozen-with-claims-for-three-leases',
    async play(stage) {
      const { world } = stage
      stage.expectNoReplay()
      const victim = workerOf(world, 0)
      await bringTo(stage, victim, { point: 'after claim' })
      world.freeze(victim)
      world.ask(workerOf(world, 1))
      await sleep(3 * world.leaseMs)
      // It must find out that its claims are over, and send nothing.
      victim.thaw()
      victim.stopAt(undefined)
      await sleep(1_000)
    },
  },
  {
    name: 'token-endpoint-slower-than-the-lease',
    async play(stage) {
      const { world } = stage
      stage.expectNoReplay()
      const ms = 2.5 * world.leaseMs
      const slow = world.emulator.faults.always('token', { kind: 'delay', ms, grantType: 'refresh_token' })
      world.expire()
      for (const worker of world.workers) world.ask(worker)
      await sleep(ms / 2)
      slow.cancel()
      await sleep(ms / 2 + 2_000)
    },
  },
]
