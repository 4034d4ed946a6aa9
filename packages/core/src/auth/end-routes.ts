import { credentialHeaders, redirect } from './answers.ts'
import { currentUser } from './context.ts'
import type { AuthContext, RouteRequest } from './context.ts'
import type { AuthAnswer, SignedIn } from './contract.ts'
import { requireSameOrigin, wantsJson } from './request-rules.ts'

/** Ends the session on this browser. The grant stays. */
export async function logout(context: AuthContext, route: RouteRequest): Promise<AuthAnswer> {
  requireSameOrigin(route.request, context.origins)
  const user = await currentUser(context, route)
  if (user !== undefined) context.emit({ type: 'logged_out', openId: user.openId })
  const headers = credentialHeaders(context.session?.clear())
  return wantsJson(route.request) ? { status: 204, headers } : redirect(target(context, route), headers)
}

/** Revokes the user's grant at TikTok, removes it here, and ends the session. */
export async function disconnect(context: AuthContext, route: RouteRequest): Promise<AuthAnswer> {
  requireSameOrigin(route.request, context.origins)
  const user = await currentUser(context, route)
  const revoked =
    user !== undefined && (await ownsGrant(context, user))
      ? await context.tokens.revoke(user.openId)
      : { remote: 'nothing_to_revoke' as const }
  const headers = credentialHeaders(context.session?.clear())
  if (!wantsJson(route.request)) return redirect(target(context, route), headers)
  return {
    status: 200,
    headers: [['content-type', 'application/json; charset=utf-8'], ...headers],
    body: JSON.stringify({ remote: revoked.remote }),
  }
}

// A session that outlived its connection has no say over the one that came after it.
async function ownsGrant({ tokens }: AuthContext, user: SignedIn): Promise<boolean> {
  if (user.connectionId === undefined) return true
  return (await tokens.status(user.openId)).connectionId === user.connectionId
}

function target({ returnTo }: AuthContext, { query }: RouteRequest): string {
  return returnTo.check(new URLSearchParams(query).get('returnTo')) ?? returnTo.fallback
}
