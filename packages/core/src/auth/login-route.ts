import { ConfigurationError, TransactionError } from '../errors.ts'
import { checkScope, parseScope } from '../protocol/scope.ts'
import { credentialHeaders, redirect } from './answers.ts'
import { bindingOf, currentUser, grantedScope } from './context.ts'
import type { AuthContext, RouteRequest } from './context.ts'
import type { AuthAnswer, SignedIn } from './contract.ts'
import { isOwnLink, requireNavigation, requireSameOrigin } from './request-rules.ts'

/** Begins a login: writes the attempt's cookie and sends the browser to TikTok. */
export async function startLogin(context: AuthContext, route: RouteRequest): Promise<AuthAnswer> {
  const { request, hooks } = route
  const isPost = request.method === 'POST'
  if (isPost) requireSameOrigin(request, context.origins)
  else requireNavigation(request)
  const user = await currentUser(context, route)
  const chosen = (await hooks.onStart?.()) ?? {}
  const bind = bindingOf(context, chosen.bind, user)
  // A link on somebody else's page must not attach another TikTok account to this user. One that is attached already
  // may be renewed from anywhere, so it is the only one such a login can end with.
  const fromElsewhere = bind !== undefined && !isPost && !isOwnLink(request)
  if (fromElsewhere && user === undefined) throw new TransactionError('request_refused', { status: 403 })

  const query = new URLSearchParams(route.query)
  const wanted = chosen.scope === undefined ? requestedScope(context, query) : checkScope(chosen.scope)
  const returnTo = chosen.returnTo ?? query.get('returnTo')
  const started = await context.flow.start({
    scope: [...wanted, ...(await alreadyGranted(context, user))],
    ...(returnTo === null ? {} : { returnTo }),
    ...(bind === undefined ? {} : { bind }),
    ...(fromElsewhere && user !== undefined ? { openId: user.openId } : {}),
    ...(chosen.data === undefined ? {} : { data: chosen.data }),
    ...(chosen.forceConsent === undefined ? {} : { forceConsent: chosen.forceConsent }),
  })
  const cookies = context.pending.set(started, request.header('cookie'))
  if (cookies === undefined) {
    throw new ConfigurationError('onStart', 'gave more `data` or a longer `bind` than a cookie can hold.')
  }
  context.emit({ type: 'login_started' })
  return redirect(started.url.href, credentialHeaders(...cookies))
}

function requestedScope({ settings }: AuthContext, query: URLSearchParams): readonly string[] {
  const asked = parseScope(query.getAll('scope').join(','))
  if (asked.every((name) => settings.knownScope.has(name))) return [...settings.scope, ...asked]
  throw new TransactionError('request_refused')
}

// Signing in again must not narrow what was granted; scopes that left the configuration would fail the request.
async function alreadyGranted(context: AuthContext, user: SignedIn | undefined): Promise<readonly string[]> {
  if (user === undefined) return []
  const granted = await grantedScope(context, user)
  return granted.filter((name) => context.settings.knownScope.has(name))
}
