import { AuthorizationResponseError, isTikTokAuthError, TransactionError } from '../errors.ts'
import { userInfoFieldsFor } from '../protocol/user-info.ts'
import type { UserInfo } from '../protocol/user-info.ts'
import type { FinishedLogin } from '../login/login-flow.ts'
import { credentialHeaders, redirect, withHeaders } from './answers.ts'
import { bindingOf, currentUser, grantedScope } from './context.ts'
import type { AuthContext, Completed, RouteRequest } from './context.ts'
import type { AuthAnswer, Login, SignedIn } from './contract.ts'

// Node takes 16 KiB of headers; other hosts may hand in anything.
const longestQuery = 16 * 1024

/**
 * Answers the callback: clears the attempt, checks, exchanges the code, stores the grant, asks for the profile,
 * tells the application, signs in, and sends the browser on.
 */
export async function finishLogin(
  context: AuthContext,
  route: RouteRequest,
): Promise<AuthAnswer | undefined> {
  const query = new URLSearchParams(route.query.length > longestQuery ? '' : route.query)
  const cleared = context.pending.clear(query.get('state'))
  try {
    return await answerCallback(context, route, { query, cleared })
  } catch (error) {
    context.emit({
      type: 'login_failed',
      code: isTikTokAuthError(error) ? error.code : 'application',
      ...(isTikTokAuthError(error) && error.code === 'transaction' ? { reason: error.reason } : {}),
      error,
    })
    throw withHeaders(error, credentialHeaders(cleared), route.request)
  }
}

interface Callback {
  readonly query: URLSearchParams
  /** Removes the attempt's cookie; on every answer, whatever comes of it. */
  readonly cleared: string | undefined
}

async function answerCallback(
  context: AuthContext,
  route: RouteRequest,
  callback: Callback,
): Promise<AuthAnswer | undefined> {
  const { query, cleared } = callback
  const { pending, attempts, returnTo, session } = context
  const transaction = pending.read(query.get('state'), route.request.header('cookie'))
  const user = await currentUser(context, route)
  if (transaction === undefined) {
    // Reload, or the back button: this login is over, and it went well.
    if (user !== undefined || (await route.hooks.isSignedIn?.()) === true) {
      return redirect(returnTo.fallback, credentialHeaders(cleared))
    }
    throw new TransactionError('missing')
  }
  const bind = bindingOf(context, (await route.hooks.onStart?.())?.bind, user)
  const attempt = await attempts.run([transaction, route.query, bind], async () => {
    const login = await context.flow.finish({ query, transaction, ...(bind === undefined ? {} : { bind }) })
    if (user?.openId === login.openId) await reportReduced(context, user, login)
    return completeLogin(context, route, { login, cleared })
  })
  if (attempt.kind === 'first') return attempt.result.answer
  if (attempt.kind === 'repeated') return redirect(attempt.outcome.returnTo, credentialHeaders(cleared))
  const { outcome, handled } = attempt.result
  const headers = credentialHeaders(cleared, (await session?.issue(outcome))?.header)
  const again = await route.hooks.onJoined?.(handled, headers)
  return again === 'handled' ? undefined : redirect(outcome.returnTo, headers)
}

async function completeLogin(
  context: AuthContext,
  { hooks }: RouteRequest,
  { login, cleared }: { readonly login: FinishedLogin; readonly cleared: string | undefined },
): Promise<Completed> {
  const { settings, tokens, session, emit } = context
  const refused = settings.requireScope.filter((name) => !login.scope.includes(name))
  if (refused.length > 0) throw scopeMissing(refused)
  const { openId, missingScope } = login
  const { connectionId } = await tokens.save(login.tokenSet)
  const returnTo = login.returnTo ?? context.returnTo.fallback
  const user = (await hooks.skipUserInfo?.(login)) === true ? undefined : await readUser(context, login)
  const issued = await session?.issue({ openId, connectionId })
  const headers = credentialHeaders(cleared, issued?.header)
  const complete: Login = { ...login, returnTo, user }
  const handled = await hooks.onLogin?.(complete, headers)
  const shared = typeof handled === 'object' ? handled : undefined
  emit({ type: 'login_finished', openId, missingScope })
  return {
    answer: handled === 'handled' || shared !== undefined ? undefined : redirect(returnTo, headers),
    outcome: { openId, connectionId, returnTo },
    handled: shared?.handled,
  }
}

async function reportReduced(
  context: AuthContext,
  user: SignedIn,
  { openId, scope }: FinishedLogin,
): Promise<void> {
  const before = await grantedScope(context, user)
  const missing = before.filter((name) => !scope.includes(name))
  if (missing.length > 0) context.emit({ type: 'scope_reduced', openId, missing })
}

function scopeMissing(missing: readonly string[]): AuthorizationResponseError {
  return new AuthorizationResponseError({
    error: 'access_denied',
    errorType: 'required_scope_missing',
    errorDescription: `The user did not grant: ${missing.join(', ')}.`,
  })
}

async function readUser(
  { settings, client, emit }: AuthContext,
  { openId, scope, tokenSet }: FinishedLogin,
): Promise<UserInfo | undefined> {
  if (settings.userInfo === false) return undefined
  const allowed = userInfoFieldsFor(scope)
  const fields = settings.userInfo ?? allowed
  if (fields.length === 0 || allowed.length === 0) return undefined
  try {
    const user = await client.userInfo(tokenSet.accessToken, fields)
    if (user.openId === openId) return user
    emit({ type: 'user_info_failed', openId, error: new Error('The profile belongs to another open id.') })
  } catch (error) {
    emit({ type: 'user_info_failed', openId, error })
  }
  return undefined
}
