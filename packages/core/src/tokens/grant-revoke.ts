import { RefreshPendingError, StoreError } from '../errors.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import type { RemoteRevocation } from './events.ts'
import type { Claim, GrantContext } from './grant-claim.ts'
import { isFree, takeClaim } from './grant-claim.ts'
import type { LiveGrant } from './grant-record.ts'
import { isRemoved } from './grant-record.ts'
import { exchangeAndSettleLate } from './grant-refresher.ts'
import type { GrantRefresher } from './grant-refresher.ts'
import type { GrantKey, GrantRow } from './grant-rows.ts'
import { never } from './grant-rows.ts'
import { settle } from './grant-settle.ts'

const firstPauseMs = 50
const longestPauseMs = 500
const mostAttempts = 50

/** Disconnects a user: at TikTok if it can be done, here in any case. */
export interface GrantRevoker {
  revoke(grant: GrantKey): Promise<RemoteRevocation>
  /** Goes on with a revocation that was begun and left; resolves to `undefined` when somebody else is at it. */
  finish(grant: GrantKey, row: GrantRow<LiveGrant>): Promise<RemoteRevocation | undefined>
}

/** Makes the revoker of one manager; simultaneous revocations of one user share one run. */
export function createGrantRevoker(context: GrantContext, refresher: GrantRefresher): GrantRevoker {
  const running = new Map<string, Promise<RemoteRevocation>>()
  return {
    revoke(grant) {
      const known = running.get(grant.key)
      if (known !== undefined) return known
      const run = claimForRevocation(context, refresher, grant)
        .then((claim) => (claim === undefined ? 'nothing_to_revoke' : disconnect(context, claim)))
        .finally(() => running.delete(grant.key))
      running.set(grant.key, run)
      context.background.track(run)
      return run
    },
    async finish(grant, row) {
      if (running.has(grant.key)) return undefined
      const claim = await takeClaim(context, grant, { row, revoking: true })
      if (claim === undefined) return undefined
      const run = disconnect(context, claim)
      context.background.track(run)
      return run
    },
  }
}

async function disconnect(context: GrantContext, claim: Claim): Promise<RemoteRevocation> {
  const { grant } = claim
  const accessToken = (await livingTokens(context, claim)).accessToken
  let remote: RemoteRevocation = 'revoked'
  try {
    await context.client.revoke(accessToken)
  } catch {
    // TikTok's answer changes nothing here: the user wants to be gone.
    remote = 'failed'
  }
  await bury(context, claim)
  context.emit({ type: 'revoked', openId: grant.openId, remote })
  return remote
}

/**
 * Marks the row, which stops every use of it at once, and claims it as soon as nobody else can be using its refresh
 * token. The mark also ends the renewal of a claim, so that takes one lease at most.
 */
async function claimForRevocation(
  context: GrantContext,
  refresher: GrantRefresher,
  grant: GrantKey,
): Promise<Claim | undefined> {
  let pause = firstPauseMs
  for (;;) {
    const row = await context.rows.read(grant)
    if (row === undefined || isRemoved(row.record)) return undefined
    const live = { ...row, record: row.record }
    if (isFree(context, grant.key, live)) {
      const claim = await takeClaim(context, grant, { row: live, revoking: true })
      if (claim !== undefined) return claim
    } else if (live.record.revoking !== true) {
      await mark(context, grant, live)
    }
    // Nobody sleeps any more, so that waiting would be a loop without a pause. The mark stays, and so does its use.
    if (context.background.abandoned) throw new RefreshPendingError(context.leaseMs)
    const flight = refresher.current(grant.key)
    const nap = context.background.sleep(pause, true)
    await (flight === undefined ? nap : Promise.race([flight.done, nap]))
    pause = Math.min(longestPauseMs, pause * 2)
  }
}

async function mark(context: GrantContext, grant: GrantKey, row: GrantRow<LiveGrant>): Promise<void> {
  const record: LiveGrant = { ...row.record, revoking: true }
  const dueAt = context.clock.now() + context.leaseMs
  await context.rows.write(grant, { expected: row.revision, record, dueAt })
}

/** TikTok wants a living access token for a revocation: an expired one is refreshed first, under the same rules. */
async function livingTokens(context: GrantContext, claim: Claim): Promise<TokenSet> {
  const { tokenSet, rejected } = claim.record
  const expired = tokenSet.expiresAt !== undefined && tokenSet.expiresAt <= context.clock.now()
  if (!expired || rejected !== undefined) return tokenSet
  const outcome = await exchangeAndSettleLate(context, claim, false)
  if (outcome.type === 'unsent') return storedTokens(context, claim)
  if (outcome.type !== 'refreshed') return tokenSet
  // Stored before it is used: should this process die now, another one can finish the revocation.
  await Promise.race([
    settle(context, claim, { next: outcome.next, onDelay: noop }).catch(noop),
    context.background.sleep(context.leaseMs, false),
  ])
  return outcome.next
}

/** What the row holds by now: nothing was sent where an answer that came late had been stored over the claim. */
async function storedTokens({ rows }: GrantContext, { grant, record }: Claim): Promise<TokenSet> {
  const row = await rows.read(grant).catch(noop)
  return row === undefined || isRemoved(row.record) ? record.tokenSet : row.record.tokenSet
}

/** Leaves a tombstone, unless a newer login stands there by now. */
async function bury(context: GrantContext, claim: Claim): Promise<void> {
  const { rows, clock } = context
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const row = await rows.read(claim.grant)
    const record = row?.record
    if (record !== undefined && (isRemoved(record) || record.revoking !== true)) return
    const connection = connectionOf(record, claim)
    const tombstone = { v: 1, removed: { at: clock.now(), connection, by: 'revoke' } } as const
    const write = { expected: row?.revision, record: tombstone, dueAt: never }
    if ((await rows.write(claim.grant, write)) !== undefined) return
  }
  throw new StoreError('replace', { problem: 'other writers, or the store itself, refused every attempt.' })
}

function connectionOf(record: LiveGrant | undefined, claim: Claim): string {
  return (record ?? claim.record).connection.id
}

function noop(): void {}
