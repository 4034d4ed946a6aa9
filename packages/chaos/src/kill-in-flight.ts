import { setTimeout as sleep } from 'node:timers/promises'
import type { Backend } from './backend.ts'
import type { Random } from './random.ts'
import type { WorkerPool } from './worker-pool.ts'
import { createWorld, type World } from './world.ts'

/** What became of grants whose process was killed while it refreshed them. */
export interface KillOutcomes {
  /** How many processes were killed. */
  readonly kills: number
  /** Grants in flight when their process was killed. */
  readonly inFlight: number
  /** TikTok had not rotated: another process refreshed with the same refresh token. */
  readonly unharmed: number
  /** The new tokens were stored, though nobody was told any more. */
  readonly stored: number
  /** TikTok had rotated and the new tokens were not stored: the user logs in again. */
  readonly lost: number
  /** Grants that ended in no way that is promised. */
  readonly unexplained: number
}

/** How many and where. */
export interface KillOptions {
  readonly backend: Backend
  readonly pool: WorkerPool
  readonly random: Random
  /** Goes on until so many grants were in flight. */
  readonly grants: number
  /** How long TikTok takes before it rotates. */
  readonly answerMs: number
}

const users = 200
const processes = 4

/** Kills processes at random moments of their refreshes. */
export async function killInFlight(options: KillOptions): Promise<KillOutcomes> {
  let sum: KillOutcomes = { kills: 0, inFlight: 0, unharmed: 0, stored: 0, lost: 0, unexplained: 0 }
  for (let batch = 0; sum.inFlight < options.grants && batch < 20; batch++) {
    const outcome = await killBatch(options)
    sum = {
      kills: sum.kills + outcome.kills,
      inFlight: sum.inFlight + outcome.inFlight,
      unharmed: sum.unharmed + outcome.unharmed,
      stored: sum.stored + outcome.stored,
      lost: sum.lost + outcome.lost,
      unexplained: sum.unexplained + outcome.unexplained,
    }
  }
  return sum
}

async function killBatch({ backend, pool, random, answerMs }: KillOptions): Promise<KillOutcomes> {
  const world = await createWorld({ backend, pool, users, workers: processes })
  try {
    const slow = { kind: 'delay', ms: answerMs, grantType: 'refresh_token' } as const
    if (answerMs > 0) world.emulator.faults.always('token', slow)
    // How long it takes when nothing happens, so that the kills spread over all of it.
    world.expire()
    const began = performance.now()
    await world.askEverybody()
    const usualMs = performance.now() - began

    const before = await world.storedTokens()
    const { workers } = world
    world.expire()
    await Promise.all(
      workers.map(async (worker, index) => {
        world.ask(
          worker,
          world.users.filter((_, user) => user % processes === index),
        )
        await sleep(random.next() * usualMs)
        await world.kill(worker)
      }),
    )
    await world.complete()
    const after = await world.storedTokens()
    const dead = world.users.filter((openId) => isInFlight(world, before.get(openId) ?? ''))
    const verdict = await world.judge(await world.askEverybody())
    const outcomes = count(dead, { before, after, lost: new Set(verdict.lost) })
    return { kills: processes, ...outcomes, unexplained: verdict.unexplained.length }
  } finally {
    world.emulator.faults.clear()
    await world.close()
  }
}

type Rows = ReadonlyMap<string, string>

/** It had begun to claim, and had not been told that the new tokens are stored. */
function isInFlight({ ledger }: World, refreshToken: string): boolean {
  return ledger.claimedFor(refreshToken) && !ledger.storedAt.has(ledger.answers.get(refreshToken) ?? '')
}

function count(
  openIds: readonly string[],
  { before, after, lost }: { before: Rows; after: Rows; lost: ReadonlySet<string> },
): Pick<KillOutcomes, 'inFlight' | 'unharmed' | 'stored' | 'lost'> {
  const stored = openIds.filter((openId) => before.get(openId) !== after.get(openId))
  const open = openIds.filter((openId) => before.get(openId) === after.get(openId))
  const ended = open.filter((openId) => lost.has(openId)).length
  return { inFlight: openIds.length, unharmed: open.length - ended, stored: stored.length, lost: ended }
}
