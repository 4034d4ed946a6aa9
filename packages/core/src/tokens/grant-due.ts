import { ConfigurationError } from '../errors.ts'
import type { DueOutcome, DueWork } from './due-row.ts'
import { workOnDueRow } from './due-row.ts'
import { createPace, inParallel } from './pace.ts'
import { asKeys } from './store-call.ts'
import type { TokenStore } from './token-store.ts'

/** Options of `tokens.refreshDue`. */
export interface RefreshDueOptions {
  /** How many rows the store is asked for, 1 to 10 000. Default 100. */
  readonly limit?: number
  /** How many rows are worked on at once, 1 to 1 000. Default 10. */
  readonly concurrency?: number
  /** How many requests a second this process begins at most, up to 1 000. Default 10. */
  readonly perSecond?: number
}

/** What a batch came to. `due` is how many rows the store gave; what no other number counts was left untouched. */
export interface RefreshReport {
  /** How many rows the store gave. */
  readonly due: number
  /** New tokens are stored. */
  readonly refreshed: number
  /** Somebody else is at it, was faster, or it is too early to try again. */
  readonly skipped: number
  /** Will be tried again after its back-off; each has its event. */
  readonly failed: number
  /** TikTok refused the refresh token: these users have to log in again. */
  readonly rejected: number
  /** Revocations that somebody had begun, now finished. */
  readonly revoked: number
  /** Left out for the next hour. */
  readonly unreadable: number
  /** Why the rest was left untouched. */
  readonly stopped?: 'brake' | 'rate_limited' | 'closed'
  /** With `rate_limited`: in how many milliseconds the next batch may begin. */
  readonly retryAfterMs?: number
}

/** Works off what is due. */
export type DueRefresher = (options?: RefreshDueOptions) => Promise<RefreshReport>

const unreadableMs = 3_600_000
const mostUnreadable = 1_000
const longestPauseMs = 5 * 60_000
const pauseMs = 10_000
const leastRejections = 5
const mostRejectedShare = 1 / 5

type Stop = NonNullable<RefreshReport['stopped']>
type Parts = Pick<DueWork, 'context' | 'refresher' | 'revoker' | 'prefix'> & { readonly store: TokenStore }

/** Makes the worker of one manager; what it has learnt of TikTok and of the rows outlives a batch. */
export function createDueRefresher(parts: Parts): DueRefresher {
  const { context, prefix } = parts
  const { clock, background, emit } = context
  const pace = createPace(clock, background)
  const unreadable = createMemory(() => clock.monotonic())
  let pausedUntil = -Infinity
  let suspicious = false

  function stopBefore(): Stop | undefined {
    if (background.closing) return 'closed'
    return clock.monotonic() < pausedUntil ? 'rate_limited' : undefined
  }
  function onThrottled(retryAfterMs = pauseMs): void {
    const wait = Math.min(longestPauseMs, retryAfterMs)
    pausedUntil = Math.max(pausedUntil, clock.monotonic() + wait)
    emit({ type: 'rate_limited', retryAfterMs: wait })
  }
  function report(tally: Tally, due: number, braked: boolean): RefreshReport {
    const stopped = braked ? 'brake' : stopBefore()
    const retryAfterMs = Math.ceil(pausedUntil - clock.monotonic())
    const why = stopped && { stopped, ...(stopped === 'rate_limited' && { retryAfterMs }) }
    return { due, ...tally, ...why }
  }

  return async (options = {}) => {
    const { limit, concurrency, perSecond } = checkOptions(options)
    const { due } = parts.store
    if (due === undefined) throw lacks('due', 'refreshDue')
    const tally = emptyTally()
    if (stopBefore() !== undefined) return report(tally, 0, false)
    const query = { prefix, before: clock.now(), limit, without: unreadable.keys() }
    const given = await context.call('due', () => due.call(parts.store, query))
    // A key that comes twice would count twice.
    const keys = [...new Set(asKeys('due', given))]
    let braked = false
    const halted = (): boolean => braked || stopBefore() !== undefined
    async function turn(): Promise<boolean> {
      await pace.turn(perSecond)
      return !halted()
    }
    async function step(key: string): Promise<'go on' | 'stop'> {
      const outcome = await workOnDueRow({ ...parts, turn, onThrottled }, key)
      if (outcome !== 'untouched') tally[outcome]++
      if (outcome === 'unreadable') unreadable.add(key)
      if (outcome === 'refreshed') suspicious = false
      if (outcome === 'rejected' && !braked && isTooMuch(tally, suspicious)) {
        braked = true
        suspicious = true
        emit({ type: 'brake_applied', answered: tally.refreshed + tally.rejected, rejected: tally.rejected })
      }
      return halted() ? 'stop' : 'go on'
    }
    const rest = keys.slice()
    // After a brake one row at a time is risked, until TikTok is seen to accept one.
    while (suspicious && !halted() && rest.length > 0) await inParallel(rest.splice(0, 1), 1, step)
    if (!halted()) await inParallel(rest, concurrency, step)
    return report(tally, keys.length, braked)
  }
}

type Tally = Record<Exclude<DueOutcome, 'untouched'>, number>

function emptyTally(): Tally {
  return { refreshed: 0, skipped: 0, failed: 0, rejected: 0, revoked: 0, unreadable: 0 }
}

function isTooMuch({ refreshed, rejected }: Tally, suspicious: boolean): boolean {
  if (suspicious) return true
  return rejected >= leastRejections && rejected > (refreshed + rejected) * mostRejectedShare
}

/** Keys to leave out for an hour; the oldest are forgotten when there are too many. */
function createMemory(now: () => number): { add(key: string): void; keys(): readonly string[] } {
  const until = new Map<string, number>()
  return {
    add(key) {
      until.delete(key)
      until.set(key, now() + unreadableMs)
      const [oldest] = until.keys()
      if (until.size > mostUnreadable && oldest !== undefined) until.delete(oldest)
    },
    keys() {
      for (const [key, end] of until) if (end <= now()) until.delete(key)
      return [...until.keys()]
    },
  }
}

function checkOptions(options: RefreshDueOptions): Required<RefreshDueOptions> {
  const { limit = 100, concurrency = 10, perSecond = 10 } = options
  requireCount('limit', limit, 10_000)
  requireCount('concurrency', concurrency, 1_000)
  requireRate(perSecond)
  return { limit, concurrency, perSecond }
}

function requireCount(option: string, value: unknown, most: number): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return
  throw new ConfigurationError(option, `must be a whole number from 1 to ${most}.`)
}

/** @throws `configuration` when `perSecond` is no rate. */
export function requireRate(perSecond: unknown): void {
  // A thousandth: what a timer can hold.
  if (typeof perSecond === 'number' && perSecond >= 0.001 && perSecond <= 1_000) return
  throw new ConfigurationError('perSecond', 'must be a number from 0.001 to 1000.')
}

/** The error for a store that cannot do what a method needs. */
export function lacks(method: 'due' | 'scan', what: string): ConfigurationError {
  return new ConfigurationError(
    'store',
    `must have a \`${method}\` method for \`tokens.${what}\`.`,
    'memoryTokenStore and the store packages have it; singleProcessTokenStore cannot, as its object lists no keys.',
  )
}
