import { isTikTokAuthError, StoreError } from '../errors.ts'
import type { GrantContext } from './grant-claim.ts'
import { isFree, remainingDelay } from './grant-claim.ts'
import type { LiveGrant } from './grant-record.ts'
import { isRemoved } from './grant-record.ts'
import type { FlightResult, GrantRefresher } from './grant-refresher.ts'
import type { GrantRevoker } from './grant-revoke.ts'
import type { GrantKey, GrantRow } from './grant-rows.ts'
import { unreadableRevision } from './grant-rows.ts'
import { openIdOf } from './row-key.ts'

/** What became of a row that was due; `untouched`: the batch stopped before its turn. */
export type DueOutcome =
  'refreshed' | 'skipped' | 'failed' | 'rejected' | 'revoked' | 'unreadable' | 'untouched'

/** What working on a row needs besides the row. */
export interface DueWork {
  readonly context: GrantContext
  readonly refresher: GrantRefresher
  readonly revoker: GrantRevoker
  readonly prefix: string
  /** Waits until a request may be made; resolves to whether it still should be. */
  readonly turn: () => Promise<boolean>
  /** Told when TikTok asks for fewer requests. */
  readonly onThrottled: (retryAfterMs: number | undefined) => void
}

/** Does what a due row wants, if it can be done at once: claims and back-offs are never waited for. */
export async function workOnDueRow(work: DueWork, key: string): Promise<DueOutcome> {
  const { context, prefix } = work
  const openId = openIdOf(prefix, key)
  if (openId === undefined) {
    const error = new StoreError('due', { problem: 'a key under this prefix is no key of a grant.' })
    context.emit({ type: 'row_unreadable', openId: key.slice(prefix.length), error })
    return 'unreadable'
  }
  const grant = { key, openId }
  let row: GrantRow | undefined
  try {
    row = await context.rows.read(grant)
  } catch (error) {
    return unreadableRevision(error) === undefined ? 'failed' : 'unreadable'
  }
  if (row === undefined || isRemoved(row.record)) return 'skipped'
  const live = { ...row, record: row.record }
  if (!wantsWork(context, key, live)) return 'skipped'
  if (!(await work.turn())) return 'untouched'
  return live.record.revoking === true ? finishRevocation(work, grant, live) : refresh(work, grant, live)
}

function wantsWork(context: GrantContext, key: string, row: GrantRow<LiveGrant>): boolean {
  const { record, dueAt } = row
  if (dueAt > context.clock.now() || !isFree(context, key, row)) return false
  if (record.revoking === true) return true
  // An answer on its way into the store has used this refresh token up.
  const settling = context.unsettled.get(key)?.consumed === record.tokenSet.refreshToken
  return record.rejected === undefined && !settling && remainingDelay(context, key, row) <= 0
}

async function finishRevocation(
  { revoker }: DueWork,
  grant: GrantKey,
  row: GrantRow<LiveGrant>,
): Promise<DueOutcome> {
  try {
    return (await revoker.finish(grant, row)) === undefined ? 'skipped' : 'revoked'
  } catch {
    // The store failed; the row stays due.
    return 'failed'
  }
}

async function refresh(
  { refresher, onThrottled }: DueWork,
  grant: GrantKey,
  row: GrantRow<LiveGrant>,
): Promise<DueOutcome> {
  try {
    return outcomeOf(await refresher.join(grant, row).result)
  } catch (error) {
    if (!isTikTokAuthError(error)) return 'failed'
    // Removed, or taken by a newer login, while TikTok was asked.
    if (error.code === 'reauthorization_required') return 'skipped'
    const answered = error.code === 'oauth_response' || error.code === 'unexpected_response'
    if (answered && error.httpStatus === 429) onThrottled(error.retryAfterMs)
    return 'failed'
  }
}

function outcomeOf({ type }: FlightResult): DueOutcome {
  if (type === 'again') return 'skipped'
  return type === 'unstored' ? 'failed' : type
}
