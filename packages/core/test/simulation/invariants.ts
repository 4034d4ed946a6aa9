import type { TokenSet } from '../../src/index.ts'
import type { GrantRecord, LiveGrant } from '../../src/tokens/grant-record.ts'
import type { StoreEntry } from '../../src/tokens/token-store.ts'
import type { RequestObserver, SentRefresh } from './client-model.ts'
import type { SimProcess } from './process-model.ts'
import type { Server } from './server-model.ts'
import type { WriteObserver } from './store-model.ts'
import type { World } from './world.ts'

/** Watches a run and notes every rule that is broken. */
export interface Invariants {
  readonly violations: readonly string[]
  readonly request: RequestObserver
  readonly write: WriteObserver
  violation(text: string): void
  saving(process: SimProcess, refreshToken: string): void
  /** Whether TikTok has given these to this process, for a refresh token that it had claimed. */
  gotAnswer(process: SimProcess, refreshToken: string): boolean
  evicted(): void
  /** Whether at that time the process had the answer that the row's refresh token, to this day, was used up for. */
  knewSuccessor(process: SimProcess, at: number): boolean
  /** A revocation was asked for. */
  revoking(process: SimProcess): void
  /** A process works off what is due, and may finish the revocations of others. */
  working(process: SimProcess): void
  /** A token of another system is about to be used. */
  adopting(refreshToken: string): void
  /** Answers to adoptions that reached a process that lives and were never stored. */
  unstoredAdoption(): string | undefined
  /** Whether a revocation is, or was, asked for at all. */
  readonly revocations: number
  /** Deliveries that no row may outlive: the answer to a used token reached a process that lived on. */
  deliveredUnstored(record: LiveGrant): string | undefined
}

interface ClaimNote {
  readonly process: SimProcess
  readonly refreshToken: string
  /** Of the holder's last write. */
  writtenAt: number
  sends: number
}

interface Request extends SentRefresh {
  readonly claim: ClaimNote
}

const promptMs = 5_000
const slowestMs = 200_000

export function createInvariants(
  world: World,
  server: Server,
  { leaseMs, timeoutMs, storeIsSound }: { leaseMs: number; timeoutMs: number; storeIsSound: boolean },
): Invariants {
  const violations: string[] = []
  const claims = new Map<string, ClaimNote>()
  const logins = new Set<string>()
  const outstanding = new Set<Request>()
  const delivered: { process: SimProcess; consumed: string; next: string; at: number }[] = []
  // A write of a revocation that gave up may still arrive, so this is never taken back.
  const revokers = new Set<SimProcess>()
  const workers = new Set<SimProcess>()
  const adopted = new Set<string>()
  const adoptions: { process: SimProcess; next: string }[] = []
  const stored = new Set<string>()
  let revocations = 0
  let evictions = 0
  let rowWrittenAt = 0
  let row: GrantRecord | undefined
  let rejections = 0

  function violation(text: string): void {
    violations.push(`${text} (at ${Math.round(world.time)})`)
  }

  function mayRevoke(process: SimProcess): boolean {
    return revokers.has(process) || (workers.has(process) && revocations > 0)
  }

  function checkChange(process: SimProcess, old: LiveGrant, next: LiveGrant): void {
    const consumed = old.tokenSet.refreshToken
    const issued = next.tokenSet.refreshToken
    if (issued === consumed) return checkSameToken(process, old, next)
    const from = server.familyOf(consumed)
    const to = server.familyOf(issued)
    if (from === to && server.rotationOf(issued) < server.rotationOf(consumed)) {
      violation(`the record went back from ${consumed} to ${issued}`)
    }
    if (logins.has(issued)) return
    if (server.parentOf(issued) !== consumed) {
      violation(`I2: ${issued} was stored over ${consumed}, which it was not got with`)
    }
    if (old.revoking === true && next.revoking !== true)
      violation('a refresh cleared the mark of a revocation')
    if (old.connection.id !== next.connection.id) violation('a refresh changed the connection')
  }

  function checkSameToken(process: SimProcess, old: LiveGrant, next: LiveGrant): void {
    if (old.claim === undefined || next.tokenSet.accessToken !== old.tokenSet.accessToken) return
    const holder = claims.get(old.claim.id)
    const age = world.time - rowWrittenAt
    if (holder === undefined || holder.process === process || next.claim?.id === old.claim.id) return
    if (age < old.claim.leaseMs - 1) {
      violation(
        `I7: process ${process.id} wrote over the claim of process ${holder.process.id} after ${age} ms`,
      )
    }
  }

  function noteClaim(process: SimProcess, id: string, refreshToken: string): void {
    const known = claims.get(id)
    if (known === undefined) claims.set(id, { process, refreshToken, writtenAt: world.time, sends: 0 })
    else if (known.process === process) known.writtenAt = world.time
  }

  function noteWrite(process: SimProcess, before: GrantRecord | undefined, after: GrantRecord): void {
    if (before === undefined) return checkInsert(after)
    if ('removed' in after) {
      if ('removed' in before) return
      if (before.revoking !== true) violation('I3: a grant was removed that was not marked as being revoked')
      if (!mayRevoke(process)) violation(`I3: process ${process.id} removed a grant without being asked to`)
      return
    }
    if ('removed' in before) {
      if (!logins.has(after.tokenSet.refreshToken)) violation('a removed grant came back')
      return
    }
    if (after.revoking === true && before.revoking !== true && !revokers.has(process)) {
      violation('I3: a grant was marked as being revoked without being asked to')
    }
    checkChange(process, before, after)
  }

  function checkInsert(after: GrantRecord): void {
    if ('removed' in after) {
      if (revocations === 0) violation('I3: a tombstone without a revocation')
      return
    }
    if (!logins.has(after.tokenSet.refreshToken) && evictions === 0) violation('a row was made of nothing')
  }

  /** Whether the row is one that this process claims, and that nobody else has had to do with. */
  function isHeldBy(process: SimProcess, refreshToken: string): boolean {
    if (row === undefined || 'removed' in row || row.tokenSet.refreshToken !== refreshToken) return false
    if (row.ambiguous === true || row.revoking === true || row.claim === undefined) return false
    return claims.get(row.claim.id)?.process === process
  }

  const request: RequestObserver = {
    refreshSent(process, refreshToken) {
      if (adopted.has(refreshToken)) return { claimEndsAt: () => Infinity }
      const claim = [...claims.values()].findLast(
        (note) => note.process === process && note.refreshToken === refreshToken,
      )
      if (claim === undefined) {
        violation(`I1: process ${process.id} used ${refreshToken} without a claim`)
        return { claimEndsAt: () => 0 }
      }
      const age = world.time - claim.writtenAt
      if (age > leaseMs - timeoutMs + 1) violation(`I1: ${refreshToken} was used ${age} ms into the claim`)
      if (++claim.sends > 2) violation(`${refreshToken} was sent ${claim.sends} times under one claim`)
      if ([...outstanding].some((other) => other.claim === claim)) {
        violation(`I5: process ${process.id} used ${refreshToken} twice at once`)
      }
      for (const { next, ...answer } of delivered) {
        if (answer.process === process && answer.consumed === refreshToken && next !== refreshToken) {
          violation(`${refreshToken} was sent again by the process that knew its successor`)
        }
      }
      const sent: Request = { claim, claimEndsAt: () => claim.writtenAt + leaseMs }
      outstanding.add(sent)
      return sent
    },
    refreshOver(sent) {
      for (const one of outstanding) if (one === sent) outstanding.delete(one)
    },
    refused(process, refreshToken) {
      const [began, before] = [world.time, rejections]
      const sends = [...claims.values()].findLast((note) => note.process === process)?.sends ?? 0
      // Where another answer may still come, or another process is at it, waiting is right.
      if (!storeIsSound || sends > 1 || !isHeldBy(process, refreshToken)) return
      world.schedule(promptMs, () => {
        // Who slept while the answer was on its way may have given it up.
        const frozen = process.freezes.some(({ to }) => to > began - slowestMs)
        if (process.alive && !frozen && rejections === before && isHeldBy(process, refreshToken)) {
          violation(`the refusal of ${refreshToken} was not noted by process ${process.id}`)
        }
      })
    },
    replyDelivered(process, consumed, next) {
      if (adopted.has(consumed)) {
        logins.add(next.refreshToken)
        adoptions.push({ process, next: next.refreshToken })
        return
      }
      delivered.push({ process, consumed, next: next.refreshToken, at: world.time })
    },
    revokeSent(process) {
      if (!mayRevoke(process)) violation(`I6: process ${process.id} revoked without being asked to`)
    },
  }

  return {
    violations,
    request,
    violation,
    write(process, { before, after }) {
      const old = before && record(before)
      const next = record(after)
      noteWrite(process, old, next)
      rowWrittenAt = world.time
      row = next
      if ('removed' in next) return
      if (next.rejected !== undefined) rejections++
      stored.add(next.tokenSet.refreshToken)
      if (next.tokenSet.openId !== 'user-1') violation('I8: the tokens of another user were stored')
      if (next.claim !== undefined) noteClaim(process, next.claim.id, next.tokenSet.refreshToken)
      for (const rotation of server.rotations) {
        if (rotation.issued === next.tokenSet.refreshToken) rotation.stored = true
      }
    },
    saving: (_process, refreshToken) => void logins.add(refreshToken),
    knewSuccessor(process, at) {
      if (row === undefined || 'removed' in row || row.revoking === true) return false
      const held = row.tokenSet.refreshToken
      return delivered.some(
        (one) => one.process === process && one.consumed === held && one.next !== held && one.at < at,
      )
    },
    gotAnswer: (process, refreshToken) =>
      delivered.some((one) => one.process === process && one.next === refreshToken),
    evicted() {
      evictions++
      row = undefined
    },
    revoking(process) {
      revocations++
      revokers.add(process)
    },
    working: (process) => void workers.add(process),
    adopting: (refreshToken) => void adopted.add(refreshToken),
    unstoredAdoption() {
      const lost = adoptions.find(({ process, next }) => process.alive && !stored.has(next))
      return lost && `I4: the adopted ${lost.next} reached process ${lost.process.id} and was not stored`
    },
    get revocations() {
      return revocations
    },
    deliveredUnstored({ tokenSet }) {
      const lost = delivered.find(
        ({ process, consumed, next }) =>
          process.alive && consumed === tokenSet.refreshToken && next !== consumed,
      )
      return (
        lost && `I4: the answer to ${lost.consumed} reached process ${lost.process.id} and was not stored`
      )
    },
  }
}

function record(entry: StoreEntry): GrantRecord {
  const parsed: GrantRecord & { tokenSet?: TokenSet } = JSON.parse(entry.value)
  return parsed
}
