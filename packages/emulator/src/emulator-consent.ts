import type { AuthorizeRequest } from './authorize.ts'
import { findAuthorizeFault } from './authorize-faults.ts'
import { faultPath } from './authorize-endpoint.ts'
import { createPendingConsents } from './consent.ts'
import { decide } from './decide.ts'
import { EmulatorFaultError } from './errors.ts'
import { serve } from './serve.ts'
import type { EmulatorUser } from './users.ts'
import type { World } from './world.ts'

/** What the person at the consent page does. */
export interface ConsentOptions {
  /** Who signs in, by id or username; the first user unless told. */
  readonly user?: string
  /** The scopes the person leaves ticked, out of those asked for; all of them unless told. */
  readonly scope?: readonly string[]
  /** `true`: the person presses "cancel". */
  readonly cancel?: boolean
}

/** Does what a person at the consent page does; returns the callback. */
export async function consent(url: string | URL, options: ConsentOptions, world: World): Promise<URL> {
  const request = await openConsentPage(new URL(url), world)
  if (request instanceof URL) return request
  const user = findUser(options.user, world)
  const foreign = options.scope?.find((scope) => !request.scope.includes(scope))
  if (foreign !== undefined) throw new RangeError(`consent: the app did not ask for the scope ${foreign}`)
  const scope = options.cancel === true ? undefined : (options.scope ?? request.scope)
  return new URL(decide(request, { user, scope }, world).location)
}

function findUser(name: string | undefined, world: World): EmulatorUser {
  const user = name === undefined ? world.users.list()[0] : world.users.find(name)
  if (user !== undefined) return user
  const who = name === undefined ? 'is no user at all' : `is no user with the id or username ${name}`
  throw new RangeError(`consent: there ${who}; add one with emulator.users.add or the option users`)
}

/** Opens the address as a browser without cookies does: the request that waits there, or the callback at once. */
async function openConsentPage(url: URL, world: World): Promise<AuthorizeRequest | URL> {
  let opened: AuthorizeRequest | undefined
  const pending = createPendingConsents()
  const watch = { ...pending, add: (request: AuthorizeRequest) => pending.add((opened = request)) }
  const reply = await serve({ method: 'GET', url, headers: new Headers(), body: '' }, world, watch)
  if (opened !== undefined) return opened
  const location = reply.headers.get('location')
  if (location === null)
    throw new Error(`consent: no consent page at ${url.origin}${url.pathname}: ${reply.status}`)
  const target = new URL(location, url)
  if (target.pathname === faultPath) throw toFaultError(target.searchParams)
  return target
}

function toFaultError(query: URLSearchParams): EmulatorFaultError {
  const known = findAuthorizeFault(query)
  return new EmulatorFaultError({
    error: query.get('error') ?? 'unknown',
    errorType: query.get('error_type') ?? undefined,
    errCode: query.get('errCode') ?? undefined,
    explanation: known === undefined ? '' : `${known.explanation} ${known.remedy}`,
  })
}
