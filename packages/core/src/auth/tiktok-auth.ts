import { ConfigurationError } from '../errors.ts'
import { createLoginFlow } from '../login/login-flow.ts'
import { createReturnToPolicy } from '../login/return-to.ts'
import { createTransactionCookies } from '../login/transaction-cookie.ts'
import { createTikTokClient } from '../protocol/client.ts'
import type { ClientHost, TikTokClient } from '../protocol/client.ts'
import { warnOperator } from '../runtime.ts'
import type { MaybePromise } from '../runtime.ts'
import { createSecretSealer } from '../sealer.ts'
import type { Sealer } from '../sealer.ts'
import { createSessionCookie } from '../session/session-cookie.ts'
import { memoryTokenStore } from '../tokens/memory-token-store.ts'
import { sealedTokenStore } from '../tokens/sealed-token-store.ts'
import { createTokenManager } from '../tokens/token-manager.ts'
import type { TokenManager } from '../tokens/token-manager.ts'
import { credentialHeaders, uncached, withHeaders } from './answers.ts'
import { createAttempts } from './attempts.ts'
import { finishLogin } from './callback-route.ts'
import { signedIn } from './context.ts'
import type { AuthContext, RouteRequest } from './context.ts'
import type { AuthAnswer, TikTokAuth, TikTokAuthEvent, TikTokAuthOptions } from './contract.ts'
import { disconnect, logout } from './end-routes.ts'
import { startLogin } from './login-route.ts'
import { originForm } from './request-target.ts'
import { allowedMethods, createRoutes } from './routes.ts'
import type { RouteName, Routes } from './routes.ts'
import { readSettings } from './settings.ts'
import type { AuthSettings, SessionMode } from './settings.ts'

export type * from './contract.ts'

const mounted: Readonly<Record<SessionMode, readonly RouteName[]>> = {
  cookie: ['login', 'callback', 'logout', 'disconnect'],
  // The application ends its own sessions; without any there is nobody to disconnect.
  application: ['login', 'callback', 'disconnect'],
  none: ['login', 'callback'],
}

type Answering = (context: AuthContext, route: RouteRequest) => Promise<AuthAnswer | undefined>

const answers: Readonly<Record<RouteName, Answering>> = {
  login: uncachedErrors(startLogin),
  callback: finishLogin,
  logout: uncachedErrors(logout),
  disconnect: uncachedErrors(disconnect),
}

/**
 * Creates what every adapter mounts: the routes of a login, its session, and the tokens behind it.
 *
 * Knows no framework: requests come in and answers go out as plain data.
 *
 * @throws `configuration` naming the first option that cannot work, never its value.
 * @example
 * const auth = createTikTokAuth({ clientKey, clientSecret, redirectUri, secret, store })
 * const answer = await auth.handle({ method, url, header, body })
 */
export function createTikTokAuth<NativeRequest>(
  options: TikTokAuthOptions<NativeRequest>,
  host: ClientHost = {},
): TikTokAuth {
  const settings = readSettings(options)
  const client = createTikTokClient(options, host)
  const { clientKey } = client
  const { origin, protocol } = new URL(options.redirectUri)
  const secure = protocol === 'https:'
  const sealer = createSecretSealer(options.secret)
  const routes = createRoutes(options.redirectUri, settings.routes, mounted[settings.sessionMode])
  const returnTo = createReturnToPolicy({
    origin,
    origins: settings.returnToOrigins,
    ownPaths: routes.reserved,
    fallback: settings.defaultReturnTo ?? `${routes.paths.base}/`,
  })
  const { now, sessionMode } = settings
  const emit = emitter(options.onEvent)
  const tokens = createTokens({ options, settings, client, sealer, emit })
  const session =
    sessionMode === 'cookie'
      ? createSessionCookie(sealer, { clientKey, secure, now }, settings.session)
      : undefined
  const context: AuthContext = {
    settings,
    client,
    tokens,
    session,
    returnTo,
    emit,
    flow: createLoginFlow(client, sealer, { scope: settings.scope, returnTo, now }),
    pending: createTransactionCookies({ clientKey, secure }),
    attempts: createAttempts(now),
    origins: new Set([origin, ...settings.trustedOrigins]),
  }
  return {
    client,
    tokens,
    paths: routes.paths,
    handle: async (request, hooks = {}) => handle(context, routes, { request, hooks, query: '' }),
    identify: async (cookieHeader) => signedIn(session, cookieHeader),
    endSession(openId) {
      emit({ type: 'logged_out', openId })
      return credentialHeaders(session?.clear())
    },
    async testCookie(openId) {
      if (session === undefined) {
        throw new ConfigurationError('session', "is the application's own, so there is no cookie to make.")
      }
      const { connectionId } = await tokens.status(openId)
      return (await session.issue({ openId, connectionId })).cookie
    },
  }
}

function handle(
  context: AuthContext,
  routes: Routes,
  { request, hooks }: RouteRequest,
): MaybePromise<AuthAnswer | undefined> {
  const route = routes.match(originForm(request.url))
  if (route === undefined) return undefined
  const allowed = allowedMethods[route.name]
  if (!allowed.includes(request.method)) {
    return { status: 405, headers: [['allow', allowed.join(', ')], ...uncached] }
  }
  return answers[route.name](context, { request, hooks, query: route.query })
}

function uncachedErrors(answer: Answering): Answering {
  return async (context, route) => {
    try {
      return await answer(context, route)
    } catch (error) {
      throw withHeaders(error, uncached, route.request)
    }
  }
}

function createTokens({
  options,
  settings,
  client,
  sealer,
  emit,
}: {
  readonly options: TikTokAuthOptions<never>
  readonly settings: AuthSettings
  readonly client: TikTokClient
  readonly sealer: Sealer
  readonly emit: (event: TikTokAuthEvent) => void
}): TokenManager {
  const { encryption } = settings
  const storeSealer = encryption ?? sealer
  const store = settings.store ?? defaultStore()
  const { onEvent, ...tokenOptions } = options.tokens ?? {}
  const inner = emitter(onEvent)
  return createTokenManager(client, storeSealer === false ? store : sealedTokenStore(store, storeSealer), {
    now: settings.now,
    ...(options.waitUntil === undefined ? {} : { waitUntil: options.waitUntil }),
    ...tokenOptions,
    onEvent(event) {
      inner(event)
      emit(event)
    },
  })
}

function defaultStore(): ReturnType<typeof memoryTokenStore> {
  warnOperator(
    'tiktok-auth keeps grants in memory: they are lost when this process ends. Give `store`, or `memoryTokenStore()` to say that you mean it.',
  )
  return memoryTokenStore()
}

// What listens to events is for logs and metrics; it must not be able to break a login.
function emitter<Event>(listener: ((event: Event) => unknown) | undefined): (event: Event) => void {
  return (event) => {
    try {
      const returned = listener?.(event)
      if (returned instanceof Promise) returned.catch(() => undefined)
    } catch {
      // As said above.
    }
  }
}
