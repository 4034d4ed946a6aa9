import {
  createTikTokClient,
  createTokenManager,
  type TikTokClient,
  type TokenManager,
} from '@tiktok-auth/core'
import { createEmulator, type Emulator, type ListeningEmulator } from '@tiktok-auth/emulator'
import type { Backend } from './backend.ts'
import { createLedger, type Ending, type Ledger, type Verdict } from './ledger.ts'
import type { Got, WorkerSettings } from './messages.ts'
import { observedStore, preciseNow } from './observed-store.ts'
import { openStore, type OpenStore } from './open-store.ts'
import { sealed } from './sealed.ts'
import type { Worker } from './worker-process.ts'
import type { WorkerPool } from './worker-pool.ts'

const hourMs = 3_600_000
const redirectUri = 'https://app.example.com/callback'
const app = { clientKey: 'chaos', clientSecret: 'chaos-secret' }

/** How a world is made. */
export interface WorldOptions {
  readonly backend: Backend
  readonly pool: WorkerPool
  readonly users: number
  readonly workers: number
  readonly timeoutMs?: number
  readonly leaseMs?: number
  /** How far each worker's wall clock is off. */
  readonly skewsMs?: readonly number[]
}

/** A TikTok, a store, processes that share it, and users who logged in. */
export interface World {
  readonly emulator: Emulator
  readonly backend: Backend
  readonly ledger: Ledger
  readonly users: readonly string[]
  readonly leaseMs: number
  /** The workers that live. */
  readonly workers: readonly Worker[]
  /** The parent's own manager: one more process that shares the store. */
  readonly tokens: TokenManager
  /** When TikTok had decided on a refresh, by the refresh token that was used (its hash). */
  readonly decidedAt: ReadonlyMap<string, number>
  /** Lets every access token expire, for all clocks at once. */
  expire(): void
  /** Logs a user in, again or for the first time. Resolves to the open id. */
  login(user: number): Promise<string>
  /** The user takes the app off the account. */
  removeAtTikTok(openId: string): void
  /** The application disconnects the user, through some worker. */
  revoke(worker: Worker, openId: string): Promise<void>
  /** Kills a worker; another one takes its place, some time later. */
  kill(worker: Worker): Promise<void>
  /** Waits for those that take the places of killed ones. */
  complete(): Promise<void>
  freeze(worker: Worker): void
  /** Rows are about to vanish. */
  wipe(): void
  /** Starts asking for everybody's token through one worker; what becomes of it is seen later. */
  ask(worker: Worker, openIds?: readonly string[]): void
  /** Waits until nobody asks any more: whoever still did would take part in what comes next. A killed worker's asking never ends. */
  answered(): Promise<void>
  /** Asks for everybody's token, each user through some worker, until there is an answer for each. */
  askEverybody(openIds?: readonly string[]): Promise<readonly Got[]>
  /** The refresh token in each user's row. */
  storedTokens(): Promise<ReadonlyMap<string, string>>
  judge(got: readonly Got[]): Promise<Verdict>
  close(): Promise<void>
}

let spaces = 0

export async function createWorld(options: WorldOptions): Promise<World> {
  const { backend, pool, timeoutMs = 300, leaseMs = 2 * timeoutMs + 10_000 } = options
  let offsetMs = 0
  const emulator = createEmulator({
    clients: [{ ...app, redirectUris: [redirectUri], platform: 'web' }],
    users: [],
  })
  const listening: ListeningEmulator = await emulator.listen()
  const ledger = createLedger(leaseMs)
  const decidedAt = watchDecisions(emulator)
  const settings = {
    kind: backend.kind,
    address: backend.address,
    space: `chaos_${process.pid}_${++spaces}`,
    tokenEndpoint: listening.endpoints.tokenEndpoint,
    revocationEndpoint: listening.endpoints.revocationEndpoint,
    ...app,
    timeoutMs,
    leaseMs,
    waitMs: 15_000,
  }
  const opened = await openStore(settings)
  const { client, tokens } = createParent(emulator, opened, {
    ledger,
    timeoutMs,
    leaseMs,
    now: () => Date.now() + offsetMs,
  })
  const removed = new Set<string>()
  const unnoticed = new Set<string>()
  let wiped = false
  let made = 0
  const workers: Worker[] = []
  const replacing: Promise<void>[] = []
  const asking = new Set<Promise<void>>()

  async function addWorker(): Promise<void> {
    const worker = pool.take((name, report) => ledger.hear(name, report))
    const skewMs = options.skewsMs?.[made++ % options.skewsMs.length] ?? 0
    const full: WorkerSettings = { ...settings, skewMs }
    worker.setClock(offsetMs)
    await worker.start(full)
    worker.setClock(offsetMs)
    workers.push(worker)
  }

  async function login(user: number): Promise<string> {
    const url = client.authorizationUrl({ state: 'state', scope: ['user.info.basic'] })
    const callback = await emulator.consent(url, { user: `user-${user}` })
    const tokenSet = await client.exchangeCode({ code: callback.searchParams.get('code') ?? '' })
    ledger.login(tokenSet.refreshToken)
    removed.delete(tokenSet.openId)
    unnoticed.delete(tokenSet.openId)
    await tokens.save(tokenSet)
    return tokenSet.openId
  }

  const users: string[] = []
  for (let user = 0; user < options.users; user++) {
    emulator.users.add({ id: `user-${user}`, displayName: `User ${user}` })
    users.push(await login(user))
  }
  await Promise.all(Array.from({ length: options.workers }, addWorker))

  const world: World = {
    emulator,
    backend,
    ledger,
    users,
    leaseMs,
    tokens,
    decidedAt,
    get workers() {
      return workers.filter(({ alive }) => alive)
    },
    expire() {
      unnoticed.clear()
      emulator.advance(3 * hourMs)
      offsetMs += 3 * hourMs
      for (const worker of workers) worker.setClock(offsetMs)
    },
    login,
    removeAtTikTok(openId) {
      const grant = emulator.grants.find((one) => one.openId === openId && one.state === 'active')
      if (grant !== undefined) emulator.removeApp(grant.userId, app.clientKey)
      removed.add(openId)
      unnoticed.add(openId)
    },
    async revoke(worker, openId) {
      removed.add(openId)
      await worker.revoke(openId)
    },
    async kill(worker) {
      ledger.killed(worker.name)
      await worker.kill()
      replacing.push(addWorker())
    },
    async complete() {
      await Promise.all(replacing.splice(0))
    },
    freeze(worker) {
      ledger.frozen(worker.name)
      worker.freeze()
    },
    wipe() {
      wiped = true
    },
    ask(worker, openIds = users) {
      // Answers are asked for again when the trouble is over; this only sets things going.
      const asked: Promise<void> = worker
        .get(openIds, { insistMs: 20_000 })
        .then(noop, noop)
        .finally(() => asking.delete(asked))
      asking.add(asked)
    },
    async answered() {
      await Promise.all(asking)
    },
    async askEverybody(openIds = users) {
      const alive = world.workers
      const got = await Promise.all(
        alive.map((worker, index) =>
          worker.get(
            openIds.filter((_, user) => user % alive.length === index),
            { insistMs: 60_000 },
          ),
        ),
      )
      return got.flat()
    },
    async storedTokens() {
      const rows = await Promise.all(
        users.map(async (openId) => [openId, (await readToken(openId, opened)) ?? ''] as const),
      )
      return new Map(rows)
    },
    async judge(got) {
      // Nobody can know of a removal at TikTok before the next refresh.
      const told = got.filter(({ openId }) => !unnoticed.has(openId))
      const endings = await Promise.all(told.map((one) => endingOf(one, opened)))
      const { requests: journal, grants } = emulator
      return ledger.judge(endings, { journal, grants, removed, wiped })
    },
    async close() {
      await world.complete()
      await Promise.all(world.workers.map((worker) => pool.giveBack(worker)))
      await tokens.close()
      await opened.close()
      await listening.close()
    },
  }
  return world
}

function createParent(
  emulator: Emulator,
  { store }: OpenStore,
  {
    ledger,
    timeoutMs,
    leaseMs,
    now,
  }: { ledger: Ledger; timeoutMs: number; leaseMs: number; now: () => number },
): { client: TikTokClient; tokens: TokenManager } {
  const client = createTikTokClient({
    ...app,
    redirectUri,
    endpoints: emulator.endpoints,
    fetch: emulator.fetch,
    timeoutMs,
    now,
  })
  const observed = observedStore(sealed(store), {
    report: (report) => ledger.hear(0, report),
    pass: async () => {},
    trouble: () => ({}),
    losesAcknowledgement: () => false,
  })
  return { client, tokens: createTokenManager(client, observed, { leaseMs, now }) }
}

function watchDecisions(emulator: Emulator): ReadonlyMap<string, number> {
  const decidedAt = new Map<string, number>()
  emulator.onRequest(({ presented, effect, grantType, outcome }) => {
    if (grantType !== 'refresh_token' || effect !== 'ok' || outcome === 'pending') return
    if (presented !== undefined && !decidedAt.has(presented)) decidedAt.set(presented, preciseNow())
  })
  return decidedAt
}

async function endingOf({ openId, accessTokens, failures }: Got, opened: OpenStore): Promise<Ending> {
  const stored = await readToken(openId, opened)
  return { openId, accessToken: accessTokens[0], failure: failures[0], stored }
}

async function readToken(openId: string, { store }: OpenStore): Promise<string | undefined> {
  const row = await sealed(store).read(`${app.clientKey}:${encodeURIComponent(openId)}`)
  if (row === undefined) return undefined
  const record: { tokenSet?: { refreshToken: string } } = JSON.parse(row.value)
  return record.tokenSet?.refreshToken
}

function noop(): void {}
