import { setTimeout as sleep } from 'node:timers/promises'
import { bringTo, holdRefreshes, workerOf, type Scenario } from '../stage.ts'

/** What users and operators do while refreshes are in flight. */
export const people: readonly Scenario[] = [
  {
    name: 'logout-login-and-removal-in-mid-flight',
    async play(stage) {
      const { world, random } = stage
      const order = random.shuffle(world.users.map((openId, user) => ({ openId, user })))
      const held = await holdRefreshes(stage, [workerOf(world, 0)], { phase: 'after' })
      const revocations: Promise<void>[] = []
      for (const [index, { openId, user }] of order.entries()) {
        if (index % 4 === 0) revocations.push(world.revoke(workerOf(world, 1), openId))
        else if (index % 4 === 1) await world.login(user)
        else if (index % 4 === 2) world.removeAtTikTok(openId)
      }
      await sleep(random.below(500))
      held.cancel()
      held.release()
      await Promise.all(revocations)
    },
  },
  {
    name: 'clocks-five-minutes-apart',
    skewsMs: [-150_000, 150_000, 0, 150_000],
    async play(stage) {
      const { world } = stage
      stage.expectNoReplay()
      for (let round = 0; round < 3; round++) {
        world.expire()
        for (const worker of world.workers) world.ask(worker)
        await world.askEverybody()
        await world.answered()
      }
      const victim = workerOf(world, 0)
      await bringTo(stage, victim, { point: 'after claim' })
      world.ask(workerOf(world, 1))
      await world.kill(victim)
    },
  },
]
