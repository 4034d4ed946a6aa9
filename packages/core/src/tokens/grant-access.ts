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

const firstPauseMs = 50
const longestPauseMs = 500
const patienceMs = 2_000
const pendingMs = 1_000

/** Gives callers a token that works. */
export type GrantAccess = (request: AccessRequest) => Promise<TokenSet>

type Step =
  | { readonly type: 'done'; readonly tokenSet: TokenSet }
  | { readonly type: 'wait' }
  | { readonly type: 'join'; readonly flight: Flight }

/** Makes the access of one manager: read the row, then return, wait, refresh or refuse. */
export function createGrantAccess(
  context: GrantContext,
  refresher: GrantRefresher,
  { waitMs, leadMs }: { readonly waitMs: number; readonly leadMs: number | undefined },
): GrantAccess {
  return async (request) => {
    const call = startCall(context.clock, waitMs, request.signal)
    const visit = createVisit(context, request, leadMs)
    try {
      return await walk(visit, call, { context, refresher })
    } catch (error) {
      if (error !== deadlinePassed) throw error
      const usable = visit.usable()
      if (usable !== undefined) return usable
      throw new RefreshPendingError(pendingMs)
    } finally {
      call.finish()
    }
  }
}

async function walk(
  visit: Visit,
  call: Call,
  { context, refresher }: { readonly context: GrantContext; readonly refresher: GrantRefresher },
): Promise<TokenSet> {
  let pause = firstPauseMs
  for (;;) {
    const step = await look(visit, call, { context, refresher })
    if (step.type === 'done') return step.tokenSet
    if (step.type === 'join') {
      const tokenSet = await board(visit, call, step.flight)
      if (tokenSet !== undefined) return tokenSet
    }
    await call.sleep(pause)
    pause = Math.min(longestPauseMs, pause * 2)
  }
}

async function look(
  visit: Visit,
  call: Call,
  { context, refresher }: { readonly context: GrantContext; readonly refresher: GrantRefresher },
): Promise<Step> {
  const { grant } = visit.request
  let row: GrantRow | undefined
  try {
    row = await call.race(context.rows.read(grant))
  } catch (error) {
    if (!isStoreError(error)) throw error
    const served = visit.accept(context.unsettled.get(grant.key)?.grant) ?? visit.usable()
    if (served !== undefined) return { type: 'done', tokenSet: served }
    throw error
  }
  if (row === undefined && context.unsettled.has(grant.key)) return { type: 'wait' }
  if (row === undefined || isRemoved(row.record)) throw new ReauthorizationRequiredError('no_grant')
  return decide(visit, { ...row, record: row.record }, { context, refresher })
}

function decide(
  visit: Visit,
  row: GrantRow<LiveGrant>,
  { context, refresher }: { readonly context: GrantContext; readonly refresher: GrantRefresher },
): Step {
  const { grant } = visit.request
  const { record } = row
  visit.see(record)
  const unsettled = context.unsettled.get(grant.key)
  if (unsettled?.consumed === record.tokenSet.refreshToken) {
    // The stored refresh token is used up: it must not be sent again, and its successor is known.
    const served = visit.accept(unsettled.grant)
    return served === undefined ? { type: 'wait' } : { type: 'done', tokenSet: served }
  }
  if (visit.freshness(record.tokenSet) === 'fresh') return { type: 'done', tokenSet: record.tokenSet }
  const usable = visit.usable()
  const orUsable = (otherwise: () => Step): Step =>
    usable === undefined ? otherwise() : { type: 'done', tokenSet: usable }
  if (record.rejected !== undefined) {
    return orUsable(() => fail(new ReauthorizationRequiredError(rejectionCause(record))))
  }
  if (!isFree(context, grant.key, row)) return orUsable(() => awaitHolder(visit, row, refresher))
  const young = visit.restOfFirstMinute(record.tokenSet)
  if (young > 0) return fail(new RefreshPendingError(young))
  const delay = remainingDelay(context, grant.key, row)
  if (delay > 0) return orUsable(() => fail(new RefreshPendingError(delay)))
  return { type: 'join', flight: refresher.join(grant, row) }
}

function awaitHolder(visit: Visit, row: GrantRow<LiveGrant>, refresher: GrantRefresher): Step {
  const flight = refresher.current(visit.request.grant.key)
  if (flight?.consumed === row.record.tokenSet.refreshToken) return { type: 'join', flight }
  return { type: 'wait' }
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
