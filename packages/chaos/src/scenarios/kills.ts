import { setTimeout as sleep } from 'node:timers/promises'
import type { Point } from '../messages.ts'
import { bringTo, holdRefreshes, workerOf, type Scenario, type Stage } from '../stage.ts'

/** Processes that die without a word, each with a refresh of every user in flight. */
export const kills: readonly Scenario[] = [
  killAt('before claim', 'nobody'),
  killAt('after claim', 'nobody'),
  killAt('answered', 'everybody'),
  killAt('after settle', 'nobody'),
  {
    name: 'killed-with-requests-under-way',
    async play(stage) {
      // TikTok gets them, and rotates when nobody is there any more.
      stage.mayLose(stage.world.users)
      await killWhileHeld(stage, 'before')
    },
  },
  {
    name: 'killed-after-tiktok-rotated',
    async play(stage) {
      stage.mayLose(stage.world.users)
      await killWhileHeld(stage, 'after')
    },
  },
  {
    name: 'killed-and-the-requests-arrive-last',
    async play(stage) {
      // Others have used the tokens by the time the dead process's requests get through.
      const { world } = stage
      const victim = workerOf(world, 0)
      const held = await holdRefreshes(stage, [victim], { phase: 'before' })
      held.cancel()
      await world.kill(victim)
      await world.askEverybody()
      held.release()
    },
  },
  {
    name: 'killed-at-random',
    async play(stage) {
      const { world, random } = stage
      stage.mayLose(world.users)
      for (let round = 0; round < 3; round++) {
        // All processes have some of them in flight; the answers come together, and a kill falls somewhere among them.
        const held = await holdRefreshes(stage, world.workers, { phase: random.pick(['before', 'after']) })
        held.cancel()
        held.release()
        await sleep(random.below(40))
        await world.kill(random.pick(world.workers))
        await world.complete()
        await stage.recover()
      }
    },
  },
]

function killAt(point: Point, loses: 'nobody' | 'everybody'): Scenario {
  return {
    name: `killed-${point.replaceAll(' ', '-')}`,
    async play(stage) {
      const { world } = stage
      if (loses === 'everybody') stage.mayLose(world.users)
      else stage.expectNoReplay()
      const victim = workerOf(world, 0)
      await bringTo(stage, victim, { point })
      // Others wait for it, as they do in life.
      world.ask(workerOf(world, 1))
      await world.kill(victim)
    },
  }
}

async function killWhileHeld(stage: Stage, phase: 'before' | 'after'): Promise<void> {
  const victim = workerOf(stage.world, 0)
  const held = await holdRefreshes(stage, [victim], { phase })
  await stage.world.kill(victim)
  held.cancel()
  held.release()
}
