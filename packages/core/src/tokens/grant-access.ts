import type { StoreError } from '../errors.ts'
import { isTikTokAuthError, ReauthorizationRequiredError, RefreshPendingError } from '../errors.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import type { Call } from './call.ts'
import { deadlinePassed, startCall } from './call.ts'
import type { GrantContext } from './grant-claim.ts'
import { isFree, remainingDelay } from './grant-claim.ts'
import type { LiveGrant } from './grant-record.ts'
import { isRemoved, rejectionCause } from './grant-record.ts'
import type { Flight, GrantRefresher } from './grant-refresher.ts'
import type { GrantRow } from './grant-rows.ts'
import type { AccessRequest, Visit } from './grant-visit.ts'
import { createVisit } from './grant-visit.ts'
import type { RowFollower } from './row-follower.ts'
import { createRowFollower } from './row-follower.ts'

const patienceMs = 2_000
const pendingMs = 1_000

/** Gives callers a token that works. */
export type GrantAccess = (request: AccessRequest) => Promise<TokenSet>

type Step =
  | { readonly type: 'done'; readonly tokenSet: TokenSet }
  /** Somebody else is at it, and has been for `heldMs` as far as this process knows. */
  | { readonly type: 'wait'; readonly heldMs: number }
  | { readonly type: 'join'; readonly flight: Flight }

interface Parts {
  readonly context: GrantContext
  readonly refresher: GrantRefresher
  readonly follower: RowFollower
}

/** Makes the access of one manager: read the row, then return, wait, refresh or refuse. */
export function createGrantAccess(
  context: GrantContext,
  refresher: GrantRefresher,
  { waitMs, leadMs }: { readonly waitMs: number; readonly leadMs: number | undefined },
): GrantAccess {
  const parts = { context, refresher, follower: createRowFollower(context) }
  return async (request) => {
    const call = startCall(context.clock, waitMs, request.signal)
    const visit = createVisit(context, request, leadMs)
    try {
      return await walk(visit, call, parts)
    } catch (error) {
      if (error !== deadlinePassed) throw error
      const served = unstored(visit, context) ?? visit.usable()
      if (served !== undefined) return served
      throw new RefreshPendingError(pendingMs)
    } finally {
      call.finish()
    }
  }
}

async function walk(visit: Visit, call: Call, parts: Parts): Promise<TokenSet> {
  const { grant } = visit.request
  let step = await look(visit, parts, call.race(parts.context.rows.look(grant)))
  while (step.type !== 'done') {
    if (step.type === 'join') {
      const tokenSet = await board(visit, call, step.flight)
      if (tokenSet !== undefined) return tokenSet
    }
    const heldMs = step.type === 'wait' ? step.heldMs : 0
    step = await look(visit, parts, parts.follower.next(grant, call, heldMs))
  }
  return step.tokenSet
}

async function look(visit: Visit, parts: Parts, reading: Promise<GrantRow | undefined>): Promise<Step> {
  const { context } = parts
  const { key } = visit.request.grant
  let row: GrantRow | undefined
  try {
    row = await reading
  } catch (error) {
    if (!isStoreError(error)) throw error
    const answer = unstored(visit, context)
    // Whether the row takes it will be known in a moment: it may have become a tombstone since the token was sent.
    if (answer !== undefined && context.unsettled.get(key)?.delayed !== true)
      return { type: 'wait', heldMs: 0 }
    const served = answer ?? visit.usable()
    if (served !== undefined) return { type: 'done', tokenSet: served }
    throw error
  }
  if (row === undefined && context.unsettled.has(key)) return { type: 'wait', heldMs: 0 }
  if (row === undefined || isRemoved(row.record)) throw new ReauthorizationRequiredError('no_grant')
  return decide(visit, { ...row, record: row.record }, parts)
}

/** The answer that the store does not take yet, unless the row was seen to hold something else or it has grown old by now. */
function unstored(visit: Visit, { unsettled }: GrantContext): TokenSet | undefined {
  const answer = unsettled.get(visit.request.grant.key)
  if (answer === undefined || !visit.mayHold(answer.consumed)) return undefined
  const tokenSet = visit.accept(answer.grant)
  return tokenSet === undefined || visit.freshness(tokenSet) === 'stale' ? undefined : tokenSet
}

function decide(visit: Visit, row: GrantRow<LiveGrant>, parts: Parts): Step {
  const { context, refresher } = parts
  const { grant } = visit.request
  const { record } = row
  visit.see(record, row.ageMs)
  const unsettled = context.unsettled.get(grant.key)
  if (unsettled?.consumed === record.tokenSet.refreshToken) {
    // The stored refresh token is used up: it must not be sent again, and its successor is known.
    const served = unstored(visit, context)
    return served === undefined ? { type: 'wait', heldMs: 0 } : { type: 'done', tokenSet: served }
  }
  if (visit.freshness(record.tokenSet) === 'fresh') return { type: 'done', tokenSet: record.tokenSet }
  const usable = visit.usable()
  const orUsable = (otherwise: () => Step): Step =>
    usable === undefined ? otherwise() : { type: 'done', tokenSet: usable }
  if (record.rejected !== undefined) {
    return orUsable(() => fail(new ReauthorizationRequiredError(rejectionCause(record))))
  }
  if (!isFree(context, grant.key, row)) return orUsable(() => awaitHolder(grant.key, row, parts))
  const young = visit.restOfFirstMinute(record.tokenSet, () => context.watch.ageOf(grant.key, row))
  if (young > 0) return fail(new RefreshPendingError(young))
  const delay = remainingDelay(context, grant.key, row)
  if (delay > 0) return orUsable(() => fail(new RefreshPendingError(delay)))
  return { type: 'join', flight: refresher.join(grant, row) }
}

function awaitHolder(key: string, row: GrantRow<LiveGrant>, { context, refresher }: Parts): Step {
  const flight = refresher.current(key)
  if (flight?.consumed === row.record.tokenSet.refreshToken) return { type: 'join', flight }
  return { type: 'wait', heldMs: context.watch.heldFor(key, row) }
}

async function board(visit: Visit, call: Call, flight: Flight): Promise<TokenSet | undefined> {
  try {
    const result =
      visit.usable() === undefined
        ? await call.race(flight.result)
        : await call.patience(flight.result, patienceMs)
    if (result === undefined) return visit.usable()
    return result.type === 'refreshed' ? visit.accept(result.grant) : undefined
  } catch (error) {
    if (error === deadlinePassed || error === visit.request.signal?.reason) throw error
    if (isTikTokAuthError(error) && error.code === 'reauthorization_required') throw error
    const usable = visit.usable()
    if (usable !== undefined) return usable
    throw error
  }
}

function isStoreError(error: unknown): error is StoreError {
  return isTikTokAuthError(error) && error.code === 'store'
}

function fail(error: Error): never {
  throw error
}
