import type { GrantSnapshot, JournalEntry } from '@tiktok-auth/emulator'
import { shortHash } from '@tiktok-auth/emulator'
import type { Report, Write } from './messages.ts'

/** What one user came to at the end of a scenario. */
export interface Ending {
  readonly openId: string
  /** The token that callers were given, or what they were given instead of one. */
  readonly accessToken: string | undefined
  readonly failure: string | undefined
  /** The refresh token in the row, if the row is a grant's. */
  readonly stored: string | undefined
}

/** What is known about the run besides what the workers said. */
export interface Circumstances {
  readonly journal: readonly JournalEntry[]
  readonly grants: readonly GrantSnapshot[]
  /** Users who were disconnected, by themselves at TikTok or by the application. */
  readonly removed: ReadonlySet<string>
  /** Rows have vanished: the store was wiped. */
  readonly wiped: boolean
}

/** How a scenario went. */
export interface Verdict {
  readonly rotations: number
  readonly replays: number
  /** Users who have to log in again though nobody removed them. */
  readonly lost: readonly string[]
  /** Everything that the promise does not allow. */
  readonly unexplained: readonly string[]
}

/** Keeps what workers report and judges it at the end. */
export interface Ledger {
  hear(worker: number, report: Report): void
  /** A login stored by the parent. */
  login(refreshToken: string): void
  /** From here on the worker's requests may have been rotated without anybody knowing. */
  killed(worker: number): void
  /** The worker stands still and may be overtaken. */
  frozen(worker: number): void
  readonly events: ReadonlyMap<string, number>
  /** When each write was known to be durable, by the refresh token it stored. */
  readonly storedAt: ReadonlyMap<string, number>
  /** What each used refresh token brought, where somebody heard the answer. */
  readonly answers: ReadonlyMap<string, string>
  /** The worker that stored this refresh token first. */
  writerOf(refreshToken: string): number | undefined
  /** Whether some worker set about claiming the grant that has this refresh token. */
  claimedFor(refreshToken: string): boolean
  judge(endings: readonly Ending[], circumstances: Circumstances): Verdict
}

interface ClaimNote {
  readonly claim: string
  readonly at: number
}

// Of the instants that processes report; the store's own clock decides.
const toleranceMs = 50

/** Makes the ledger of a run in which claims live for `leaseMs`. */
export function createLedger(leaseMs: number): Ledger {
  const claims = new Map<string, ClaimNote[]>()
  const writes = new Map<string, Write>()
  const storedAt = new Map<string, number>()
  const writers = new Map<string, number>()
  const claimed = new Set<string>()
  const senders = new Map<string, Set<number>>()
  const hearers = new Map<string, Set<number>>()
  const answers = new Map<string, string>()
  const logins = new Set<string>()
  const killed = new Set<number>()
  const frozen = new Set<number>()
  const events = new Map<string, number>()

  function note(worker: number, report: Report): void {
    switch (report.type) {
      case 'writing':
        writes.set(report.write.revision, report.write)
        if (report.write.claim !== undefined) claimed.add(report.write.refreshToken ?? '')
        return
      case 'written': {
        const written = writes.get(report.revision)
        const token = written?.refreshToken
        if (token !== undefined && written?.claim !== undefined)
          noteClaim(token, { claim: written.claim, at: report.at })
        if (token === undefined || storedAt.has(token)) return
        storedAt.set(token, report.at)
        writers.set(token, worker)
        return
      }
      case 'sending':
        add(senders, shortHash(report.refreshToken), worker)
        return
      case 'answered':
        add(hearers, shortHash(report.consumed), worker)
        answers.set(report.consumed, report.refreshToken)
        return
      case 'event':
        events.set(report.name, (events.get(report.name) ?? 0) + 1)
        return
      case 'at':
      case 'done':
      case 'failed':
    }
  }

  function noteClaim(refreshToken: string, note: ClaimNote): void {
    const hash = shortHash(refreshToken)
    claims.set(hash, [...(claims.get(hash) ?? []), note])
  }

  /** Whether a row stood with its claim for a whole lease before the next claim: the store was away, or the machine. */
  function ranOut(hash: string): boolean {
    const notes = (claims.get(hash) ?? []).toSorted((a, b) => a.at - b.at)
    return notes.some(({ claim, at }, index) => {
      const before = notes[index - 1]
      return before !== undefined && before.claim !== claim && at - before.at >= leaseMs - toleranceMs
    })
  }

  /** Why the answer to this used token may be known to nobody; `undefined` where it must be known. */
  function lostAnswer(hash: string, journal: readonly JournalEntry[]): string | undefined {
    const rotation = journal.find((entry) => entry.presented === hash && entry.effect === 'ok')
    if (rotation === undefined) return undefined
    if ([...(hearers.get(hash) ?? [])].some((worker) => !killed.has(worker))) return undefined
    if (rotation.outcome !== 'ok') return 'the reply was lost'
    const holders = [...(senders.get(hash) ?? [])]
    return holders.some((worker) => killed.has(worker)) ? 'the process was killed' : undefined
  }

  function checkWrites(journal: readonly JournalEntry[], grants: readonly GrantSnapshot[], wiped: boolean) {
    const issued = orderOfIssue(grants)
    const problems: string[] = []
    for (const write of writes.values()) {
      const problem = checkWrite(write, { issued, wiped })
      if (problem !== undefined) problems.push(`${problem} (revision ${write.revision})`)
    }
    for (const entry of journal.filter(({ replay }) => replay)) {
      const hash = entry.presented ?? ''
      const overtaken = [...(senders.get(hash) ?? [])].some((worker) => frozen.has(worker))
      if (!overtaken && !ranOut(hash) && lostAnswer(hash, journal) === undefined && !cut(hash, journal)) {
        problems.push(`refresh token ${hash} was sent again without need`)
      }
    }
    return problems
  }

  function checkWrite(
    write: Write,
    { issued, wiped }: { issued: ReadonlyMap<string, number>; wiped: boolean },
  ): string | undefined {
    const { refreshToken, expected } = write
    if (refreshToken === undefined || logins.has(refreshToken)) return undefined
    if (expected === undefined) return wiped ? undefined : 'a row was made of nothing'
    const before = writes.get(expected)
    if (before === undefined) return 'a row was replaced that nobody wrote'
    if (before.refreshToken === undefined) return 'a removed grant came back'
    if (before.refreshToken === refreshToken) return undefined
    if (answers.get(before.refreshToken) !== refreshToken)
      return 'tokens were stored over ones they were not got with'
    const backwards = (issued.get(refreshToken) ?? 0) <= (issued.get(before.refreshToken) ?? 0)
    return backwards ? 'a record went backwards' : undefined
  }

  function judgeUser(ending: Ending, { journal, grants, removed, wiped }: Circumstances) {
    const { openId, accessToken, failure, stored } = ending
    const active = grants.find((grant) => grant.openId === openId && grant.state === 'active')
    if (removed.has(openId)) {
      return accessToken === undefined ? {} : { problem: `${openId} was removed and still has a token` }
    }
    if (accessToken !== undefined) {
      const living = active?.tokens.some(({ value, state }) => value === accessToken && state === 'live')
      return living === true ? {} : { problem: `${openId} was given a token that does not work` }
    }
    if (failure !== 'reauthorization_required') {
      return { problem: `${openId} has neither a token nor an end: ${failure}` }
    }
    if (wiped && stored === undefined) return { lost: true }
    const why = stored === undefined ? undefined : lostAnswer(shortHash(stored), journal)
    return why === undefined ? { problem: `${openId} was lost without an explanation` } : { lost: true }
  }

  return {
    hear: note,
    login: (refreshToken) => void logins.add(refreshToken),
    killed: (worker) => void killed.add(worker),
    frozen: (worker) => void frozen.add(worker),
    events,
    storedAt,
    answers,
    writerOf: (refreshToken) => writers.get(refreshToken),
    claimedFor: (refreshToken) => claimed.has(refreshToken),
    judge(endings, circumstances) {
      const { journal, grants, wiped } = circumstances
      const refreshes = journal.filter(({ grantType }) => grantType === 'refresh_token')
      const users = endings.map((ending) => ({ ending, ...judgeUser(ending, circumstances) }))
      return {
        rotations: refreshes.filter(({ effect }) => effect === 'ok').length,
        replays: refreshes.filter(({ replay }) => replay).length,
        lost: users.filter(({ lost }) => lost === true).map(({ ending }) => ending.openId),
        unexplained: [
          ...users.flatMap(({ problem }) => problem ?? []),
          ...checkWrites(refreshes, grants, wiped),
        ],
      }
    },
  }
}

/** Whether a reply for this token was cut or replaced by a fault, which a second request may follow. */
function cut(hash: string, journal: readonly JournalEntry[]): boolean {
  return journal.some(
    ({ presented, fault, outcome }) => presented === hash && fault !== undefined && outcome !== 'ok',
  )
}

function orderOfIssue(grants: readonly GrantSnapshot[]): ReadonlyMap<string, number> {
  const tokens = grants.flatMap((grant) => grant.tokens.filter(({ kind }) => kind === 'refresh'))
  return new Map(tokens.map(({ value }, index) => [value, index]))
}

function add(map: Map<string, Set<number>>, key: string, worker: number): void {
  const set = map.get(key) ?? new Set()
  set.add(worker)
  map.set(key, set)
}
