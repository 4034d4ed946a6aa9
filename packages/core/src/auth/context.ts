import type { LoginFlow } from '../login/login-flow.ts'
import type { ReturnToPolicy } from '../login/return-to.ts'
import type { TransactionCookies } from '../login/transaction-cookie.ts'
import type { TikTokClient } from '../protocol/client.ts'
import type { Session, SessionCookie } from '../session/session-cookie.ts'
import type { TokenManager } from '../tokens/token-manager.ts'
import type { Attempts, Outcome } from './attempts.ts'
import { credentialHeaders } from './answers.ts'
import type { AuthAnswer, AuthHooks, AuthRequest, SignedIn, TikTokAuthEvent } from './contract.ts'
import type { AuthSettings } from './settings.ts'

/** Everything that answering a route needs. Made once, never changed. */
export interface AuthContext {
  readonly settings: AuthSettings
  readonly client: TikTokClient
  readonly tokens: TokenManager
  readonly flow: LoginFlow
  readonly pending: TransactionCookies
  readonly attempts: Attempts<Completed>
  readonly returnTo: ReturnToPolicy
  /** `undefined` where sessions are the application's own. */
  readonly session: SessionCookie | undefined
  /** The origins a POST may come from. */
  readonly origins: ReadonlySet<string>
  readonly emit: (event: TikTokAuthEvent) => void
}

/** A callback that has been worked on. */
export interface Completed {
  readonly answer: AuthAnswer | undefined
  readonly outcome: Outcome
  /** What `onLogin` gave for the other half of a double click. */
  readonly handled: unknown
}

/** A request for one of our routes. */
export interface RouteRequest {
  readonly request: AuthRequest
  /** As it came, without the question mark. */
  readonly query: string
  readonly hooks: AuthHooks
}

/** Finds out who a request belongs to, by our cookie or by the application. */
export async function currentUser(
  { settings, session }: AuthContext,
  { request, hooks }: RouteRequest,
): Promise<SignedIn | undefined> {
  if (settings.sessionMode !== 'application') return signedIn(session, request.header('cookie'))
  // An application without types may well answer `null`, or an empty column.
  const openId = (await hooks.identify?.()) || undefined
  return openId === undefined ? undefined : { openId, connectionId: undefined, headers: [] }
}

/** Opens the session cookie, and renews it when it is due. `undefined`, at once, where there is none. */
export function signedIn(
  session: SessionCookie | undefined,
  cookieHeader: string | undefined,
): Promise<SignedIn | undefined> | undefined {
  const reading = session?.read(cookieHeader)
  return session === undefined || reading === undefined ? undefined : renewed(session, reading)
}

async function renewed(
  session: SessionCookie,
  reading: Promise<Session | undefined>,
): Promise<SignedIn | undefined> {
  const found = await reading
  if (found === undefined) return undefined
  const renewal = await session.renew(found)
  return {
    openId: found.openId,
    connectionId: found.connectionId,
    headers: renewal === undefined ? [] : credentialHeaders(renewal),
  }
}

/** Asks the application what this browser's login is tied to: by default the user it belongs to. */
export function bindingOf(
  context: AuthContext,
  bind: string | undefined,
  user: SignedIn | undefined,
): string | undefined {
  if (bind !== undefined || context.settings.sessionMode !== 'application') return bind
  return user?.openId
}

/** Reads what a signed-in user has granted; nothing if that was for a connection that ended. */
export async function grantedScope({ tokens }: AuthContext, user: SignedIn): Promise<readonly string[]> {
  try {
    const status = await tokens.status(user.openId)
    const isTheirs = user.connectionId === undefined || user.connectionId === status.connectionId
    return isTheirs ? status.scope : []
  } catch {
    // A row that cannot be read must not keep its owner from the login that replaces it.
    return []
  }
}
