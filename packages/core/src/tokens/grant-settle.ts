import type { TokenSet } from '../protocol/token-set.ts'
import type { Claim, GrantContext } from './grant-claim.ts'
import { unclaimed } from './grant-claim.ts'
import type { LiveGrant } from './grant-record.ts'
import { isRemoved } from './grant-record.ts'
import type { GrantRow } from './grant-rows.ts'

const firstPauseMs = 50
// Whoever stores the answer first after an outage spares everybody else a request with a used token.
const longestPauseMs = 1_000

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
  const answer = { consumed: record.tokenSet.refreshToken, grant: healthy(record, next), delayed: false }
  context.unsettled.set(grant.key, answer)
  if (next.refreshToken !== answer.consumed) context.used.add(grant.key, answer.consumed)
  try {
    const settlement = await keepTrying(context, claim, {
      next,
      onDelay() {
        answer.delayed = true
        onDelay()
      },
    })
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
  const { background, clock, emit } = context
  let settleOnce = settleUnread
  let pause = firstPauseMs
  for (let told = false; ; pause = Math.min(longestPauseMs, pause * 2)) {
    try {
      const settlement = await settleOnce(context, claim, next)
      if (settlement !== undefined) return settlement
    } catch (error) {
      if (!told) emit({ type: 'settle_delayed', openId: claim.grant.openId, error })
      told = true
      onDelay()
      if (background.abandoned) throw error
    }
    // Also after losing to another writer: the next look tells whether there is anything left to write.
    if (settleOnce === settleRead || told) await background.sleep(pause * (0.5 + clock.random() / 2), true)
    settleOnce = settleRead
  }
}

/** Most often the row is as this process wrote it last; then it need not be read, and the answer is safe a round trip earlier. */
function settleUnread(context: GrantContext, claim: Claim, next: TokenSet): Promise<Settlement | undefined> {
  const row = { revision: claim.lease.revision, record: claim.record }
  return replace(context, claim, { row, next })
}

async function settleRead(
  context: GrantContext,
  claim: Claim,
  next: TokenSet,
): Promise<Settlement | undefined> {
  const row = await context.rows.read(claim.grant)
  if (row === undefined) return recreate(context, claim, next)
  const { record } = row
  if (isRemoved(record)) return { type: 'changed' }
  // A write that seemed to fail may have arrived later.
  if (isSame(record.tokenSet, next)) return { type: 'stored', grant: record }
  const consumed = claim.record.tokenSet.refreshToken
  if (record.tokenSet.refreshToken !== consumed) return { type: 'changed' }
  const isOwn = row.revision === claim.lease.revision
  if (next.refreshToken === consumed && !isOwn && endsLater(record.tokenSet, next)) return { type: 'changed' }
  return replace(context, claim, { row: { ...row, record }, next })
}

async function replace(
  context: GrantContext,
  claim: Claim,
  { row, next }: { readonly row: Pick<GrantRow<LiveGrant>, 'revision' | 'record'>; readonly next: TokenSet },
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

function isSame(stored: TokenSet, next: TokenSet): boolean {
  return stored.accessToken === next.accessToken && stored.refreshToken === next.refreshToken
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
