import { OAuthFault } from './errors.ts'
import { authenticateClient, demand, readForm } from './form.ts'
import type { Answer } from './wire.ts'
import type { Exchange } from './world.ts'

/**
 * Serves `POST /v2/oauth/revoke/`.
 *
 * Takes a live access token, kills every token of that user for that app, and takes the app off the user's list.
 */
export function serveRevoke({ world, request }: Exchange): Answer {
  const behavior = world.behavior()
  const form = readForm(request, behavior)
  const client = authenticateClient(form, world.clients)
  const token = world.ledger.find(demand(form, 'token', 'Token'))
  if (token?.kind === 'refresh') {
    throw new OAuthFault('invalid_request', 'The token to revoke must be an access token.')
  }
  if (token !== undefined && token.clientKey !== client.clientKey) {
    throw new OAuthFault('invalid_grant', 'The token was issued to another client.')
  }
  if (token?.family !== undefined && world.ledger.isLive(token)) {
    world.ledger.remove(token.family.grant)
  } else if (token?.kind === 'client' && world.ledger.isLive(token)) {
    token.state = 'revoked'
  } else if (token?.state === 'live' && token.kind === 'access') {
    throw new OAuthFault('invalid_grant', 'The access token is expired.')
  } else if (behavior.secondRevoke === 'error') {
    throw new OAuthFault('invalid_grant', 'The token is invalid or was revoked before.')
  }
  return { status: 200, outcome: 'ok', ...(behavior.revokeReply === 'object' ? { json: {} } : { text: '' }) }
}
