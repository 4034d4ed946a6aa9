import { shortHash } from '@tiktok-auth/emulator'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startBackend, type Backend } from './backend.ts'
import { figuresPage, type StoreFigures } from './figures-page.ts'
import { killInFlight } from './kill-in-flight.ts'
import { storeKinds, type Got } from './messages.ts'
import { createRandom } from './random.ts'
import { createWorkerPool, type WorkerPool } from './worker-pool.ts'
import { createWorld, type World } from './world.ts'

// Measures what the page on tokens states, and writes it into docs/figures.md.

const { values } = parseArgs({
  options: {
    rotations: { type: 'string', default: '300' },
    kills: { type: 'string', default: '340' },
    seed: { type: 'string', default: '1' },
  },
})
const page = fileURLToPath(new URL('../../../docs/figures.md', import.meta.url))

/** From TikTok's decision to the end of our write, for each rotation that was measured. */
async function measureWindow(
  backend: Backend,
  pool: WorkerPool,
  { rotations, users }: { rotations: number; users: number },
): Promise<readonly number[]> {
  const world = await createWorld({ backend, pool, users, workers: 4 })
  try {
    for (let round = 0; round * users < rotations; round++) {
      world.expire()
      await world.askEverybody()
    }
    return [...world.ledger.answers].flatMap(([consumed, next]) => {
      const decided = world.decidedAt.get(shortHash(consumed))
      const stored = world.ledger.storedAt.get(next)
      return decided === undefined || stored === undefined ? [] : [stored - decided]
    })
  } finally {
    await world.close()
  }
}

interface Latencies {
  readonly sameProcess: number[]
  readonly otherProcess: number[]
}

/** From the end of the write to the last of 25 callers, where the refresh was made and elsewhere. */
async function measureFollowers(backend: Backend, pool: WorkerPool, answerMs: number): Promise<Latencies> {
  const world = await createWorld({ backend, pool, users: 1, workers: 3 })
  const latencies: Latencies = { sameProcess: [], otherProcess: [] }
  try {
    if (answerMs > 0) {
      world.emulator.faults.always('token', { kind: 'delay', ms: answerMs, grantType: 'refresh_token' })
    }
    for (let round = 0; round < 40; round++) await followOnce(world, latencies)
    return latencies
  } finally {
    world.emulator.faults.clear()
    await world.close()
  }
}

async function followOnce(world: World, latencies: Latencies): Promise<void> {
  const known = new Set(world.ledger.storedAt.keys())
  world.expire()
  const got = await Promise.all(
    world.workers.map(async (worker): Promise<{ name: number; got: Got | undefined }> => {
      const [first] = await worker.get(world.users, { callers: 25, insistMs: 30_000 })
      return { name: worker.name, got: first }
    }),
  )
  const token = [...world.ledger.storedAt.keys()].find((stored) => !known.has(stored))
  const storedAt = token === undefined ? undefined : world.ledger.storedAt.get(token)
  const writer = token === undefined ? undefined : world.ledger.writerOf(token)
  if (storedAt === undefined) return
  for (const { name, got: one } of got) {
    if (one === undefined || one.failures.length > 0) continue
    const into = name === writer ? latencies.sameProcess : latencies.otherProcess
    into.push(Math.max(0, one.at - storedAt))
  }
}

async function measure(backend: Backend, pool: WorkerPool): Promise<StoreFigures> {
  const rotations = Number(values.rotations)
  const alone = await measureWindow(backend, pool, { rotations, users: 1 })
  const together = await measureWindow(backend, pool, { rotations, users: 20 })
  const quick = await measureFollowers(backend, pool, 0)
  const slow = await measureFollowers(backend, pool, 1_000)
  const random = createRandom(Number(values.seed))
  const grants = Number(values.kills) / 2
  const killedQuick = await killInFlight({ backend, pool, random, grants, answerMs: 0 })
  const killedSlow = await killInFlight({ backend, pool, random, grants, answerMs: 200 })
  return { kind: backend.kind, alone, together, quick, slow, killedQuick, killedSlow }
}

const pool = createWorkerPool(2)
const figures: StoreFigures[] = []
const loads: number[] = []
for (const kind of storeKinds) {
  const backend = await startBackend(kind)
  if (backend === undefined) continue
  loads.push(loadavg()[0] ?? 0)
  try {
    figures.push(await measure(backend, pool))
  } finally {
    await backend.end()
  }
  process.stdout.write(`${kind} measured\n`)
}
await pool.close()
const machine = {
  date: new Date().toISOString().slice(0, 10),
  node: process.version,
  cores: availableParallelism(),
  loads,
}
writeFileSync(page, figuresPage(figures, machine))
process.stdout.write(readFileSync(page, 'utf8'))
await sleep(0)
process.exit(0)
