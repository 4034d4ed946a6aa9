import type { Verdict } from './ledger.ts'
import { createWorld, type World, type WorldOptions } from './world.ts'

/** How often and by how many tokens are asked for at once. */
export interface RotationOptions extends Pick<WorldOptions, 'backend' | 'pool'> {
  readonly rotations: number
  readonly users: number
  readonly processes: number
  /** In each process, for each user. */
  readonly callers: number
}

/** What came of it. */
export interface RotationResult extends Verdict {
  /** Rounds in which a user had another number of refreshes than one. */
  readonly uneven: number
  readonly failures: readonly string[]
  /** Rounds and users whose callers were given different tokens. */
  readonly divided: number
}

/** Lets tokens expire again and again while every process asks for all of them at once. */
export async function rotate(options: RotationOptions): Promise<RotationResult> {
  const { processes, users, callers, rotations, backend, pool } = options
  const world = await createWorld({
    backend,
    pool,
    users,
    workers: processes,
    timeoutMs: 10_000,
    leaseMs: 30_000,
  })
  const failures: string[] = []
  let uneven = 0
  let divided = 0
  try {
    const rounds = Math.ceil(rotations / users)
    let last: readonly string[] = []
    for (let round = 1; round <= rounds; round++) {
      world.expire()
      const got = (
        await Promise.all(world.workers.map((worker) => worker.get(world.users, { callers })))
      ).flat()
      failures.push(...got.flatMap((one) => one.failures))
      for (const openId of world.users) {
        const tokens = new Set(got.flatMap((one) => (one.openId === openId ? one.accessTokens : [])))
        if (tokens.size !== 1 || last.some((token) => tokens.has(token))) divided++
      }
      last = got.flatMap(({ accessTokens }) => accessTokens)
      uneven += countUneven(world, round)
    }
    const verdict = await world.judge(await world.askEverybody())
    return { ...verdict, uneven, failures, divided }
  } finally {
    await world.close()
  }
}

function countUneven({ emulator }: World, round: number): number {
  return emulator.grants.filter((grant) => grant.rotations !== round).length
}
