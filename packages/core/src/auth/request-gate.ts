import { ConfigurationError, isTikTokAuthError } from '../errors.ts'
import type { Scope } from '../protocol/scope.ts'
import type { OpenedState } from './request-state.ts'
import type { AuthAnswer, TikTokAuthOptions } from './contract.ts'

/** What a handler needs of the user before it runs. */
export interface LoginRequirement {
  /** Scopes the user must have granted; each must be in `scope` or `optionalScope`. */
  readonly scope?: readonly Scope[]
}

/** The request as a gate needs it. */
export interface GateRequest {
  readonly method: string
  /** Path and query of the page, as the browser may ask for it again. */
  readonly returnTo: string
  header(name: string): string | undefined
}

/** Lets requests in, or says what to answer instead. */
export interface LoginGate {
  /** Checks a requirement while the app is being built. @throws `configuration` when it can never be met. */
  check(requirement: LoginRequirement): void
  /** `undefined`: let it in. Otherwise a login, for a page that is being opened, or 401 JSON. */
  enter(
    opened: OpenedState,
    request: GateRequest,
    requirement?: LoginRequirement,
  ): Promise<AuthAnswer | undefined>
  /** The same answers for an error that a new login mends; `undefined` for every other error. */
  recover(error: unknown, request: GateRequest): AuthAnswer | undefined
}

type GateOptions = Pick<TikTokAuthOptions<never>, 'scope' | 'optionalScope' | 'session'>

/** Creates the gate of one app. `loginPath` is the login route as browsers see it. */
export function createLoginGate(options: GateOptions, loginPath: string): LoginGate {
  const known = new Set<string>([...(options.scope ?? ['user.info.basic']), ...(options.optionalScope ?? [])])

  function check({ scope = [] }: LoginRequirement): void {
    if (options.session === false) {
      throw new ConfigurationError('session', 'is off, so that `requireLogin` could let nobody in.')
    }
    const unknown = scope.find((name) => !known.has(name))
    // The login route would drop such a scope, and the browser would go round in circles.
    if (unknown !== undefined) {
      throw new ConfigurationError('scope', 'of `requireLogin` must be part of `scope` or `optionalScope`.')
    }
  }

  async function enter(
    opened: OpenedState,
    request: GateRequest,
    { scope = [] }: LoginRequirement = {},
  ): Promise<AuthAnswer | undefined> {
    try {
      const granted = new Set((await opened.verify()).scope)
      const missing = scope.filter((name) => !granted.has(name))
      return missing.length === 0 ? undefined : refuse(request, missingScope(missing))
    } catch (error) {
      const answer = recover(error, request)
      if (answer === undefined) throw error
      return answer
    }
  }

  function recover(error: unknown, request: GateRequest): AuthAnswer | undefined {
    if (!isTikTokAuthError(error) || error.code !== 'reauthorization_required') return undefined
    return refuse(request, { reason: error.reason, message: error.message })
  }

  function refuse(request: GateRequest, refusal: Refusal): AuthAnswer {
    const query = new URLSearchParams()
    if (refusal.missingScope !== undefined) query.set('scope', refusal.missingScope.join(','))
    if (!opensPage(request)) return json({ ...refusal, loginPath: withQuery(loginPath, query) })
    query.set('returnTo', request.returnTo)
    return { status: 303, headers: [...privateHeaders, ['location', withQuery(loginPath, query)]] }
  }

  return { check, enter, recover }
}

interface Refusal {
  readonly reason: string
  readonly message: string
  readonly missingScope?: readonly string[]
}

const privateHeaders: AuthAnswer['headers'] = [
  ['cache-control', 'no-store'],
  ['referrer-policy', 'no-referrer'],
]

function missingScope(scope: readonly string[]): Refusal {
  return {
    reason: 'missing_scope',
    message: 'The user has not granted what this needs.',
    missingScope: scope,
  }
}

function json(error: Refusal & { readonly loginPath: string }): AuthAnswer {
  return {
    status: 401,
    headers: [
      ...privateHeaders,
      ['content-type', 'application/json; charset=utf-8'],
      ['x-content-type-options', 'nosniff'],
    ],
    body: JSON.stringify({ error: { code: 'reauthorization_required', ...error } }),
  }
}

/** Whether a browser is opening a page: only then a redirect gets the user anywhere. */
function opensPage(request: GateRequest): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  const mode = request.header('sec-fetch-mode')
  if (mode !== undefined && mode !== 'navigate') return false
  return /\btext\/html\b/i.test(request.header('accept') ?? '')
}

function withQuery(path: string, query: URLSearchParams): string {
  return query.size === 0 ? path : `${path}?${query}`
}
