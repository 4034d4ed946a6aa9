import { parseArgs } from 'node:util'
import { createManagerOn } from '../../src/tokens/token-manager.ts'
import { run } from './run.ts'
import type { Outcome } from './run.ts'

// A separator that a package manager passes on is no argument.
const args = process.argv.slice(2).filter((argument) => argument !== '--')
const { values } = parseArgs({
  args,
  options: {
    runs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    scenario: { type: 'string' },
    server: { type: 'string' },
    ages: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
})

const runs = Number(values.runs)
const first = Number(values.seed)
const started = performance.now()
const perScenario = new Map<
  string,
  { runs: number; rotations: number; replays: number; lost: Map<string, number> }
>()
let failures = 0
let steps = 0

for (let seed = first; seed < first + runs; seed++) {
  const outcome = await run(createManagerOn, {
    seed,
    ...(values.scenario !== undefined && { scenario: values.scenario }),
    ...(isServer(values.server) && { server: values.server }),
    ...(values.ages !== undefined && { ages: values.ages === 'true' }),
    trace: values.trace,
  })
  count(outcome)
  if (outcome.violations.length > 0) {
    failures++
    if (failures <= 25) report(outcome)
  } else if (values.trace) report(outcome)
}

for (const [name, figures] of [...perScenario].sort(([a], [b]) => a.localeCompare(b))) {
  const lost = [...figures.lost].map(([why, times]) => `${why} ${times}`).join(', ')
  console.log(
    `${name}: ${figures.runs} runs, ${figures.rotations} rotations, ${figures.replays} replays, lost: ${lost || 'none'}`,
  )
}
const seconds = (performance.now() - started) / 1000
console.log(`${runs} runs, ${steps} steps, ${failures} failed, ${seconds.toFixed(1)} s`)
process.exitCode = failures === 0 ? 0 : 1

function count({ scenario, server, rotations, replays, lost, steps: taken }: Outcome): void {
  steps += taken
  const name = `${scenario} (${server})`
  const figures = perScenario.get(name) ?? {
    runs: 0,
    rotations: 0,
    replays: 0,
    lost: new Map<string, number>(),
  }
  perScenario.set(name, figures)
  figures.runs++
  figures.rotations += rotations
  figures.replays += replays
  if (lost !== undefined) figures.lost.set(lost, (figures.lost.get(lost) ?? 0) + 1)
}

function report({ seed, scenario, server, ages, violations, trace }: Outcome): void {
  console.log(`seed ${seed}: ${scenario}, ${server}, ${ages ? 'with' : 'without'} ages`)
  for (const line of trace) console.log(`    ${line}`)
  for (const violation of violations) console.log(`  - ${violation}`)
}

function isServer(value: string | undefined): value is Outcome['server'] {
  return ['strict', 'family', 'grace_same', 'grace_new', 'steady'].some((kind) => kind === value)
}
