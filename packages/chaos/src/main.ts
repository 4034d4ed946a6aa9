import { parseArgs } from 'node:util'
import { startBackend, type Backend } from './backend.ts'
import { storeKinds, type StoreKind } from './messages.ts'
import { play } from './play.ts'
import { createRandom, type Random } from './random.ts'
import { rotate } from './rotations.ts'
import { scenarios } from './scenarios/index.ts'
import type { Scenario } from './stage.ts'
import { createWorkerPool, type WorkerPool } from './worker-pool.ts'

// The whole suite: every scenario and over 1,000 rotations on each store. With `--minutes`: as many scenarios, in an
// order that the seed decides, as there is time for. `--seed`, `--store` and `--only` repeat what failed; `--only` takes
// what a name begins with too.

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    store: { type: 'string' },
    only: { type: 'string' },
    users: { type: 'string', default: '60' },
    rotations: { type: 'string', default: '1040' },
  },
})
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
const endsAt = values.minutes === undefined ? Infinity : Date.now() + Number(values.minutes) * 60_000
// How long the next one may take: none begins that would not end in time.
let longestMs = 30_000
const graceMs = 60_000
const running = new Set<string>()
const kinds = storeKinds.filter((kind) => values.store === undefined || values.store === kind)
const total = { scenarios: 0, rotations: 0, replays: 0, lost: 0, unexplained: 0 }

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function seedOf(kind: StoreKind, scenario: Scenario): number {
  // Of the names, so that one scenario by itself runs as it did among others.
  const text = Buffer.from(`${seed} ${kind} ${scenario.name}`)
  return text.reduce((hash, byte) => Math.imul(hash, 31) + byte, 7)
}

function add(
  rotations: number,
  replays: number,
  { lost, unexplained }: { lost: number; unexplained: number },
): void {
  total.rotations += rotations
  total.replays += replays
  total.lost += lost
  total.unexplained += unexplained
}

async function playOne(scenario: Scenario, backend: Backend, pool: WorkerPool): Promise<void> {
  const own = scenario.volatile === true ? await startBackend(backend.kind, true) : undefined
  const where = `${backend.kind}: ${scenario.name}`
  const began = Date.now()
  total.scenarios++
  running.add(where)
  try {
    const users = Number(values.users)
    const result = await play(scenario, {
      backend: own ?? backend,
      pool,
      users,
      seed: seedOf(backend.kind, scenario),
    })
    const { rotations, replays, lost, unexplained, recoveredMs } = result
    add(rotations, replays, { lost: lost.length, unexplained: unexplained.length })
    say(
      `${where}: ${rotations} rotations, ${replays} replays, ${lost.length} lost, all answered after ${recoveredMs} ms`,
    )
    for (const problem of unexplained.slice(0, 10)) say(`  UNEXPLAINED ${problem}`)
    if (unexplained.length > 0) sayHowToRepeat(scenario, backend.kind)
  } catch (error) {
    total.unexplained++
    say(`${where}: FAILED ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    sayHowToRepeat(scenario, backend.kind)
  } finally {
    await own?.end()
    running.delete(where)
    longestMs = Math.max(longestMs, Date.now() - began)
  }
}

/** Ends a run that has not come to its end in time: what hangs has failed. */
function watchTheClock(): void {
  if (endsAt === Infinity) return
  setTimeout(
    () => {
      for (const where of running)
        say(`${where}: FAILED it has not ended ${graceMs / 1000} s after the time was up`)
      process.exit(1)
    },
    endsAt + graceMs - Date.now(),
  ).unref()
}

function sayHowToRepeat({ name }: Scenario, kind: StoreKind): void {
  say(`  repeat with: npm run test:chaos -- --seed ${seed} --store ${kind} --only ${name}`)
}

async function lane(kind: StoreKind, pool: WorkerPool, random: Random): Promise<void> {
  const backend = await startBackend(kind)
  if (backend === undefined) return
  try {
    const fitting = scenarios.filter(
      ({ name, stores }) => (stores ?? storeKinds).includes(kind) && name.startsWith(values.only ?? ''),
    )
    do {
      for (const scenario of random.shuffle(fitting)) {
        if (Date.now() + longestMs >= endsAt) return
        await playOne(scenario, backend, pool)
      }
    } while (fitting.length > 0 && endsAt !== Infinity)
    const wanted = (values.only ?? 'rotations') === 'rotations'
    if (wanted && endsAt === Infinity) await rotateOn(backend, pool)
  } finally {
    await backend.end()
  }
}

async function rotateOn(backend: Backend, pool: WorkerPool): Promise<void> {
  const rotations = Number(values.rotations)
  const result = await rotate({ backend, pool, rotations, users: 8, processes: 8, callers: 25 })
  const wrong = result.uneven + result.divided + result.failures.length + result.replays + result.lost.length
  add(result.rotations, result.replays, {
    lost: result.lost.length,
    unexplained: wrong + result.unexplained.length,
  })
  total.scenarios++
  say(
    `${backend.kind}: 8 processes with 25 callers for each user: ${result.rotations} rotations, ${result.replays} replays, ` +
      `${result.failures.length} failed callers, ${result.uneven} rounds without exactly one refresh`,
  )
}

const pool = createWorkerPool(2)
// Workers and servers end when they have no parent any more.
process.once('SIGINT', () => process.exit(130))
watchTheClock()
say(`seed ${seed}`)
await Promise.all(kinds.map((kind, index) => lane(kind, pool, createRandom(seed + index))))
await pool.close()
const explained = total.unexplained === 0 ? 'all explained' : 'see above'
say(
  `${total.scenarios} scenarios, ${total.rotations} rotations, ${total.replays} replays, ${total.lost} lost (${explained}), ` +
    `${total.unexplained} unexplained`,
)
process.exit(total.unexplained === 0 && total.scenarios > 0 ? 0 : 1)
