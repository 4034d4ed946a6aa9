import type { AuthorizeRequest } from './authorize.ts'
import { openIdOf } from './identity.ts'
import { randomText } from './random.ts'
import type { EmulatorUser } from './users.ts'
import type { World } from './world.ts'

/** Holds the requests that wait on an open consent page. */
export interface PendingConsents {
  /** Keeps a request; returns the id that the page's form sends back. */
  add(request: AuthorizeRequest): string
  /** Finds a request. It stays: a person may use the back button. */
  find(id: string): AuthorizeRequest | undefined
}

const mostPending = 10_000

/** Makes it empty. The oldest request is forgotten when there are ten thousand. */
export function createPendingConsents(): PendingConsents {
  const pending = new Map<string, AuthorizeRequest>()
  return {
    add(request) {
      const id = randomText(24)
      pending.set(id, request)
      const [oldest] = pending.keys()
      if (pending.size > mostPending && oldest !== undefined) pending.delete(oldest)
      return id
    },
    find: (id) => pending.get(id),
  }
}

/** Where a decision leads, and what the journal calls it. */
export interface Callback {
  readonly location: string
  readonly outcome: string
  readonly openId: string | undefined
}

/** Returns the callback of somebody who pressed "cancel". */
export function cancelConsent(request: AuthorizeRequest): Callback {
  const error = { error: 'access_denied', error_description: 'The user denied the authorization request.' }
  return refuseTo(request, error)
}

/** Returns the callback of somebody who allowed `scope`; a user outside a sandbox is refused. */
export function allowConsent(request: AuthorizeRequest, user: EmulatorUser, options: AllowOptions): Callback {
  const { client, redirectUri } = request
  const targets = client.sandbox?.targetUsers
  if (targets !== undefined && !targets.includes(user.id) && !targets.includes(user.username)) {
    return refuseTo(request, {
      error: 'access_denied',
      error_type: 'non_sandbox_target',
      error_description: 'The user is not a target user of this sandbox.',
    })
  }
  const code = options.world.codes.issue({
    clientKey: client.clientKey,
    redirectUri,
    userId: user.id,
    scope: options.scope,
    challenge: request.challenge,
  })
  const location = addQuery(redirectUri, {
    code: code.value,
    scopes: options.scope.join(','),
    state: request.state,
  })
  return { location, outcome: 'ok', openId: openIdOf(client, user.id) }
}

/** What was allowed, and where it is remembered. */
export interface AllowOptions {
  readonly scope: readonly string[]
  readonly world: World
}

function refuseTo(request: AuthorizeRequest, error: Readonly<Record<string, string>>): Callback {
  const location = addQuery(request.redirectUri, { ...error, state: request.state })
  return { location, outcome: 'access_denied', openId: undefined }
}

/** Adds parameters to an address that has none, everything but unreserved characters percent-encoded. */
export function addQuery(address: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(parameters)
    .filter((pair): pair is [string, string] => pair[1] !== undefined)
    .map(([name, value]) => `${name}=${encode(value)}`)
  return `${address}?${pairs.join('&')}`
}

function encode(value: string): string {
  const escape = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
  return encodeURIComponent(value).replace(/[!*'()]/g, escape)
}

/** Tells whether a user has granted this app all of these scopes before. */
export function hasGranted(request: AuthorizeRequest, userId: string, world: World): boolean {
  const grant = world.ledger.findGrant(request.client.clientKey, userId)
  return grant !== undefined && request.scope.every((scope) => grant.scope.includes(scope))
}
