import type { TikTokClient } from '../protocol/client.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import type { Background } from './background.ts'
import type { ClaimWatch } from './claim-watch.ts'
import type { Clock } from './clock.ts'
import type { Emit } from './events.ts'
import type { LiveGrant } from './grant-record.ts'
import type { GrantKey, GrantRow, GrantRows } from './grant-rows.ts'

/** What the files that refresh, settle, reject and revoke work with. */
export interface GrantContext {
  readonly client: Pick<TikTokClient, 'refresh' | 'revoke' | 'timeoutMs'>
  readonly clock: Clock
  readonly rows: GrantRows
  readonly watch: ClaimWatch
  readonly background: Background
  readonly emit: Emit
  readonly leaseMs: number
  /** `dueAt` of a healthy grant. */
  readonly dueAt: (tokenSet: TokenSet) => number
  /** Answers that TikTok gave and the store does not hold yet, by row key. */
  readonly unsettled: Map<string, Unsettled>
}

/** An answer on its way into the store. */
export interface Unsettled {
  /** The refresh token that it was got with. */
  readonly consumed: string
  readonly grant: LiveGrant
}

/** The right, held by this process until its lease ends, to use the refresh token of one row. */
export interface Claim {
  readonly grant: GrantKey
  /** The revision that this process wrote. */
  readonly revision: string
  /** The record that this process wrote. */
  readonly record: LiveGrant
  /** When the write began, by both clocks. */
  readonly began: { readonly now: number; readonly monotonic: number }
}

/** Whether nobody else can be using the row's refresh token. */
export function isFree(context: GrantContext, key: string, row: GrantRow<LiveGrant>): boolean {
  const claim = row.record.claim
  return claim === undefined || context.watch.isOver(key, row, claim.leaseMs)
}

/**
 * Writes a claim into the row, or resolves to `undefined` when somebody else wrote first.
 *
 * A claim that is taken over was never settled: its holder may have used the refresh token, so the grant counts as
 * ambiguous from here on.
 */
export async function takeClaim(
  context: GrantContext,
  grant: GrantKey,
  { row, revoking }: { readonly row: GrantRow<LiveGrant>; readonly revoking: boolean },
): Promise<Claim | undefined> {
  const { clock, rows, leaseMs } = context
  const began = { now: clock.now(), monotonic: clock.monotonic() }
  const takenOver = row.record.claim !== undefined
  const record: LiveGrant = {
    ...row.record,
    claim: { leaseMs },
    ...(takenOver && { ambiguous: true }),
    ...(revoking && { revoking: true }),
  }
  const dueAt = began.now + leaseMs
  const revision = await rows.write(grant, { expected: row.revision, record, dueAt })
  if (revision === undefined) return undefined
  if (takenOver) context.emit({ type: 'claim_taken_over', openId: grant.openId })
  return { grant, revision, record, began }
}

/** What is left of the lease, by whichever clock says less. */
export function timeLeft({ clock, leaseMs }: GrantContext, { began }: Claim): number {
  return leaseMs - Math.max(clock.monotonic() - began.monotonic, clock.now() - began.now)
}

/** The row's grant if the row is as this claim wrote it. */
export async function stillHeld(context: GrantContext, claim: Claim): Promise<boolean> {
  const row = await context.rows.read(claim.grant)
  return row?.revision === claim.revision
}

/** A grant without its claim. */
export function unclaimed(grant: LiveGrant): LiveGrant {
  const { claim: _claim, ...rest } = grant
  return rest
}
