import { ReauthorizationRequiredError } from '../errors.ts'
import type { Claim, GrantContext } from './grant-claim.ts'
import { timeLeft, unclaimed } from './grant-claim.ts'
import type { LiveGrant } from './grant-record.ts'
import { isRemoved, rejectionCause } from './grant-record.ts'
import type { GrantRow } from './grant-rows.ts'
import { never } from './grant-rows.ts'

const firstPauseMs = 50
const longestPauseMs = 500
const beforeTakeoverMs = 1_000

/** Why TikTok refused. */
export interface Refusal {
  readonly error: unknown
  /** Whether this attempt itself may have rotated the token. */
  readonly ambiguous: boolean
}

/**
 * Marks the grant as refused by TikTok, unless the row tells that somebody else has tokens that work.
 *
 * A refusal may only mean that another process used the refresh token first and has not stored the answer yet. Where
 * that is possible, this waits for it as long as the own claim keeps others from trying. Nothing is deleted: a later
 * answer still heals the row.
 *
 * Resolves to `marked` when it did, to `changed` when the row tells something else by now.
 *
 * @throws `reauthorization_required` when only a new login helps; `store`.
 */
export async function reject(
  context: GrantContext,
  claim: Claim,
  refusal: Refusal,
): Promise<'marked' | 'changed'> {
  let pause = firstPauseMs
  for (;;) {
    const row = await context.rows.read(claim.grant)
    if (row === undefined) throw new ReauthorizationRequiredError('no_grant')
    const { record } = row
    if (isRemoved(record)) throw new ReauthorizationRequiredError('no_grant')
    if (!isWhatWasClaimed(record, claim) || record.rejected !== undefined) return 'changed'
    const wait = waitFor(context, claim, { row: { ...row, record }, refusal, pause })
    if (wait === 0) {
      if (await mark(context, claim, { row: { ...row, record }, refusal })) return 'marked'
    } else {
      if (context.background.abandoned) throw refusal.error
      await context.background.sleep(wait, false)
    }
    pause = Math.min(longestPauseMs, pause * 2)
  }
}

function isWhatWasClaimed({ tokenSet }: LiveGrant, { record }: Claim): boolean {
  return (
    tokenSet.refreshToken === record.tokenSet.refreshToken &&
    tokenSet.accessToken === record.tokenSet.accessToken
  )
}

function waitFor(
  context: GrantContext,
  claim: Claim,
  { row, refusal, pause }: { row: GrantRow<LiveGrant>; refusal: Refusal; pause: number },
): number {
  const { key } = claim.grant
  const held = row.record.claim
  if (held !== undefined && held.id !== claim.id && !context.watch.isOver(key, row, held.leaseMs))
    return pause
  if (!refusal.ambiguous && (row.record.ambiguous !== true || claim.retried)) return 0
  // Marked before anybody can take the claim over and send the dead token once more.
  return Math.max(0, timeLeft(context, claim) - beforeTakeoverMs)
}

async function mark(
  context: GrantContext,
  claim: Claim,
  { row, refusal }: { readonly row: GrantRow<LiveGrant>; readonly refusal: Refusal },
): Promise<boolean> {
  const { clock, rows, emit, leaseMs } = context
  const { retry: _retry, ...kept } = unclaimed(row.record)
  const record: LiveGrant = {
    ...kept,
    rejected: { at: clock.now() },
    ...(refusal.ambiguous && { ambiguous: true }),
  }
  // A revocation that was begun wants to be finished, whatever its tokens are worth.
  const dueAt = record.revoking === true ? clock.now() + leaseMs : never
  if ((await rows.write(claim.grant, { expected: row.revision, record, dueAt })) === undefined) return false
  const { openId } = claim.grant
  emit({ type: 'reauthorization_required', openId, cause: rejectionCause(record) })
  return true
}
