import type { TikTokClient } from '../protocol/client.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import type { Background } from './background.ts'
import type { ClaimWatch } from './claim-watch.ts'
import type { Clock } from './clock.ts'
import type { Emit } from './events.ts'
import type { LiveGrant } from './grant-record.ts'
import type { GrantKey, GrantRow, GrantRows } from './grant-rows.ts'
import type { StoreCall } from './store-call.ts'
import type { UsedTokens } from './used-tokens.ts'

/** What the files that refresh, settle, reject and revoke work with. */
export interface GrantContext {
  readonly client: Pick<TikTokClient, 'refresh' | 'revoke' | 'timeoutMs'>
  readonly clock: Clock
  /** How the store is called, where it is not for one row. */
  readonly call: StoreCall
  readonly rows: GrantRows
  readonly watch: ClaimWatch
  readonly background: Background
  readonly emit: Emit
  readonly leaseMs: number
  /** `dueAt` of a healthy grant. */
  readonly dueAt: (tokenSet: TokenSet) => number
  /** Answers that TikTok gave and the store does not hold yet, by row key. */
  readonly unsettled: Map<string, Unsettled>
  readonly used: UsedTokens
}

/** An answer on its way into the store. */
export interface Unsettled {
  /** The refresh token that it was got with. */
  readonly consumed: string
  readonly grant: LiveGrant
  /** The store has failed to take it. */
  delayed: boolean
}

/** The right, held by this process until its lease ends, to use the refresh token of one row. */
export interface Claim {
  readonly grant: GrantKey
  readonly id: string
  /** The record that this process wrote. */
  readonly record: LiveGrant
  /** Whether TikTok had refused the token before, so that nobody's answer to it is worth waiting for. */
  readonly retried: boolean
  /** When it was taken, by the monotonic clock. */
  readonly claimedAt: number
  /** Where the lease stands: changes when it is renewed. */
  lease: Lease
}

interface Lease {
  /** The revision that this process wrote last. */
  readonly revision: string
  /** When that write began, by both clocks. */
  readonly began: Instant
}

interface Instant {
  readonly now: number
  readonly monotonic: number
}

/** Whether nobody else can be using the row's refresh token. */
export function isFree(context: GrantContext, key: string, row: GrantRow<LiveGrant>): boolean {
  const claim = row.record.claim
  return claim === undefined || context.watch.isOver(key, row, claim.leaseMs)
}

/** The rest of a back-off, by the backend's clock where there is one. */
export function remainingDelay(context: GrantContext, key: string, row: GrantRow<LiveGrant>): number {
  const { retry, claim } = row.record
  if (retry === undefined || claim !== undefined) return 0
  const rest = retry.delayMs - context.watch.ageOf(key, row)
  // Without the backend's clock the writer's wall clock may end a back-off early, never prolong it.
  return row.ageMs === undefined ? Math.min(rest, row.dueAt - context.clock.now()) : rest
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
  const { clock, leaseMs } = context
  const id = clock.id()
  const takenOver = row.record.claim !== undefined
  const { rejected, ...kept } = row.record
  const retried = rejected !== undefined && !revoking
  const record: LiveGrant = {
    ...(retried ? kept : row.record),
    claim: { id, leaseMs },
    ...(takenOver && { ambiguous: true }),
    ...(revoking && { revoking: true }),
  }
  const lease = await writeLease(context, grant, { expected: row.revision, record })
  if (lease === undefined) return undefined
  if (takenOver) context.emit({ type: 'claim_taken_over', openId: grant.openId })
  return { grant, id, record, retried, claimedAt: lease.began.monotonic, lease }
}

/** Starts the lease anew. Resolves to whether the row was still as this process wrote it. */
export async function renewClaim(context: GrantContext, claim: Claim): Promise<boolean> {
  const { grant, record } = claim
  const lease = await writeLease(context, grant, { expected: claim.lease.revision, record })
  if (lease === undefined) return false
  claim.lease = lease
  return true
}

async function writeLease(
  { clock, rows, leaseMs }: GrantContext,
  grant: GrantKey,
  { expected, record }: { readonly expected: string; readonly record: LiveGrant },
): Promise<Lease | undefined> {
  // Taken before the write, so that this process never believes in its claim longer than others do.
  const began = instant(clock)
  const revision = await rows.write(grant, { expected, record, dueAt: began.now + leaseMs })
  return revision === undefined ? undefined : { revision, began }
}

function instant(clock: Clock): Instant {
  return { now: clock.now(), monotonic: clock.monotonic() }
}

/** What is left of the lease. A wall clock that is set while the answer is awaited must not give the claim away. */
export function timeLeft({ clock, leaseMs }: GrantContext, { lease: { began } }: Claim): number {
  return leaseMs - (clock.monotonic() - began.monotonic)
}

/** Whether the lease, by whichever clock says less, leaves a whole request's time: some hosts stop one while they sleep. */
export function maySend(context: GrantContext, claim: Claim): boolean {
  const byWallClock = context.leaseMs - (context.clock.now() - claim.lease.began.now)
  return Math.min(timeLeft(context, claim), byWallClock) >= context.client.timeoutMs
}

/** Whether the row is as this process wrote it. */
export async function stillHeld(context: GrantContext, claim: Claim): Promise<boolean> {
  const row = await context.rows.read(claim.grant)
  return row?.revision === claim.lease.revision
}

/** A grant without its claim. */
export function unclaimed(grant: LiveGrant): LiveGrant {
  const { claim: _claim, ...rest } = grant
  return rest
}
