import { describe, expect, test } from 'vitest'
import { createManagerOn } from '../../src/tokens/token-manager.ts'
import { regressionSeeds } from './regression-seeds.ts'
import type { Outcome, RunOptions } from './run.ts'
import { run } from './run.ts'
import { scenarios } from './scenario.ts'

const servers = ['strict', 'family', 'grace_same', 'grace_new', 'steady'] as const
const freshRuns = 1_200

/** One line that is enough to play a run again. */
function describeFailure({ seed, scenario, server, ages, violations }: Outcome): string {
  const options = `--seed ${seed} --scenario '${scenario}' --server ${server} --ages ${ages}`
  const command = `pnpm run simulate --runs 1 --trace ${options}`
  return `seed ${seed} (${scenario}, ${server}, ages ${ages}): ${violations.join('; ')} [${command}]`
}

async function failuresOf(runs: readonly RunOptions[]): Promise<string[]> {
  const failures: string[] = []
  for (const options of runs) {
    const outcome = await run(createManagerOn, options)
    if (outcome.violations.length > 0) failures.push(describeFailure(outcome))
  }
  return failures
}

describe('every rule holds', () => {
  test('in runs that once broke one', async () => {
    expect(await failuresOf(regressionSeeds)).toEqual([])
  })

  test.each(scenarios.map(({ name }) => name))('under: %s', { timeout: 120_000 }, async (scenario) => {
    const runs = servers.flatMap((server) =>
      [true, false].flatMap((ages) =>
        Array.from({ length: 4 }, (_, index) => ({ seed: 7_000 + index, scenario, server, ages })),
      ),
    )
    expect(await failuresOf(runs)).toEqual([])
  })

  test(`in ${freshRuns} runs of any kind`, { timeout: 300_000 }, async () => {
    const runs = Array.from({ length: freshRuns }, (_, index) => ({ seed: 50_000 + index }))
    expect(await failuresOf(runs)).toEqual([])
  })
})

test('the same seed plays the same run', async () => {
  const options = { seed: 4_711, scenario: 'everything', trace: true }
  const [first, second] = [await run(createManagerOn, options), await run(createManagerOn, options)]
  expect(first.trace.length).toBeGreaterThan(10)
  expect(second).toEqual(first)
})

test('the faults happen: rotations, replays and each kind of loss are seen', async () => {
  const outcomes: Outcome[] = []
  for (const [scenario, server] of [
    ['reply lost after the rotation', 'strict'],
    ['crashes', 'strict'],
    ['answers that never come', 'grace_new'],
    ['evictions', 'strict'],
    ['removed by the user', 'strict'],
    ['revocations in mid-flight', 'strict'],
  ] as const) {
    for (let seed = 1; seed <= 25; seed++)
      outcomes.push(await run(createManagerOn, { seed, scenario, server }))
  }
  const losses = new Set(outcomes.map(({ lost }) => lost))
  for (const why of ['reply lost', 'process died', 'evicted', 'removed by the user', 'revoked']) {
    expect(losses).toContain(why)
  }
  expect(outcomes.reduce((sum, { replays }) => sum + replays, 0)).toBeGreaterThan(20)
  expect(outcomes.reduce((sum, { rotations }) => sum + rotations, 0)).toBeGreaterThan(200)
})
