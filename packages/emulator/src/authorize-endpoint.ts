import { checkAuthorizeRequest } from './authorize.ts'
import type { AuthorizeRequest, AuthorizeResult } from './authorize.ts'
import { findAuthorizeFault } from './authorize-faults.ts'
import { addQuery, allowConsent, hasGranted } from './consent.ts'
import type { PendingConsents } from './consent.ts'
import { answerPage, answerRedirect } from './html-answer.ts'
import { renderConsentPage } from './pages/consent-page.ts'
import { renderFaultPage } from './pages/fault-page.ts'
import { describeScope, requiredScope } from './scopes.ts'
import { avatarUrl } from './user-info.ts'
import type { UserView } from './views.ts'
import type { Answer } from './wire.ts'
import type { Exchange, World } from './world.ts'

/** Where the page for configuration faults is. */
export const faultPath = '/v2/auth/fault/'

/** Serves the authorize address: the consent page, the callback of somebody who granted all before, or a fault. */
export function serveAuthorize(exchange: Exchange, pending: PendingConsents): Answer {
  const { world, request, entry } = exchange
  const result = checkAuthorizeRequest(request.url.searchParams, world)
  if ('fault' in result) return answerFault(result, world)
  const signedIn = world.users.find(world.signIns.read(request.headers.get('cookie')) ?? '')
  if (signedIn !== undefined && !result.request.alwaysAsk && hasGranted(result.request, signedIn.id, world)) {
    const callback = allowConsent(result.request, signedIn, { scope: result.request.scope, world })
    entry.userId = signedIn.id
    entry.openId = callback.openId
    return answerRedirect(callback.location, callback.outcome)
  }
  const id = pending.add(result.request)
  return answerConsentPage(id, result.request, { world, signedInId: signedIn?.id })
}

function answerFault(result: Extract<AuthorizeResult, { fault: unknown }>, world: World): Answer {
  const { fault, redirectUri, state } = result
  const { error, errorType: error_type, errCode } = fault
  if (world.behavior().redirectAllFaults && redirectUri !== undefined) {
    const error_description = fault.explanation
    return answerRedirect(
      addQuery(redirectUri, { error, error_type, errCode, error_description, state }),
      error,
    )
  }
  return answerFaultPage({ error, error_type, errCode })
}

/** Sends the browser to the fault page; app and callback hear nothing. */
export function answerFaultPage(
  query: Readonly<Record<string, string | undefined>> & { error: string },
): Answer {
  return answerRedirect(addQuery(faultPath, query), query.error)
}

/** Serves the fault page, whose address says what is wrong. */
export function serveFaultPage({ request }: Exchange): Answer {
  const query = request.url.searchParams
  const view = findAuthorizeFault(query) ?? {
    error: query.get('error') ?? 'unknown',
    errorType: query.get('error_type') ?? undefined,
    errCode: query.get('errCode') ?? undefined,
    explanation: 'TikTok could not handle the request.',
    remedy: 'Try again, or look at the faults ordered on the dashboard.',
  }
  return answerPage((nonce) => renderFaultPage(view, nonce), { outcome: 'ok', status: 400 })
}

function answerConsentPage(id: string, request: AuthorizeRequest, options: ConsentPageOptions): Answer {
  const { client, redirectUri, scope } = request
  const { world, signedInId } = options
  const users = describeUsers(world)
  const view = {
    requestId: id,
    app: {
      name: client.name,
      clientKey: client.clientKey,
      sandbox: client.sandbox !== undefined,
      redirectHost: new URL(redirectUri).host,
    },
    users,
    selectedUserId: signedInId ?? users[0]?.id ?? '',
    scopes: scope.map((name) => ({
      name,
      ...describeScope(name),
      required: name === requiredScope,
      checked: true,
    })),
  }
  // A browser holds the redirect that follows a form to the form's own policy.
  const formAction = [new URL(redirectUri).origin]
  return answerPage((nonce) => renderConsentPage(view, nonce), { outcome: 'ok', formAction })
}

interface ConsentPageOptions {
  readonly world: World
  readonly signedInId: string | undefined
}

/** Describes the users as pages show them. */
export function describeUsers(world: World): readonly UserView[] {
  return world.users.list().map((user) => ({
    id: user.id,
    displayName: user.displayName,
    username: user.username,
    avatarUrl: new URL(avatarUrl(world.apiOrigin(), user)).pathname,
  }))
}
