import type { Backend } from './backend.ts'
import type { Verdict } from './ledger.ts'
import { createRandom } from './random.ts'
import type { Scenario, Stage } from './stage.ts'
import type { WorkerPool } from './worker-pool.ts'
import { createWorld, type World } from './world.ts'

/** How a scenario is played. */
export interface PlayOptions {
  readonly backend: Backend
  readonly pool: WorkerPool
  readonly seed: number
  readonly users: number
}

/** How it ended. */
export interface PlayResult extends Verdict {
  /** From the end of the trouble until everybody had an answer. */
  readonly recoveredMs: number
}

/**
 * Plays a scenario; then asks for everybody's token, logs in who was lost, lets every token expire once more and asks
 * again: by then one refresh each, and no replay, is all there may be.
 */
export async function play(scenario: Scenario, options: PlayOptions): Promise<PlayResult> {
  const { backend, pool, users } = options
  const { skewsMs } = scenario
  const world = await createWorld({ backend, pool, users, workers: 4, ...(skewsMs && { skewsMs }) })
  const mayLose = new Set<string>()
  const lost: string[] = []
  let mayReplay = true
  const stage: Stage = {
    world,
    random: createRandom(options.seed),
    mayLose: (openIds) => openIds.forEach((openId) => mayLose.add(openId)),
    expectNoReplay: () => {
      mayReplay = false
    },
    async recover() {
      const verdict = await world.judge(await world.askEverybody())
      if (verdict.unexplained.length > 0) throw new Error(verdict.unexplained.join('\n'))
      lost.push(...verdict.lost)
      for (const openId of verdict.lost) await world.login(world.users.indexOf(openId))
    },
  }
  try {
    await scenario.play(stage)
    const began = performance.now()
    const after = await world.judge(await world.askEverybody())
    const recoveredMs = Math.round(performance.now() - began)
    lost.push(...after.lost)
    const problems = lost.filter((openId) => !mayLose.has(openId)).map((openId) => `${openId} was lost`)
    if (!mayReplay && after.replays > 0) problems.push(`${after.replays} replays`)
    const calm = await calmDown(world, after)
    const unexplained = [...new Set([...problems, ...after.unexplained, ...calm])]
    return { rotations: after.rotations, replays: after.replays, lost, unexplained, recoveredMs }
  } finally {
    world.emulator.faults.clear()
    await world.close()
  }
}

/** Everybody who was lost logs in; after that nothing may be amiss any more. */
async function calmDown(world: World, { lost, replays }: Verdict): Promise<readonly string[]> {
  for (const openId of lost) await world.login(world.users.indexOf(openId))
  world.expire()
  const got = await world.askEverybody()
  const verdict = await world.judge(got)
  return [
    ...verdict.unexplained,
    ...verdict.lost.map((openId) => `${openId} was lost when all was well again`),
    ...(verdict.replays > replays ? [`${verdict.replays - replays} replays when all was well again`] : []),
  ]
}
