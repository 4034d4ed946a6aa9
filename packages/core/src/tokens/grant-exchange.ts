import type { AnyTikTokAuthError } from '../errors.ts'
import { isTikTokAuthError, UnexpectedResponseError } from '../errors.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import type { Claim, GrantContext } from './grant-claim.ts'
import { maySend, renewClaim, stillHeld, timeLeft } from './grant-claim.ts'

/** What became of using a refresh token. */
export type Exchange =
  | { readonly type: 'refreshed'; readonly next: TokenSet }
  /** TikTok refused the refresh token. */
  | { readonly type: 'refused'; readonly error: unknown; readonly ambiguous: boolean }
  /** `ambiguous`: TikTok may have rotated the token all the same. */
  | { readonly type: 'failed'; readonly error: unknown; readonly ambiguous: boolean }
  /** The lease ended, or the row got other tokens, before anything was sent. */
  | { readonly type: 'unsent' }

type Reply =
  | Exclude<Exchange, { readonly type: 'unsent' }>
  /** A server error or a broken connection: TikTok may have acted, and no answer can come any more. */
  | { readonly type: 'broken'; readonly error: unknown }
  /** No answer by the end of the lease; the request goes on. */
  | { readonly type: 'overdue' }

const mostPauseMs = 500
const renewalPauseMs = 1_000
const mostHeldMs = 2 * 60_000

/** How a refresh token is used. */
export interface ExchangeOptions {
  /** Renews the claim while the answer is awaited, for two minutes at most. */
  readonly hold: boolean
  /** Gets an answer that comes when nobody waits for it any more. */
  readonly onLate: (next: TokenSet) => Promise<void>
}

/**
 * Sends the claimed refresh token to TikTok, a second time only after a server error or a broken connection.
 *
 * Nothing is sent unless the lease leaves a whole request's time, and nothing a second time unless the row still
 * carries the claim. A request is never aborted: when the lease ends the wait for it ends, and an answer that comes
 * later goes to `onLate`.
 */
export async function exchange(
  context: GrantContext,
  claim: Claim,
  options: ExchangeOptions,
): Promise<Exchange> {
  if (!maySend(context, claim)) return { type: 'unsent' }
  if (isUsedUp(context, claim) && !(await isHeld(context, claim))) return { type: 'unsent' }
  const first = await send(context, claim, options)
  if (first.type !== 'broken') return ended(first)
  await context.background.sleep(context.clock.random() * mostPauseMs, true)
  if (!(await maySendAgain(context, claim))) return failedAmbiguously(first.error)
  const second = await send(context, claim, options)
  if (second.type === 'broken') return failedAmbiguously(second.error)
  const outcome = ended(second)
  return outcome.type === 'refreshed' ? outcome : { ...outcome, ambiguous: true }
}

/**
 * Whether this process has stored an answer to the claimed token: one that it had stopped waiting for may have come and gone
 * into the row between the claim's write and word of that write. Sending the token once more could end the grant.
 */
function isUsedUp({ used, unsettled }: GrantContext, { grant, record }: Claim): boolean {
  return !unsettled.has(grant.key) && used.has(grant.key, record.tokenSet.refreshToken)
}

async function isHeld(context: GrantContext, claim: Claim): Promise<boolean> {
  // Not knowing who holds the claim is as good as not holding it.
  return stillHeld(context, claim).catch(() => false)
}

async function maySendAgain(context: GrantContext, claim: Claim): Promise<boolean> {
  return (await isHeld(context, claim)) && maySend(context, claim)
}

async function send(context: GrantContext, claim: Claim, { hold, onLate }: ExchangeOptions): Promise<Reply> {
  const { client, background, emit, unsettled } = context
  const { tokenSet } = claim.record
  // This process may have got the answer meanwhile, for a request it had stopped waiting for.
  const known = unsettled.get(claim.grant.key)
  if (known?.consumed === tokenSet.refreshToken) return { type: 'refreshed', next: known.grant.tokenSet }
  let overdue = false
  const reply = client.refresh(tokenSet.refreshToken, tokenSet).then(
    (next): Reply => {
      if (next.openId === tokenSet.openId) return { type: 'refreshed', next }
      emit({ type: 'other_open_id', openId: claim.grant.openId })
      return failedAmbiguously(otherUser())
    },
    (error: unknown): Reply => classify(error),
  )
  background.track(
    reply.then(async (late) => {
      if (overdue && late.type === 'refreshed') await onLate(late.next)
    }),
  )
  const answer = await awaitReply(context, claim, { reply, hold })
  if (answer !== undefined) return answer
  overdue = true
  return { type: 'overdue' }
}

/**
 * Waits for the answer while the claim lasts. Renewing it keeps others from using the token a second time: the answer
 * to a slow request is the only living token there is.
 */
async function awaitReply(
  context: GrantContext,
  claim: Claim,
  { reply, hold }: { readonly reply: Promise<Reply>; readonly hold: boolean },
): Promise<Reply | undefined> {
  let renewing = hold
  for (;;) {
    const left = timeLeft(context, claim)
    if (left <= 0) return undefined
    const pause = renewing ? Math.max(renewalPauseMs, left - context.leaseMs / 2) : left
    const answer = await within(context, reply, Math.min(left, pause))
    if (answer !== undefined) return answer
    if (!renewing) continue
    const renewal = renew(context, claim).then((renewed) => {
      renewing = renewed
    })
    const first = await within(context, Promise.race([reply, renewal]), timeLeft(context, claim))
    if (first !== undefined) return first
  }
}

async function renew(context: GrantContext, claim: Claim): Promise<boolean> {
  if (context.clock.monotonic() - claim.claimedAt >= mostHeldMs) return false
  try {
    return await renewClaim(context, claim)
  } catch {
    // The store may recover before the lease ends.
    return true
  }
}

function within<Value>(
  { clock }: GrantContext,
  work: Promise<Value>,
  ms: number,
): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(Math.max(0, ms), () => resolve(undefined), false)
    work.finally(cancel).then(resolve, reject)
  })
}

function ended(reply: Exclude<Reply, { readonly type: 'broken' }>): Exclude<Exchange, { type: 'unsent' }> {
  return reply.type === 'overdue' ? failedAmbiguously(undefined) : reply
}

function failedAmbiguously(error: unknown): { type: 'failed'; error: unknown; ambiguous: true } {
  return { type: 'failed', error, ambiguous: true }
}

function otherUser(): UnexpectedResponseError {
  const problem = 'the tokens of another user came back; they were dropped.'
  return new UnexpectedResponseError({ endpoint: 'token', problem, httpStatus: 200 })
}

function classify(error: unknown): Reply {
  if (isTikTokAuthError(error)) {
    if (error.code === 'oauth_response') return classifyRefusal(error)
    if (error.code === 'unexpected_response') {
      if (error.httpStatus >= 500) return { type: 'broken', error }
      // A redirect or a client error without TikTok's own words comes from something in between.
      return { type: 'failed', error, ambiguous: error.httpStatus < 300 }
    }
    if (error.code === 'network') {
      return error.sent === 'no' ? { type: 'failed', error, ambiguous: false } : { type: 'broken', error }
    }
  }
  return { type: 'failed', error, ambiguous: true }
}

function classifyRefusal(error: Extract<AnyTikTokAuthError, { readonly code: 'oauth_response' }>): Reply {
  if (error.error === 'invalid_grant') return { type: 'refused', error, ambiguous: false }
  if (error.httpStatus === 429) return { type: 'failed', error, ambiguous: false }
  const serverSide = error.error === 'server_error' || error.error === 'temporarily_unavailable'
  if (error.httpStatus >= 500 || serverSide) return { type: 'broken', error }
  return { type: 'failed', error, ambiguous: false }
}
