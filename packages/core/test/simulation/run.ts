import { isTikTokAuthError } from '../../src/index.ts'
import type { RefreshReport, TokenManager, TokenSet } from '../../src/index.ts'
import type { GrantRecord } from '../../src/tokens/grant-record.ts'
import type { createManagerOn } from '../../src/tokens/token-manager.ts'
import { accessLifeMs, createNetwork, timeoutMs } from './client-model.ts'
import type { Network } from './client-model.ts'
import type { Invariants } from './invariants.ts'
import { createInvariants } from './invariants.ts'
import type { SimProcess } from './process-model.ts'
import { createProcess } from './process-model.ts'
import type { Scenario, ServerKind } from './scenario.ts'
import { scenarios } from './scenario.ts'
import type { Server } from './server-model.ts'
import { createServer } from './server-model.ts'
import type { Backend } from './store-model.ts'
import { createBackend } from './store-model.ts'
import type { World } from './world.ts'
import { createWorld } from './world.ts'

/** What one run came to. */
export interface Outcome {
  readonly seed: number
  readonly scenario: string
  readonly server: ServerKind
  readonly ages: boolean
  readonly violations: readonly string[]
  readonly steps: number
  readonly rotations: number
  readonly replays: number
  /** Why the grant had to be given anew at the end; `undefined`: it was alive. */
  readonly lost: string | undefined
  readonly trace: readonly string[]
}

/** What a run is made of; whatever is left out follows from the seed. */
export interface RunOptions {
  readonly seed: number
  readonly scenario?: string
  readonly server?: ServerKind
  readonly ages?: boolean
  readonly trace?: boolean
}

export type BuildManager = typeof createManagerOn

const leaseMs = 30_000
const waitMs = 15_000
const excusedMs = 300_000
const markedWithinMs = 5_000
const openId = 'user-1'
const rowKey = 'simulated:user-1'

interface Machine {
  readonly process: SimProcess
  readonly tokens: TokenManager
}

/** Plays one seed through and reports every broken rule. */
export async function run(build: BuildManager, options: RunOptions): Promise<Outcome> {
  const simulation = createSimulation(build, options)
  return simulation.play()
}

function createSimulation(build: BuildManager, options: RunOptions): { play(): Promise<Outcome> } {
  const { seed } = options
  const world = createWorld(seed, () => {})
  const scenario = chooseScenario(world, options.scenario)
  // Drawn in any case, so that naming what a seed draws anyway changes nothing.
  const drawn = {
    server: world.pick(['strict', 'strict', 'family', 'grace_same', 'grace_new', 'steady'] as const),
    ages: world.chance(0.5),
  }
  const { server: kind = drawn.server, ages = drawn.ages } = options
  const server = createServer(world, kind, {
    loginEndsOlder: world.chance(0.5),
    refreshEndsAccess: world.chance(0.5),
    // No client can know that a frozen process holds the answer, nor store it while the store is down.
    excuse() {
      const from = world.time - excusedMs
      const frozen = machines.all.some(({ process }) => process.freezes.some(({ to }) => to > from))
      if (frozen) return 'all tokens ended by a replay after a freeze'
      if (backend.failedBetween(from, world.time)) return 'all tokens ended by a replay after a store failure'
      return undefined
    },
  })
  const invariants = createInvariants(world, server, { leaseMs, timeoutMs, storeIsSound: isSound(scenario) })
  const trace: string[] = []
  const note = (text: string): void => {
    if (options.trace === true) trace.push(`${(world.time / 1000).toFixed(3)} ${text}`)
  }
  const backend = createBackend(world, scenario, {
    ages,
    observe(process, write) {
      note(`p${process.id} writes ${describe(write.after.value)} over ${describe(write.before?.value)}`)
      invariants.write(process, write)
    },
  })
  const network = createNetwork(world, scenario, {
    server,
    observer: {
      ...invariants.request,
      refreshSent(process, refreshToken) {
        note(`p${process.id} sends ${refreshToken}`)
        return invariants.request.refreshSent(process, refreshToken)
      },
      replyDelivered(process, refreshToken, next) {
        note(`p${process.id} gets ${next.refreshToken} for ${refreshToken}`)
        invariants.request.replyDelivered(process, refreshToken, next)
      },
    },
  })
  const machines = createMachines({ build, world, scenario, server, backend, network, note })
  const players = createPlayers({ world, scenario, server, network, backend, invariants, note })
  const stage = { world, scenario, ages, server, backend, network, invariants, machines, players, note }

  return {
    async play() {
      try {
        await playOut(stage)
      } catch (error) {
        invariants.violation(error instanceof Error ? (error.stack ?? error.message) : String(error))
      }
      for (const replay of server.unexplainedReplays) invariants.violation(`needless replay of ${replay}`)
      return {
        seed,
        scenario: scenario.name,
        server: kind,
        ages,
        violations: invariants.violations,
        steps: world.steps,
        rotations: server.rotations.length,
        replays: server.replays,
        lost: stage.players.lost,
        trace,
      }
    },
  }
}

interface Stage {
  readonly world: World
  readonly scenario: Scenario
  readonly ages: boolean
  readonly server: Server
  readonly backend: Backend
  readonly network: Network
  readonly invariants: Invariants
  readonly machines: Machines
  readonly players: Players
  readonly note: (text: string) => void
}

function chooseScenario(world: World, name: string | undefined): Scenario {
  const drawn = world.pick(scenarios)
  if (name === undefined) return drawn
  const found = scenarios.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no scenario is called ${name}`)
  return found
}

function describe(value: string | undefined): string {
  if (value === undefined) return 'nothing'
  const record: GrantRecord = JSON.parse(value)
  if ('removed' in record) return 'a tombstone'
  const marks = ['claim', 'retry', 'ambiguous', 'rejected', 'revoking'].filter((mark) => mark in record)
  return [record.tokenSet.refreshToken, ...marks].join(' ')
}

// -- machines

interface Machines {
  readonly alive: readonly Machine[]
  readonly all: readonly Machine[]
  start(skewMs: number): Machine
}

function createMachines(parts: {
  build: BuildManager
  world: World
  scenario: Scenario
  server: Server
  backend: Backend
  network: Network
  note: (text: string) => void
}): Machines {
  const { build, world, server, backend, network, note } = parts
  const all: Machine[] = []
  return {
    get alive() {
      return all.filter(({ process }) => process.alive)
    },
    all,
    start(skewMs) {
      const id = all.length + 1
      const process = createProcess(world, id, {
        skewMs,
        onCrash() {
          note(`p${id} dies`)
          for (const rotation of server.rotations) {
            if (rotation.requestedBy === id && !rotation.stored) {
              rotation.replyLost = true
              rotation.family.explained.push('process died')
            }
          }
        },
      })
      const settings = {
        leadMs: undefined,
        leaseMs,
        waitMs,
        keepFresh: parts.scenario.workers > 0 ? 'access' : 'grant',
        onEvent: (event: { type: string }) => note(`p${id} event ${event.type}`),
        waitUntil: undefined,
        now: undefined,
      } as const
      const tokens = build(process.clock, settings, {
        client: network.connect(process),
        store: backend.connect(process),
      })
      const machine = { process, tokens }
      all.push(machine)
      return machine
    },
  }
}

// -- what people do

/** Whether every store operation does what it says, soon. An adoption or a login may write long after its call otherwise. */
function isSound(scenario: Scenario): boolean {
  const { storeError, storeHang, storeMs, outages, lateWrite, evictions, adoptions, crashes } = scenario
  return storeError + storeHang + outages + lateWrite + evictions + adoptions + crashes === 0 && storeMs <= 20
}

interface Players {
  get(machine: Machine, report: boolean): Promise<void>
  login(machine: Machine): Promise<void>
  revoke(machine: Machine): Promise<void>
  refreshDue(machine: Machine): Promise<void>
  adopt(machine: Machine): Promise<void>
  retryRejected(machine: Machine): Promise<void>
  /** Calls that have not come back. */
  readonly waiting: Set<{ readonly machine: Machine; readonly what: string }>
  /** Whether a user is connected, as far as anybody outside can tell; `unknown` while calls overlap. */
  connected: 'yes' | 'no' | 'unknown'
  lost: string | undefined
}

function createPlayers(parts: {
  world: World
  scenario: Scenario
  server: Server
  network: Network
  backend: Backend
  invariants: Invariants
  note: (text: string) => void
}): Players {
  const { world, scenario, server, network, backend, invariants, note } = parts
  const waiting = new Set<{ readonly machine: Machine; readonly what: string }>()
  let generation = 0
  let changing = 0
  // Whatever may write a living grant into the row, now or later.
  let logins = 0
  let loggingIn = 0
  const storeIsSound = isSound(scenario)

  /** Changes with every login; equal to nothing, not even to itself, while one is under way. */
  function loginMark(): number {
    return loggingIn > 0 ? NaN : logins
  }
  async function logIn(work: () => Promise<void>): Promise<void> {
    logins++
    loggingIn++
    await work()
    loggingIn--
  }
  /** Whether the row says that the user is gone, or going. */
  function isMarked(): boolean {
    const value = backend.row(rowKey)?.value
    if (value === undefined) return true
    const record: GrantRecord = JSON.parse(value)
    return 'removed' in record || record.revoking === true
  }
  /** A revocation puts the row out of use before it waits for anything. */
  function expectMark({ process }: Machine): void {
    const [began, before] = [world.time, loginMark()]
    world.schedule(markedWithinMs, () => {
      const disturbed =
        !process.alive || process.freezes.some(({ to }) => to > began) || loginMark() !== before
      if (storeIsSound && !disturbed && !isMarked())
        invariants.violation('a revocation did not take effect at once')
    })
  }

  /** Notes what holds after a login or a revocation, unless another one overlapped with it. */
  async function change(after: 'yes' | 'no', work: () => Promise<unknown>): Promise<void> {
    const mine = ++generation
    players.connected = 'unknown'
    const alone = changing === 0
    changing++
    await work()
    changing--
    if (alone && generation === mine) players.connected = after
  }

  async function call(machine: Machine, what: string, work: () => Promise<unknown>): Promise<void> {
    const entry = { machine, what }
    waiting.add(entry)
    try {
      await work()
    } catch (error) {
      // Whatever goes wrong, callers see a typed error.
      if (!isTikTokAuthError(error)) invariants.violation(`${what} failed with ${String(error)}`)
      else if (scenario.gentle) invariants.violation(`${what} failed in a gentle world: ${error.code}`)
      note(`p${machine.process.id} ${what} fails: ${String(error)}`)
    } finally {
      waiting.delete(entry)
    }
  }

  async function timed<Value>({ process }: Machine, work: () => Promise<Value>): Promise<Value> {
    const began = world.time
    try {
      return await work()
    } finally {
      const frozen = process.freezes.some(({ from, to }) => from < world.time && to > began)
      const took = world.time - began
      if (!frozen && took > waitMs + 1) invariants.violation(`a caller waited ${took} ms`)
    }
  }

  async function getFirst(machine: Machine): Promise<TokenSet> {
    const began = world.time
    try {
      return await timed(machine, () => machine.tokens.get(openId))
    } catch (error) {
      if (invariants.knewSuccessor(machine.process, began)) {
        invariants.violation(`a caller got nothing from a process that knew the successor: ${String(error)}`)
      }
      throw error
    }
  }

  const players: Players = {
    waiting,
    connected: 'no',
    lost: undefined,
    async get(machine, report) {
      const { connected } = players
      const before = generation
      const [marked, loginsBefore, began] = [isMarked(), loginMark(), world.time]
      await call(machine, 'get', async () => {
        const first = await getFirst(machine)
        note(`p${machine.process.id} get brings ${first.refreshToken}`)
        if (storeIsSound && marked && loginMark() === loginsBefore) {
          invariants.violation('tokens of a row that was marked for removal were handed out')
        }
        if (first.accessToken === 'act.foreign') {
          invariants.violation('I8: the tokens of another user were handed out')
        }
        // Where the row cannot be read, an answer that could not be stored is given from memory.
        const unread = backend.failedBetween(began, world.time)
        if (!unread || !invariants.gotAnswer(machine.process, first.refreshToken)) {
          checkTokens({ connected, before })
        }
        const refused = first.accessToken
        if (!report && server.accepts(refused)) return
        const second = await timed(machine, () => machine.tokens.get(openId, { refusedAccessToken: refused }))
        if (second.accessToken === refused) invariants.violation('a refused token was handed out again')
      })
    },
    async login(machine) {
      const pair = server.login()
      invariants.saving(machine.process, pair.refreshToken)
      note(`p${machine.process.id} logs in with ${pair.refreshToken}`)
      await logIn(() =>
        call(machine, 'save', () =>
          change('yes', () => machine.tokens.save(network.tokenSet(machine.process, pair))),
        ),
      )
    },
    async revoke(machine) {
      invariants.revoking(machine.process)
      note(`p${machine.process.id} revokes`)
      expectMark(machine)
      await call(machine, 'revoke', () => change('no', () => machine.tokens.revoke(openId)))
    },
    async refreshDue(machine) {
      invariants.working(machine.process)
      await call(machine, 'refreshDue', async () =>
        checkReport(await machine.tokens.refreshDue({ perSecond: 1_000 })),
      )
    },
    async adopt(machine) {
      const { refreshToken } = server.login()
      invariants.adopting(refreshToken)
      note(`p${machine.process.id} adopts ${refreshToken}`)
      await call(machine, 'adopt', () =>
        change('yes', () => timed(machine, () => machine.tokens.adopt({ refreshToken }))),
      )
    },
    async retryRejected(machine) {
      note(`p${machine.process.id} tries again what was rejected`)
      await call(machine, 'retryRejected', () => timed(machine, () => machine.tokens.retryRejected(openId)))
    },
  }

  function checkReport(report: RefreshReport): void {
    const { due, refreshed, skipped, failed, rejected, revoked, unreadable, stopped } = report
    const counted = refreshed + skipped + failed + rejected + revoked + unreadable
    if (counted > due || (counted < due && stopped === undefined)) {
      invariants.violation(`a batch of ${due} accounts for ${counted}`)
    }
    if (unreadable > 0) invariants.violation('a row could not be read')
  }

  function checkTokens(at: { connected: string; before: number }): void {
    if (at.connected === 'no' && at.before === generation) {
      invariants.violation('tokens were handed out after a revocation had ended')
    }
  }
  return players
}

// -- the course of a run

async function playOut(stage: Stage): Promise<void> {
  const { world, scenario, machines, players } = stage
  const skew = (): number => world.between(-scenario.skewMs, scenario.skewMs)
  const count = Math.max(1, Math.round(world.between(1, scenario.processes + 0.49)))
  for (let index = 0; index < count; index++) machines.start(skew())
  const first = world.pick(machines.all)
  await drive(stage, () => players.login(first), 60_000)
  for (let round = 0; round < scenario.rotations; round++) {
    // Some time around the end of the access token, by everybody's clocks.
    await world.drain(world.time + accessLifeMs + world.between(-400_000, 400_000))
    scheduleRound(stage, skew)
    await world.drain(world.time + 180_000)
  }
  await quiesce(stage)
  await lastLook(stage)
}

async function drive(stage: Stage, work: () => Promise<void>, ms: number): Promise<void> {
  void work()
  await stage.world.drain(stage.world.time + ms)
}

function scheduleRound(stage: Stage, skew: () => number): void {
  const { world, scenario, machines, players, backend, server, invariants, note } = stage
  const soon = (): number => world.between(0, world.pick([500, 5_000, 60_000]))
  const someone = (run: (machine: Machine) => void): void => {
    const machine = world.pick(machines.alive)
    machine.process.deliver(() => run(machine))
  }
  const times = (rate: number, run: () => void): void => {
    const whole = Math.floor(rate) + (world.chance(rate % 1) ? 1 : 0)
    for (let index = 0; index < whole; index++) world.schedule(soon(), run)
  }
  const perRound = (total: number): number => total / scenario.rotations

  times(scenario.callers, () =>
    someone((machine) => void players.get(machine, world.chance(scenario.refused))),
  )
  times(perRound(scenario.logins), () => someone((machine) => void players.login(machine)))
  times(perRound(scenario.revocations), () => someone((machine) => void players.revoke(machine)))
  // A rate of nothing draws nothing, so that the seeds of older scenarios play what they always played.
  if (scenario.workers > 0) {
    times(perRound(scenario.workers), () => someone((machine) => void players.refreshDue(machine)))
  }
  if (scenario.adoptions > 0) {
    times(perRound(scenario.adoptions), () => someone((machine) => void players.adopt(machine)))
  }
  if (scenario.retries > 0) {
    times(perRound(scenario.retries), () => someone((machine) => void players.retryRejected(machine)))
  }
  times(perRound(scenario.removals), () => {
    note('the user removes the app')
    server.removeApp()
  })
  times(perRound(scenario.crashes), () => scheduleCrash(stage, skew))
  times(perRound(scenario.freezes), () => {
    const { process } = world.pick(machines.alive)
    const ms = world.between(1_000, 120_000)
    note(`p${process.id} freezes for ${Math.round(ms)}`)
    process.freeze(ms)
  })
  times(perRound(scenario.evictions), () => {
    const entry = backend.row(rowKey)
    if (entry === undefined || describe(entry.value) === 'a tombstone') return
    note('the row is evicted')
    invariants.evicted()
    for (const family of server.families) family.explained.push('evicted')
    backend.evict(rowKey)
  })
  times(perRound(scenario.outages), () => backend.outage(world.between(100, 60_000)))
  times(perRound(scenario.clockSteps), () => {
    // Without the backend's clock, wall clocks are promised to be within five minutes of the truth.
    const wrong = stage.ages ? world.pick([-3_600_000, 3_600_000, -60_000, 60_000]) : skew()
    world.pick(machines.alive).process.setClock(wrong)
  })
}

/** Ends a process at one of its next steps, so that every point between two steps gets its turn. */
function scheduleCrash({ world, machines, players }: Stage, skew: () => number): void {
  const { process } = world.pick(machines.alive)
  const last = process.steps + Math.floor(world.between(0, 12))
  const tick = (): void => {
    if (!process.alive) return
    if (process.steps < last && world.time < deadline) {
      world.schedule(1, tick)
      return
    }
    process.crash()
    for (const entry of players.waiting) if (entry.machine.process === process) players.waiting.delete(entry)
    if (machines.alive.length === 0) machines.start(skew())
    else if (world.chance(0.5)) world.schedule(world.between(10, 20_000), () => machines.start(skew()))
  }
  const deadline = world.time + 2_000
  tick()
}

/** Ends all faults and lets everything come to rest. */
async function quiesce(stage: Stage): Promise<void> {
  const { world, backend, network, machines, players, invariants } = stage
  stage.note('all faults end')
  backend.heal()
  network.heal()
  await world.drain(world.time + 900_000)
  for (const { machine, what } of players.waiting) {
    invariants.violation(`a ${what} of process ${machine.process.id} never came back`)
  }
  // Twice, as a machine that has not seen a claim yet has to watch it for a lease where the backend tells no age.
  for (let round = 0; stage.scenario.workers > 0 && round < 2; round++) {
    const [machine] = machines.alive
    if (machine !== undefined) await drive(stage, () => players.refreshDue(machine), 60_000)
  }
  for (const { process, tokens } of machines.alive) {
    let closed = false
    void tokens.close().then(() => {
      closed = true
    })
    await world.drain(world.time + 200_000)
    if (!closed) invariants.violation(`process ${process.id} did not close`)
    if (process.timers > 0) invariants.violation(`process ${process.id} kept ${process.timers} timers`)
  }
  const unfinished = leftover(stage)
  if (unfinished !== undefined) invariants.violation(unfinished)
  const unstoredAdoption = invariants.unstoredAdoption()
  if (unstoredAdoption !== undefined) invariants.violation(unstoredAdoption)
  const entry = backend.row(rowKey)
  if (entry === undefined) return
  const record: GrantRecord = JSON.parse(entry.value)
  if ('removed' in record) return
  const unstored = invariants.deliveredUnstored(record)
  if (unstored !== undefined) invariants.violation(unstored)
}

/** What workers should have finished. */
function leftover({ scenario, backend }: Stage): string | undefined {
  const entry = backend.row(rowKey)
  if (scenario.workers === 0 || entry === undefined) return undefined
  const record: GrantRecord = JSON.parse(entry.value)
  const unfinished = !('removed' in record) && record.revoking === true
  return unfinished ? 'a revocation was left unfinished' : undefined
}

/** A new process with a true clock: the grant must work, or its loss must have a known reason. */
async function lastLook(stage: Stage): Promise<void> {
  const { world, machines, players, invariants, backend, server, note } = stage
  await world.drain(world.time + accessLifeMs)
  const { tokens } = machines.start(0)
  note('a new process looks')
  let code = 'nothing'
  let reason = ''
  for (let attempt = 0; attempt < 4; attempt++) {
    void tokens.get(openId).then(
      () => {
        code = 'tokens'
      },
      (error: unknown) => {
        code = isTikTokAuthError(error) ? error.code : String(error)
        reason = isTikTokAuthError(error) && error.code === 'reauthorization_required' ? error.reason : ''
      },
    )
    await world.drain(world.time + 400_000)
    if (code === 'tokens' || code === 'reauthorization_required') break
  }
  note(`it gets ${code} ${reason}`)
  if (code === 'tokens') {
    if (players.connected === 'no') invariants.violation('a revoked grant is alive')
    return
  }
  if (code !== 'reauthorization_required') {
    invariants.violation(`a healthy world ends with ${code}`)
    return
  }
  players.lost = explain({ players, server, reason, row: backend.row(rowKey)?.value })
  if (players.lost.startsWith('unexplained')) invariants.violation(`lost: ${players.lost}`)
}

function explain(parts: {
  players: Players
  server: Server
  reason: string
  row: string | undefined
}): string {
  const { players, server, reason, row } = parts
  if (players.connected !== 'yes' && reason === 'no_grant') return 'revoked'
  const record: GrantRecord | undefined = row === undefined ? undefined : JSON.parse(row)
  if (record === undefined) {
    const evicted = server.families.some(({ explained }) => explained.includes('evicted'))
    return evicted ? 'evicted' : 'unexplained: the row is gone'
  }
  if ('removed' in record) return 'unexplained: a tombstone where a login should be'
  const family = server.familyOf(record.tokenSet.refreshToken)
  if (family === undefined) return 'unexplained: tokens that nobody gave'
  if (family.ended !== undefined) return family.ended
  const [why] = family.explained
  if (why === undefined) return `unexplained: ${reason}`
  if (reason !== 'ambiguous') return `unexplained: ${why}, but the cause given is ${reason}`
  return why
}
