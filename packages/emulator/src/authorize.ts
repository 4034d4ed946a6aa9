import type { Client } from './clients.ts'
import type { AuthorizeFault } from './authorize-faults.ts'
import { authorizeFaults } from './authorize-faults.ts'
import { matchesRedirectUri } from './redirect-uris.ts'
import type { World } from './world.ts'

/** An authorization request that passed every check. */
export interface AuthorizeRequest {
  readonly client: Client
  readonly redirectUri: string
  readonly scope: readonly string[]
  readonly state: string | undefined
  /** The challenge that the exchange will have to meet. */
  readonly challenge: string | undefined
  /** Whether the consent page has to be shown even to somebody who granted all of this before. */
  readonly alwaysAsk: boolean
}

/** What became of the checks: the request, or the fault with the address it may be reported to. */
export type AuthorizeResult =
  | { readonly request: AuthorizeRequest }
  | {
      readonly fault: AuthorizeFault
      readonly redirectUri: string | undefined
      readonly state: string | undefined
    }

/** Checks an authorization request in the order in which TikTok's faults hide each other. */
export function checkAuthorizeRequest(query: URLSearchParams, world: World): AuthorizeResult {
  const state = query.get('state') ?? undefined
  const found = findClient(query, world)
  if ('fault' in found) return { fault: found.fault, redirectUri: undefined, state }
  const { client } = found
  const redirectUri = query.get('redirect_uri') ?? ''
  if (!client.redirectUris.some((registered) => matchesRedirectUri(registered, redirectUri))) {
    return { fault: authorizeFaults.redirectUri, redirectUri: undefined, state }
  }
  const fault = findParameterFault(query, client, world)
  if (fault !== undefined) return { fault, redirectUri, state }
  const verifies = client.demandsPkce || world.behavior().verifyWebChallenge
  const request: AuthorizeRequest = {
    client,
    redirectUri,
    scope: [...new Set(readScope(query))],
    state,
    challenge: verifies ? query.get('code_challenge') || undefined : undefined,
    alwaysAsk: query.get('disable_auto_auth') === '1',
  }
  return { request }
}

function findClient(query: URLSearchParams, world: World): { client: Client } | { fault: AuthorizeFault } {
  const keys = query.getAll('client_key')
  const [key] = keys
  if (key === undefined || keys.length > 1 || !/^\S+$/.test(key)) return { fault: authorizeFaults.clientKey }
  const client = world.clients.get(key)
  return client?.approved === true ? { client } : { fault: authorizeFaults.unauthorizedClient }
}

function readScope(query: URLSearchParams): readonly string[] {
  return (query.get('scope') ?? '').split(',')
}

function findParameterFault(
  query: URLSearchParams,
  client: Client,
  world: World,
): AuthorizeFault | undefined {
  if (query.get('response_type') !== 'code') return authorizeFaults.responseType
  if (!readScope(query).every((scope) => client.scopes.includes(scope))) return authorizeFaults.scope
  const unasked = world.behavior().verifyWebChallenge && Boolean(query.get('code_challenge'))
  return client.demandsPkce || unasked ? findPkceFault(query, world) : undefined
}

function findPkceFault(query: URLSearchParams, world: World): AuthorizeFault | undefined {
  if (!query.get('code_challenge')) return authorizeFaults.codeChallenge
  const method = query.get('code_challenge_method')
  const fine = method === 'S256' || (method === null && !world.behavior().requireChallengeMethod)
  return fine ? undefined : authorizeFaults.codeChallengeMethod
}
