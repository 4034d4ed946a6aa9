import { OAuthFault } from './errors.ts'
import { authenticateClient, demand, readForm } from './form.ts'
import type { Client } from './clients.ts'
import type { Code } from './codes.ts'
import type { IssuedPair, Token } from './ledger-types.ts'
import type { JsonObject } from './wire.ts'
import { openIdOf, unionIdOf } from './identity.ts'
import { sha256 } from './random.ts'
import type { EmulatorBehavior } from './behavior.ts'
import type { Exchange } from './world.ts'

const verifierForm = /^[A-Za-z0-9\-._~]{43,128}$/

/** Serves `POST /v2/oauth/token/`: returns the body of the success. */
export function serveToken(exchange: Exchange): JsonObject {
  const { world, request } = exchange
  const form = readForm(request, world.behavior())
  const client = authenticateClient(form, world.clients)
  const grantType = demand(form, 'grant_type', 'Grant type')
  switch (grantType) {
    case 'authorization_code':
      return exchangeCode(exchange, client, form)
    case 'refresh_token':
      return refresh(exchange, client, form)
    case 'client_credentials':
      return issueClientToken(exchange, client)
    default:
      throw new OAuthFault('unsupported_grant_type', 'The authorization grant type is not supported.')
  }
}

function exchangeCode(exchange: Exchange, client: Client, form: URLSearchParams): JsonObject {
  const { world, entry } = exchange
  const value = demand(form, 'code', 'Code')
  const redirectUri = demand(form, 'redirect_uri', 'Redirect_uri')
  const code = world.codes.find(value)
  if (code === undefined || code.clientKey !== client.clientKey || code.used) {
    throw new OAuthFault('invalid_grant', 'Authorization code is invalid.')
  }
  if (code.expiresAt <= world.clock.now())
    throw new OAuthFault('invalid_grant', 'Authorization code is expired.')
  if (code.redirectUri !== redirectUri) {
    throw new OAuthFault('invalid_request', 'Redirect_uri is not matched with the uri when requesting code.')
  }
  verifyChallenge(code, form.get('code_verifier'), world.behavior())
  code.used = true
  // Read before issuing: were a millisecond to pass in between, a full life would be reported a second short.
  const now = world.clock.now()
  const pair = world.ledger.issue({
    clientKey: client.clientKey,
    userId: code.userId,
    openId: openIdOf(client, code.userId),
    unionId: unionIdOf(client, code.userId),
    scope: code.scope,
  })
  entry.grantId = pair.access.family?.grant.id
  return describePair(pair, now)
}

function refresh({ world }: Exchange, client: Client, form: URLSearchParams): JsonObject {
  const value = demand(form, 'refresh_token', 'Refresh token')
  const now = world.clock.now()
  return describePair(world.ledger.refresh(value, client.clientKey), now)
}

function verifyChallenge(code: Code, verifier: string | null, behavior: EmulatorBehavior): void {
  if (code.challenge === undefined) return
  const { challengeEncoding } = behavior
  const encodings =
    challengeEncoding === 'both' ? (['hex', 'base64url'] as const) : ([challengeEncoding] as const)
  const right =
    verifier !== null &&
    verifierForm.test(verifier) &&
    encodings.some((encoding) => sha256(verifier, encoding) === code.challenge)
  if (!right) throw new OAuthFault('invalid_request', 'Code verifier or code challenge is invalid.')
}

function secondsLeft(token: Token, now: number): number {
  return Math.max(0, Math.floor((token.expiresAt - now) / 1000))
}

function describePair({ access, refresh, showRefresh }: IssuedPair, now: number): JsonObject {
  return {
    access_token: access.value,
    expires_in: secondsLeft(access, now),
    open_id: access.family?.grant.openId,
    refresh_expires_in: secondsLeft(refresh, now),
    refresh_token: showRefresh ? refresh.value : undefined,
    scope: access.scope.join(','),
    token_type: 'Bearer',
  }
}

function issueClientToken({ world }: Exchange, client: Client): JsonObject {
  const now = world.clock.now()
  const token = world.ledger.issueClientToken(client.clientKey)
  return { access_token: token.value, expires_in: secondsLeft(token, now), token_type: 'Bearer' }
}
