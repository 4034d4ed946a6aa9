import { AuthorizationResponseError, ConfigurationError, TransactionError } from '../errors.ts'
import { parseAuthorizationResponse } from '../protocol/authorization-response.ts'
import type { TikTokClient } from '../protocol/client.ts'
import { codeChallenge, createCodeVerifier } from '../protocol/pkce.ts'
import { randomId } from '../protocol/random.ts'
import { checkScope } from '../protocol/scope.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import { constantTimeEqual } from '../runtime.ts'
import type { Sealer } from '../sealer.ts'
import { createReturnToPolicy } from './return-to.ts'
import type { ReturnToPolicy } from './return-to.ts'
import { isCurrent, openTransaction, sealTransaction } from './transaction.ts'
import type { Transaction, TransactionOwner } from './transaction.ts'

/** What a login is started with. */
export interface StartOptions {
  /** Where the browser goes afterwards. A target that is not allowed is left out, and no error. */
  readonly returnTo?: string
  /** What to ask for. Default: the flow's scope. */
  readonly scope?: readonly string[]
  /** Sealed; must be the same at the end, so that nobody finishes a login somebody else began. */
  readonly bind?: string
  /** The TikTok user the login has to end with; anybody else's is refused. */
  readonly openId?: string
  /** Application data; comes back, sealed on the way. Plain JSON, and little of it: it has to fit into a cookie. */
  readonly data?: unknown
  /** Shows the consent page even to a user who has consented before. */
  readonly forceConsent?: boolean
}

/** A login that has begun. */
export interface StartedLogin {
  /** Where to send the browser. */
  readonly url: URL
  /** Opaque and sealed; keep it in this browser and nowhere else. */
  readonly transaction: string
  /** Names the attempt among several of one browser. */
  readonly state: string
  /** Unix milliseconds; ten minutes later the attempt is over. */
  readonly createdAt: number
}

/** What a browser brings back. */
export interface LoginCallback {
  /** The callback's query, decoded once, as `URL` does it. */
  readonly query: URLSearchParams
  /** What `start` gave, from this same browser. */
  readonly transaction: string | undefined
  /** Who the browser belongs to now; has to be what `start` was given. */
  readonly bind?: string
}

/** A login that is complete: TikTok gave tokens to the browser that asked. */
export interface FinishedLogin {
  /** Not stored yet by the flow itself. */
  readonly tokenSet: TokenSet
  /** Who logged in; that of the token set. */
  readonly openId: string
  /** What was granted. */
  readonly scope: readonly string[]
  /** What was asked for and not granted. */
  readonly missingScope: readonly string[]
  /** Checked when the login began and once more now; `undefined` for the default. */
  readonly returnTo: string | undefined
  /** What the login was started with. */
  readonly data: unknown
}

/** The browser round trip, without any storage. */
export interface LoginFlow {
  /**
   * Begins a login.
   *
   * @throws `configuration` when an option is of a wrong type or `data` is no JSON.
   */
  start(options?: StartOptions): Promise<StartedLogin>
  /**
   * Finishes a login. There is no other way to a {@link FinishedLogin}.
   *
   * Fails closed, in this order: transaction present; opens, for this client key and redirect URI; inside its ten
   * minutes; `bind` equal; no parameter twice; `state` equal, in constant time; TikTok's error; the code; the
   * exchange; the user, where one was named. Until the exchange TikTok is asked nothing.
   *
   * @throws `transaction`, `authorization_response`, and what the code exchange throws.
   * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.7
   */
  finish(callback: LoginCallback): Promise<FinishedLogin>
}

/** Options of {@link createLoginFlow}. */
export interface LoginFlowOptions {
  /** What to ask for when a login names nothing itself. Default `['user.info.basic']`. */
  readonly scope?: readonly string[]
  /** Default: paths of the redirect URI's origin, its own path excepted. */
  readonly returnTo?: ReturnToPolicy
  /** The wall clock, in Unix milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/**
 * Creates the browser round trip of a login.
 *
 * Nothing is kept on the server: what a login needs at its end travels, sealed, in the browser that began it.
 *
 * @throws `configuration` when the client has no redirect URI.
 * @example
 * const flow = createLoginFlow(client, createSealer([{ id: '1', key }]))
 * const { url, transaction } = await flow.start({ returnTo: '/videos' })
 */
export function createLoginFlow(
  client: TikTokClient,
  sealer: Sealer,
  options: LoginFlowOptions = {},
): LoginFlow {
  const { clientKey, redirectUri } = client
  if (redirectUri === undefined) throw new ConfigurationError('redirectUri', 'is needed for a login.')
  const { origin, pathname } = new URL(redirectUri)
  const owner: TransactionOwner = { clientKey, redirectUri }
  const returnTo = options.returnTo ?? createReturnToPolicy({ origin, ownPaths: [pathname] })
  const defaultScope = checkScope(options.scope ?? ['user.info.basic'])
  const now = options.now ?? Date.now

  return {
    async start(request = {}) {
      const state = randomId()
      const createdAt = now()
      const scope = request.scope === undefined ? defaultScope : checkScope(request.scope)
      const codeVerifier = client.pkce ? createCodeVerifier() : undefined
      const transaction: Transaction = {
        state,
        createdAt,
        scope,
        codeVerifier,
        returnTo: returnTo.check(request.returnTo),
        bind: checkText(request.bind, 'bind'),
        openId: checkText(request.openId, 'openId'),
        data: checkData(request.data),
      }
      const url = client.authorizationUrl({
        state,
        scope,
        ...(codeVerifier === undefined
          ? {}
          : { codeChallenge: await codeChallenge(codeVerifier, client.codeChallengeEncoding) }),
        ...(request.forceConsent === true ? { disableAutoAuth: true } : {}),
      })
      return { url, state, createdAt, transaction: await sealTransaction(transaction, sealer, owner) }
    },

    async finish({ query, transaction: sealed, bind }) {
      if (sealed === undefined || sealed === '') throw new TransactionError('missing')
      const transaction = await openTransaction(sealed, sealer, owner)
      if (!isCurrent(transaction, now())) throw new TransactionError('expired')
      if (!sameBinding(transaction.bind, bind)) throw new TransactionError('binding')
      const code = readCode(query, transaction)
      const tokenSet = await client.exchangeCode({
        code,
        redirectUri,
        requestedScope: transaction.scope,
        ...(transaction.codeVerifier === undefined ? {} : { codeVerifier: transaction.codeVerifier }),
      })
      if (transaction.openId !== undefined && transaction.openId !== tokenSet.openId) {
        throw new TransactionError('binding')
      }
      return {
        tokenSet,
        openId: tokenSet.openId,
        scope: tokenSet.scope,
        missingScope: transaction.scope.filter((name) => !tokenSet.scope.includes(name)),
        returnTo: returnTo.check(transaction.returnTo),
        data: transaction.data,
      }
    },
  }
}

function readCode(query: URLSearchParams, { state: expected }: Transaction): string {
  const { state, outcome } = parseAuthorizationResponse(query)
  if (!constantTimeEqual(state, expected)) throw new TransactionError('state_mismatch')
  if (outcome.type === 'error') throw new AuthorizationResponseError(outcome.error)
  return outcome.code
}

function sameBinding(expected: string | undefined, actual: unknown): boolean {
  // An application without types may well answer `null` when its user has left meanwhile.
  if (expected === undefined || typeof actual !== 'string') return expected === actual
  return constantTimeEqual(expected, actual)
}

function checkText(value: unknown, option: string): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw new ConfigurationError(option, 'must be a string that is not empty.')
}

function checkData(data: unknown): unknown {
  try {
    // What has no JSON, a function say, would come back as something else than it was.
    if (data === undefined || JSON.stringify(data) !== undefined) return data
  } catch {
    // Reported below, without the value.
  }
  throw new ConfigurationError('data', 'must be plain JSON.')
}
