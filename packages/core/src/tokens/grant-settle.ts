import type { TokenSet } from '../protocol/token-set.ts'
import type { Claim, GrantContext } from './grant-claim.ts'
import { unclaimed } from './grant-claim.ts'
import type { LiveGrant } from './grant-record.ts'
import { isRemoved } from './grant-record.ts'
import type { GrantRow } from './grant-rows.ts'

const firstPauseMs = 100
const longestPauseMs = 5_000

/** `stored`: the grant is in the store. `changed`: the row is somebody else's by now and says what holds. */
export type Settlement = { readonly type: 'stored'; readonly grant: LiveGrant } | { readonly type: 'changed' }

/**
 * Stores TikTok's answer if the row still holds the refresh token that it was got with, and only then.
 *
 * The right to write belongs to whoever used that token, however long ago its claim ended: no one else can know the
 * new one. While the store fails it is tried again, and the first failure calls `onDelay`.
 */
export async function settle(
  context: GrantContext,
  claim: Claim,
  { next, onDelay }: { readonly next: TokenSet; readonly onDelay: () => void },
): Promise<Settlement> {
  const { grant, record } = claim
  const answer = { consumed: record.tokenSet.refreshToken, grant: healthy(record, next) }
  context.unsettled.set(grant.key, answer)
  try {
    const settlement = await keepTrying(context, claim, { next, onDelay })
    if (settlement.type === 'stored') announce(context, claim, next)
    return settlement
  } finally {
    if (context.unsettled.get(grant.key) === answer) context.unsettled.delete(grant.key)
  }
}

async function keepTrying(
  context: GrantContext,
  claim: Claim,
  { next, onDelay }: { readonly next: TokenSet; readonly onDelay: () => void },
): Promise<Settlement> {
  let pause = firstPauseMs
  let told = false
  for (;;) {
    try {
      const settlement = await settleOnce(context, claim, next)
      if (settlement !== undefined) return settlement
    } catch (error) {
      if (!told) context.emit({ type: 'settle_delayed', openId: claim.grant.openId, error })
      told = true
      onDelay()
      if (context.background.abandoned) throw error
    }
    // Also after losing to another writer: the next look tells whether there is anything left to write.
    await context.background.sleep(pause * context.clock.random(), true)
    pause = Math.min(longestPauseMs, pause * 2)
  }
}

async function settleOnce(
  context: GrantContext,
  claim: Claim,
  next: TokenSet,
): Promise<Settlement | undefined> {
  const row = await context.rows.read(claim.grant)
  if (row === undefined) return recreate(context, claim, next)
  const { record } = row
  if (isRemoved(record)) return { type: 'changed' }
  const consumed = claim.record.tokenSet.refreshToken
  if (record.tokenSet.refreshToken !== consumed) {
    // A write that seemed to fail may have arrived later.
    return record.tokenSet.accessToken === next.accessToken
      ? { type: 'stored', grant: record }
      : { type: 'changed' }
  }
  if (
    next.refreshToken === consumed &&
    row.revision !== claim.lease.revision &&
    endsLater(record.tokenSet, next)
  ) {
    return { type: 'changed' }
  }
  return replace(context, claim, { row: { ...row, record }, next })
}

async function replace(
  context: GrantContext,
  claim: Claim,
  { row, next }: { readonly row: GrantRow<LiveGrant>; readonly next: TokenSet },
): Promise<Settlement | undefined> {
  const { record } = row
  const grant = healthy(record, next)
  // A revocation is under way: it wants the new tokens, and its mark must stay, with its claim if it has one by now.
  const foreign = record.claim?.id === claim.id && claim.record.revoking !== true ? undefined : record.claim
  const kept: LiveGrant =
    record.revoking === true ? { ...grant, revoking: true, ...(foreign && { claim: foreign }) } : grant
  const revision = await context.rows.write(claim.grant, {
    expected: row.revision,
    record: kept,
    dueAt: dueAtFor(context, kept),
  })
  return revision === undefined ? undefined : { type: 'stored', grant: kept }
}

// No tombstone, so nobody removed the grant: an eviction must not lose the only live token.
async function recreate(
  context: GrantContext,
  claim: Claim,
  next: TokenSet,
): Promise<Settlement | undefined> {
  const grant = healthy(claim.record, next)
  const record: LiveGrant = claim.record.revoking === true ? { ...grant, revoking: true } : grant
  const write = { expected: undefined, record, dueAt: dueAtFor(context, record) }
  if ((await context.rows.write(claim.grant, write)) === undefined) return undefined
  context.emit({ type: 'row_recreated', openId: claim.grant.openId })
  return { type: 'stored', grant: record }
}

/** A revocation that nobody finishes wants attention soon, whatever its tokens say. */
function dueAtFor({ clock, dueAt, leaseMs }: GrantContext, { tokenSet, revoking }: LiveGrant): number {
  return revoking === true ? clock.now() + leaseMs : dueAt(tokenSet)
}

function healthy({ connection }: LiveGrant, tokenSet: TokenSet): LiveGrant {
  return { v: 1, tokenSet, connection }
}

function endsLater(stored: TokenSet, next: TokenSet): boolean {
  return (stored.expiresAt ?? Infinity) >= (next.expiresAt ?? Infinity)
}

function announce({ emit, clock }: GrantContext, { grant, record, claimedAt }: Claim, next: TokenSet): void {
  const { openId } = grant
  const durationMs = Math.round(clock.monotonic() - claimedAt)
  emit({ type: 'refreshed', openId, durationMs })
  if (next.refreshToken === record.tokenSet.refreshToken) emit({ type: 'refresh_token_kept', openId })
  announceScope(emit, openId, { before: record.tokenSet, after: next })
}

/** Tells when a grant has fewer scopes than it had. */
export function announceScope(
  emit: GrantContext['emit'],
  openId: string,
  { before, after }: { readonly before: TokenSet; readonly after: TokenSet },
): void {
  const missing = before.scope.filter((scope) => !after.scope.includes(scope))
  if (missing.length > 0) emit({ type: 'scope_reduced', openId, missing })
}

/** Gives the claim back without having used it, or leaves it to run out. */
export async function release(context: GrantContext, claim: Claim): Promise<void> {
  const record = unclaimed(claim.record)
  const write = { expected: claim.lease.revision, record, dueAt: context.clock.now() }
  await context.rows.write(claim.grant, write).catch(() => undefined)
}
