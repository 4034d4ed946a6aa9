import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultHandle } from '@tiktok-auth/emulator'
import type { StoreKind } from './messages.ts'
import type { Random } from './random.ts'
import type { Worker } from './worker-process.ts'
import type { World } from './world.ts'

/** Where a scenario is played. */
export interface Stage {
  readonly world: World
  readonly random: Random
  /** Users who may have to log in again: TikTok may have rotated and nobody have stored it. */
  mayLose(openIds: readonly string[]): void
  /** From here on no refresh token may be sent twice. */
  readonly expectNoReplay: () => void
  /** Waits until everybody has an answer, and lets those who are lost log in. */
  readonly recover: () => Promise<void>
}

/** Something that goes wrong, and what may come of it. */
export interface Scenario {
  /** In words joined by hyphens: `--only` takes it. */
  readonly name: string
  readonly stores?: readonly StoreKind[]
  /** Needs a Redis that keeps nothing when it ends. */
  readonly volatile?: boolean
  readonly skewsMs?: readonly number[]
  play(stage: Stage): Promise<void>
}

const longestWaitMs = 60_000

/** Waits for something that has to happen. */
export async function until(what: () => string, happened: () => boolean): Promise<void> {
  const end = Date.now() + longestWaitMs
  while (!happened()) {
    if (Date.now() > end) throw new Error(`It did not come to this: ${what()}.`)
    await sleep(5)
  }
}

/** Gives the nth worker that lives. */
export function workerOf({ workers }: World, index: number): Worker {
  const worker = workers[index]
  if (worker === undefined) throw new Error(`There is no worker ${index}.`)
  return worker
}

/** Lets tokens expire and one worker stand at a point of the refresh of each user. */
export async function bringTo(
  stage: Stage,
  worker: Worker,
  {
    point,
    openIds = stage.world.users,
  }: { point: Parameters<Worker['stopAt']>[0]; openIds?: readonly string[] },
): Promise<void> {
  worker.stopAt(point)
  stage.world.expire()
  stage.world.ask(worker, openIds)
  await until(
    () => `${openIds.length} refreshes stand ${point}, not ${worker.standing}`,
    () => worker.standing >= openIds.length,
  )
}

/** Lets tokens expire and TikTok keep the requests of workers, who share the users, waiting: before or after it has decided. */
export async function holdRefreshes(
  { world }: Stage,
  workers: readonly Worker[],
  { phase, openIds = world.users }: { phase: 'before' | 'after'; openIds?: readonly string[] },
): Promise<FaultHandle> {
  const known = world.emulator.requests.length
  const handle = world.emulator.faults.always('token', { kind: 'hold', phase, grantType: 'refresh_token' })
  world.expire()
  for (const [place, worker] of workers.entries()) {
    world.ask(
      worker,
      openIds.filter((_, user) => user % workers.length === place),
    )
  }
  const held = (): number =>
    world.emulator.requests
      .slice(known)
      .filter(({ fault, outcome }) => fault === 'hold' && outcome === 'pending').length
  await until(
    () => `${openIds.length} requests wait at TikTok, not ${held()}`,
    () => held() >= openIds.length,
  )
  return handle
}

/** The store stops answering: its server is killed or stands still, or its calls fail. */
export async function takeStoreDown({ world, random }: Stage): Promise<() => Promise<void>> {
  const server = world.backend.process
  if (server === undefined) {
    for (const worker of world.workers) worker.trouble({ down: true })
    return async () => {
      for (const worker of world.workers) worker.trouble({})
    }
  }
  if (random.next() < 0.3) {
    server.freeze()
    return async () => server.thaw()
  }
  await server.kill()
  return () => server.restart()
}
