import { isTikTokAuthError, RefreshPendingError } from '../errors.ts'
import type { Claim, GrantContext } from './grant-claim.ts'
import { takeClaim, unclaimed } from './grant-claim.ts'
import type { Exchange } from './grant-exchange.ts'
import { exchange } from './grant-exchange.ts'
import type { LiveGrant } from './grant-record.ts'
import { reject } from './grant-reject.ts'
import type { GrantKey, GrantRow } from './grant-rows.ts'
import { release, settle } from './grant-settle.ts'

const firstDelayMs = 1_000
const longestDelayMs = 60_000
const longestRetryAfterMs = 5 * 60_000

/** One use of one refresh token by this process. */
export interface Flight {
  /** The refresh token it uses. */
  readonly consumed: string
  /** What callers get: the new grant, or word that the row is to be read again. */
  readonly result: Promise<FlightResult>
  /** Ends, without failing, when nothing is left to store. */
  readonly done: Promise<void>
}

/** What a flight came to; unless it refreshed the grant, the row tells what holds now. */
export type FlightResult =
  | { readonly type: 'refreshed'; readonly grant: LiveGrant }
  /** TikTok refused, and the row says so. */
  | { readonly type: 'rejected' }
  /** TikTok answered, but the store does not take the answer yet. */
  | { readonly type: 'unstored' }
  /** Nothing came of it for this process. */
  | { readonly type: 'again' }

/** Refreshes grants, each refresh token by one flight at a time in this process. */
export interface GrantRefresher {
  /** Joins the flight that uses this row's refresh token, or starts one. */
  join(grant: GrantKey, row: GrantRow<LiveGrant>): Flight
  /** The flight under way for a user. */
  current(key: string): Flight | undefined
}

/** Makes the refresher of one manager. */
export function createGrantRefresher(context: GrantContext): GrantRefresher {
  const flights = new Map<string, Flight>()

  function start(grant: GrantKey, row: GrantRow<LiveGrant>): Flight {
    let settleResult: (result: FlightResult) => void = noop
    const early = new Promise<FlightResult>((resolve) => {
      settleResult = resolve
    })
    const run = fly(context, grant, { row, served: settleResult })
    const done = run.then(noop, noop).then(() => {
      if (flights.get(grant.key) === flight) flights.delete(grant.key)
    })
    const result = Promise.race([early, run])
    // Callers may have left by the time it fails.
    result.catch(noop)
    const flight: Flight = { consumed: row.record.tokenSet.refreshToken, result, done }
    flights.set(grant.key, flight)
    context.background.track(done)
    return flight
  }

  return {
    join(grant, row) {
      const flight = flights.get(grant.key)
      // A flight with an older refresh token has nothing to say about this row: its row is gone.
      if (flight?.consumed === row.record.tokenSet.refreshToken) return flight
      return start(grant, row)
    },
    current: (key) => flights.get(key),
  }
}

async function fly(
  context: GrantContext,
  grant: GrantKey,
  { row, served }: { readonly row: GrantRow<LiveGrant>; readonly served: (result: FlightResult) => void },
): Promise<FlightResult> {
  const claim = await takeClaim(context, grant, { row, revoking: false })
  if (claim === undefined) return { type: 'again' }
  const outcome = await exchangeAndSettleLate(context, claim, true)
  switch (outcome.type) {
    case 'unsent':
      await release(context, claim)
      return { type: 'again' }
    case 'refused':
      return { type: (await reject(context, claim, outcome)) === 'marked' ? 'rejected' : 'again' }
    case 'failed':
      throw await backOff(context, claim, outcome)
    case 'refreshed': {
      // Callers look again and find the answer in memory, if the row allows it.
      const onDelay = (): void => served({ type: 'unstored' })
      const settlement = await settle(context, claim, { next: outcome.next, onDelay })
      if (settlement.type === 'changed') return { type: 'again' }
      return { type: 'refreshed', grant: settlement.grant }
    }
  }
}

/** Uses the claimed refresh token; an answer that comes after the claim's end is stored all the same. */
export function exchangeAndSettleLate(context: GrantContext, claim: Claim, hold: boolean): Promise<Exchange> {
  return exchange(context, claim, {
    hold,
    async onLate(next) {
      await settle(context, claim, { next, onDelay: noop })
    },
  })
}

/**
 * Keeps everybody from asking TikTok again for a while, if the row is still as this process wrote it; otherwise the
 * claim runs out by itself. Resolves to the error for callers without a usable token.
 */
async function backOff(
  context: GrantContext,
  claim: Claim,
  { error, ambiguous }: Extract<Exchange, { readonly type: 'failed' }>,
): Promise<unknown> {
  const { clock, rows, emit } = context
  const failures = (claim.record.retry?.failures ?? 0) + 1
  const code = errorCode(error)
  const delayMs = delayAfter(context, failures, error)
  const record: LiveGrant = {
    ...unclaimed(claim.record),
    retry: { failures, code, delayMs },
    ...(ambiguous && { ambiguous: true }),
  }
  const dueAt = clock.now() + delayMs
  const failure = error ?? new RefreshPendingError(delayMs)
  emit({ type: 'refresh_failed', openId: claim.grant.openId, code, failures, error: failure })
  try {
    await rows.write(claim.grant, { expected: claim.lease.revision, record, dueAt })
  } catch {
    // The failure to report is TikTok's; the store's own will be seen at the next read.
  }
  return failure
}

function delayAfter({ clock }: GrantContext, failures: number, error: unknown): number {
  const longest = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(failures - 1, 16))
  const jittered = Math.ceil(longest * clock.random())
  return Math.max(jittered, Math.min(longestRetryAfterMs, retryAfter(error)))
}

function retryAfter(error: unknown): number {
  if (!isTikTokAuthError(error)) return 0
  if (error.code !== 'oauth_response' && error.code !== 'unexpected_response') return 0
  return error.retryAfterMs ?? 0
}

function errorCode(error: unknown): string {
  if (error === undefined) return 'no_answer'
  if (!isTikTokAuthError(error)) return 'unknown'
  return error.code === 'oauth_response' ? error.error : error.code
}

function noop(): void {}
