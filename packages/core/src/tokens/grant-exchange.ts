import type { AnyTikTokAuthError } from '../errors.ts'
import { isTikTokAuthError, UnexpectedResponseError } from '../errors.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import type { Claim, GrantContext } from './grant-claim.ts'
import { stillHeld, timeLeft } from './grant-claim.ts'

/** What became of using a refresh token. */
export type Exchange =
  | { readonly type: 'refreshed'; readonly next: TokenSet }
  /** TikTok refused the refresh token. */
  | { readonly type: 'refused'; readonly error: unknown; readonly ambiguous: boolean }
  /** `ambiguous`: TikTok may have rotated the token all the same. */
  | { readonly type: 'failed'; readonly error: unknown; readonly ambiguous: boolean }
  /** The lease ended before anything was sent. */
  | { readonly type: 'unsent' }

type Reply =
  | Exclude<Exchange, { readonly type: 'unsent' }>
  /** A server error or a broken connection: TikTok may have acted, and no answer can come any more. */
  | { readonly type: 'broken'; readonly error: unknown }
  /** No answer by the end of the lease; the request goes on. */
  | { readonly type: 'overdue' }

const mostPauseMs = 500

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
  onLate: (next: TokenSet) => Promise<void>,
): Promise<Exchange> {
  if (timeLeft(context, claim) < context.client.timeoutMs) return { type: 'unsent' }
  const first = await send(context, claim, onLate)
  if (first.type !== 'broken') return ended(first)
  await context.background.sleep(context.clock.random() * mostPauseMs, true)
  if (!(await maySendAgain(context, claim))) return failedAmbiguously(first.error)
  const second = await send(context, claim, onLate)
  if (second.type === 'broken') return failedAmbiguously(second.error)
  const outcome = ended(second)
  return outcome.type === 'refreshed' ? outcome : { ...outcome, ambiguous: true }
}

async function maySendAgain(context: GrantContext, claim: Claim): Promise<boolean> {
  try {
    if (!(await stillHeld(context, claim))) return false
  } catch {
    // Not knowing who holds the claim is as good as not holding it.
    return false
  }
  return timeLeft(context, claim) >= context.client.timeoutMs
}

async function send(
  context: GrantContext,
  claim: Claim,
  onLate: (next: TokenSet) => Promise<void>,
): Promise<Reply> {
  const { client, clock, background, emit } = context
  const { tokenSet } = claim.record
  let overdue = false
  const reply = client.refresh(tokenSet.refreshToken, tokenSet).then(
    (next): Reply => {
      if (next.openId === tokenSet.openId) return { type: 'refreshed', next }
      emit({ type: 'other_open_id', openId: claim.grant.openId })
      return failedAmbiguously(otherUser())
    },
    (error: unknown): Reply => classify(error),
  )
  const settled = reply.then(async (late) => {
    if (overdue && late.type === 'refreshed') await onLate(late.next)
  })
  background.track(settled)
  return new Promise((resolve) => {
    const cancel = clock.after(
      Math.max(0, timeLeft(context, claim)),
      () => {
        overdue = true
        resolve({ type: 'overdue' })
      },
      false,
    )
    void reply.then((answer) => {
      cancel()
      resolve(answer)
    })
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
  if (!isTikTokAuthError(error)) return { type: 'failed', error, ambiguous: true }
  switch (error.code) {
    case 'oauth_response':
      return classifyRefusal(error)
    case 'unexpected_response':
      if (error.httpStatus >= 500) return { type: 'broken', error }
      // A redirect or a client error without TikTok's own words comes from something in between.
      return { type: 'failed', error, ambiguous: error.httpStatus < 300 }
    case 'network':
      return error.sent === 'no' ? { type: 'failed', error, ambiguous: false } : { type: 'broken', error }
    case 'configuration':
    case 'transaction':
    case 'authorization_response':
    case 'reauthorization_required':
    case 'refresh_pending':
    case 'store':
      return { type: 'failed', error, ambiguous: true }
  }
}

function classifyRefusal(error: Extract<AnyTikTokAuthError, { readonly code: 'oauth_response' }>): Reply {
  if (error.error === 'invalid_grant') return { type: 'refused', error, ambiguous: false }
  if (error.httpStatus === 429) return { type: 'failed', error, ambiguous: false }
  const serverSide = error.error === 'server_error' || error.error === 'temporarily_unavailable'
  if (error.httpStatus >= 500 || serverSide) return { type: 'broken', error }
  return { type: 'failed', error, ambiguous: false }
}
