import { ConfigurationError } from '../errors.ts'
import { fetchTransport, type HttpTransport } from '../http.ts'
import { apiFetch } from './api-fetch.ts'
import { assertFunction, assertNonEmptyString, assertRecord, assertString } from './assert.ts'
import { createClientTokenCache } from './client-token.ts'
import { resolveClientOptions, type ResolvedClientOptions, type TikTokClientOptions } from './options.ts'
import { checkCodeVerifier } from './pkce.ts'
import { postForm } from './post-form.ts'
import type { JsonReply, RequestContext } from './request-json.ts'
import { checkScope } from './scope.ts'
import { parseClientToken, parseTokenResponse, type ClientToken, type TokenSet } from './token-set.ts'
import { requestUserInfo, type UserInfo, type UserInfoField } from './user-info.ts'

/** What an authorization request says. */
export interface AuthorizationRequest {
  /** Fresh and unguessable for each login; compared when the browser comes back. */
  readonly state: string
  /** What is asked for. Duplicates are dropped. */
  readonly scope: readonly string[]
  /** Sent together with the method S256, which is the only one TikTok takes. */
  readonly codeChallenge?: string
  /** Always show the consent page, even to a user who has consented before. */
  readonly disableAutoAuth?: boolean
  /** Further parameters; none may be one that this library sets. */
  readonly extra?: Readonly<Record<string, string>>
}

/** What a code exchange says. */
export interface CodeExchange {
  /** As `URLSearchParams` gives it: decoded once. */
  readonly code: string
  /** Needed for desktop and mobile apps. */
  readonly codeVerifier?: string
  /** Default: the client's. Must be the one of the authorization request, byte for byte. */
  readonly redirectUri?: string
  /** What was asked for: taken as granted only where TikTok's reply names no scope (RFC 6749, section 5.1). */
  readonly requestedScope?: readonly string[]
}

/** Speaks to TikTok. Knows no browser and stores nothing. */
export interface TikTokClient {
  /** The app's client key; public. */
  readonly clientKey: string
  /** As it was given, byte for byte. */
  readonly redirectUri: string | undefined
  /** Whether logins use a code challenge. */
  readonly pkce: boolean
  /** How the code challenge is written. */
  readonly codeChallengeEncoding: 'hex' | 'base64url'
  /** Total deadline of one request, in milliseconds; a refresh has none. */
  readonly timeoutMs: number
  /** The wall clock it was made with; a token manager made over this client goes by it too. */
  readonly now?: () => number
  /**
   * Writes the address the browser is sent to. Sends nothing.
   *
   * @throws `configuration` naming the member that cannot work.
   * @see https://developers.tiktok.com/doc/login-kit-web
   */
  authorizationUrl(request: AuthorizationRequest): URL
  /**
   * Exchanges an authorization code for a token set (RFC 6749, section 4.1.3). A code works once: there is no retry.
   *
   * @throws `oauth_response` when TikTok refuses the code; `network`, `unexpected_response`, `configuration`
   * @see https://developers.tiktok.com/doc/oauth-get-a-user-access-token
   */
  exchangeCode(request: CodeExchange): Promise<TokenSet>
  /**
   * Exchanges a refresh token for a new token set (RFC 6749, section 6).
   *
   * TikTok rotates refresh tokens: once this request is accepted, `refreshToken` is dead and only the returned
   * one works. Call it directly only if nobody else can hold the same refresh token; otherwise use
   * {@link TokenManager.get}, which makes sure that one process at a time does.
   *
   * `timeoutMs` does not end it, because an answer thrown away is a grant lost: stop waiting if you must, but keep
   * the promise and store what it brings. Ten minutes end it, as a bound on resources.
   *
   * `previous` fills what a reply leaves out: refresh token, its deadline, scope, open id. A reply for another
   * open id is returned as it is: whoever stores it has to compare.
   *
   * @throws `oauth_response` with error `invalid_grant` when the token was already used, revoked or expired;
   *   `network` when the outcome is unknown: unless `sent` is `no`, TikTok may have rotated the token.
   * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2
   */
  refresh(refreshToken: string, previous?: TokenSet): Promise<TokenSet>
  /**
   * Revokes an access token. TikTok disconnects the app from the user's account with it, so the refresh token is
   * to be forgotten too. Any success without an error counts, an empty body included.
   *
   * @throws `oauth_response`, `network`, `unexpected_response`, `configuration`
   * @see https://developers.tiktok.com/docs/en/oauth-revoke-a-user-access-token
   */
  revoke(accessToken: string): Promise<void>
  /**
   * Gives a token of the app itself, for TikTok's research APIs. Kept until shortly before it expires; concurrent
   * calls share one request; a failure is not kept.
   *
   * @throws `oauth_response`, `network`, `unexpected_response`
   */
  clientToken(): Promise<ClientToken>
  /**
   * Asks for these fields of the user's profile, and `open_id`. One field outside the granted scopes fails the
   * whole call: {@link userInfoFieldsFor} lists what a scope allows.
   *
   * @throws `oauth_response`, `network`, `unexpected_response`, `configuration`
   */
  userInfo(accessToken: string, fields: readonly UserInfoField[]): Promise<UserInfo>
  /**
   * Sends one request to TikTok's API with this access token. Other origins are refused before anything is sent,
   * redirects are not followed, an `authorization` header given by the caller is replaced. The deadline covers
   * everything up to the headers; the answer is returned whatever its status.
   *
   * @throws `configuration`, `network`; the reason of `init.signal` when that aborts.
   */
  fetch(accessToken: string, path: string, init?: RequestInit): Promise<Response>
}

/** What the host lends to a client. */
export interface ClientHost {
  /** Used for requests with a bounded answer, unless the options bring a `fetch`. */
  readonly transport?: HttpTransport
}

const refreshBoundMs = 10 * 60 * 1000

/**
 * Makes a client of TikTok's Login Kit: for back ends that need no routes, and inside everything that has them.
 *
 * Holds the secret in a closure: printing or serializing a client shows none.
 *
 * @throws `configuration` naming the first option that cannot work.
 * @example
 * ```ts
 * const client = createTikTokClient({ clientKey, clientSecret, redirectUri: 'https://app.example/auth/tiktok/callback' })
 * const tokenSet = await client.exchangeCode({ code })
 * const user = await client.userInfo(tokenSet.accessToken, userInfoFieldsFor(tokenSet.scope))
 * ```
 */
export function createTikTokClient(options: TikTokClientOptions, host: ClientHost = {}): TikTokClient {
  const resolved = resolveClientOptions(options)
  const { endpoints, fetch, timeoutMs, now } = resolved
  if (host.transport !== undefined) assertFunction(host.transport, 'host.transport')
  // A given fetch always wins; the host's own is looked up at each call, so that it can be replaced in tests.
  const transport = fetch === undefined ? (host.transport ?? fetchTransport()) : fetchTransport(fetch)
  const context: RequestContext = { transport, timeoutMs, now }
  const requestToken = requestTokenWith(resolved)
  return {
    clientKey: resolved.clientKey,
    redirectUri: resolved.redirectUri,
    pkce: resolved.pkce,
    codeChallengeEncoding: resolved.codeChallengeEncoding,
    timeoutMs,
    now,
    authorizationUrl: (request) => buildAuthorizationUrl(resolved, request),
    exchangeCode: async (request) => {
      const issuedAt = now()
      const fields = exchangeFields(request, resolved.redirectUri)
      const { requestedScope } = request
      if (requestedScope !== undefined) checkScope(requestedScope, 'requestedScope')
      return parseTokenResponse(await requestToken(context, fields), { issuedAt, requestedScope })
    },
    refresh: async (refreshToken, previous) => {
      const issuedAt = now()
      const fields = {
        grant_type: 'refresh_token',
        refresh_token: assertNonEmptyString(refreshToken, 'refreshToken'),
      }
      const reply = await requestToken({ ...context, timeoutMs: refreshBoundMs }, fields)
      return parseTokenResponse(reply, { issuedAt, previous: { ...previous, refreshToken } })
    },
    revoke: async (accessToken) => {
      const { clientKey: client_key, clientSecret: client_secret } = resolved
      const fields = { client_key, client_secret, token: assertNonEmptyString(accessToken, 'accessToken') }
      await postForm(context, { endpoint: 'revocation', url: endpoints.revocationEndpoint, fields })
    },
    clientToken: createClientTokenCache(async () => {
      const issuedAt = now()
      return parseClientToken(await requestToken(context, { grant_type: 'client_credentials' }), issuedAt)
    }, now),
    userInfo: (accessToken, fields) =>
      requestUserInfo(context, { apiOrigin: endpoints.apiOrigin, accessToken, fields }),
    fetch: (accessToken, path, init) =>
      apiFetch({ fetch, apiOrigin: endpoints.apiOrigin, accessToken, path, timeoutMs }, init),
  }
}

type RequestToken = (context: RequestContext, fields: Readonly<Record<string, string>>) => Promise<JsonReply>

function requestTokenWith({ clientKey, clientSecret, endpoints }: ResolvedClientOptions): RequestToken {
  return (context, fields) =>
    postForm(context, {
      endpoint: 'token',
      url: endpoints.tokenEndpoint,
      fields: { client_key: clientKey, client_secret: clientSecret, ...fields },
    })
}

function exchangeFields(
  request: CodeExchange,
  registered: string | undefined,
): Readonly<Record<string, string>> {
  assertRecord(request, 'request')
  const { code, codeVerifier, redirectUri = registered } = request
  return {
    grant_type: 'authorization_code',
    code: assertNonEmptyString(code, 'code'),
    redirect_uri: assertNonEmptyString(redirectUri, 'redirectUri'),
    ...(codeVerifier === undefined ? {} : { code_verifier: checkCodeVerifier(codeVerifier) }),
  }
}

const reserved = new Set([
  'client_key',
  'client_id',
  'client_secret',
  'response_type',
  'scope',
  'redirect_uri',
  'state',
  'code_challenge',
  'code_challenge_method',
  'disable_auto_auth',
])

function buildAuthorizationUrl(options: ResolvedClientOptions, request: AuthorizationRequest): URL {
  assertRecord(request, 'request')
  const scope = checkScope(request.scope)
  if (scope.length === 0) throw new ConfigurationError('scope', 'must name at least one scope.')
  const url = new URL(options.endpoints.authorizationEndpoint)
  const parameters = url.searchParams
  parameters.set('client_key', options.clientKey)
  parameters.set('response_type', 'code')
  parameters.set('scope', scope.join(','))
  parameters.set('redirect_uri', assertNonEmptyString(options.redirectUri, 'redirectUri'))
  parameters.set('state', assertNonEmptyString(request.state, 'state'))
  if (request.disableAutoAuth === true) parameters.set('disable_auto_auth', '1')
  if (request.codeChallenge !== undefined) {
    // Some web apps are refused for a method without a challenge, so the two only go together.
    parameters.set('code_challenge', checkCodeChallenge(request.codeChallenge))
    parameters.set('code_challenge_method', 'S256')
  }
  for (const [name, value] of Object.entries(assertRecord(request.extra ?? {}, 'extra'))) {
    if (reserved.has(name)) throw new ConfigurationError('extra', `must not set \`${name}\`.`)
    parameters.set(name, assertString(value, 'extra'))
  }
  return url
}

function checkCodeChallenge(challenge: unknown): string {
  const text = assertString(challenge, 'codeChallenge')
  if (!/^[A-Za-z0-9\-._~]{43,128}$/.test(text)) {
    throw new ConfigurationError('codeChallenge', 'must be 43 to 128 letters, digits or `-._~`.')
  }
  return text
}
