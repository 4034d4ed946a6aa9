import {
  ConfigurationError,
  createTikTokAuth,
  undiciTransport,
  type TikTokAuth,
  type TikTokClient,
  type TokenManager,
} from '@tiktok-auth/core'
import OAuth2Strategy from 'passport-oauth2'
import * as undici from 'undici'
import { createAuthenticator, type Authenticator } from './authenticator.ts'
import { actionsOf, conclude } from './ending.ts'
import type {
  StrategyRequest,
  TikTokAuthenticateOptions,
  TikTokStrategyBaseOptions,
  TikTokStrategyOptions,
  TikTokStrategyOptionsWithRequest,
  VerifyFunction,
  VerifyFunctionWithParams,
  VerifyFunctionWithRequest,
  VerifyFunctionWithRequestAndParams,
} from './options.ts'
import { byUsedName, readOptions } from './read-options.ts'
import type { AnyVerifyFunction } from './verify.ts'

/**
 * Logs people in with TikTok through Passport.
 *
 * A login ends only in the browser that began it, by a sealed cookie of
 * its own: it needs no session, and no session store.
 *
 * @example
 * ```ts
 * passport.use(new TikTokStrategy({ clientKey, clientSecret, callbackURL }, (accessToken, refreshToken, profile, done) => {
 *   users.findOrCreate(profile.id).then((user) => done(null, user), done)
 * }))
 * app.get('/auth/tiktok', passport.authenticate('tiktok'))
 * ```
 */
export class TikTokStrategy extends OAuth2Strategy {
  override name = 'tiktok'
  /** The TikTok client: every request of this strategy goes through it. */
  readonly client: TikTokClient
  /** Gives living access tokens of users who have logged in. `undefined` without the option `store`. */
  readonly tokens: TokenManager | undefined
  /** What answers requests. Passport works on copies of this object, so that it cannot be a private member. */
  protected readonly authenticator: Authenticator

  /** @throws `configuration` when an option cannot work; it names the option, never its value. */
  constructor(options: TikTokStrategyOptions, verify: VerifyFunction)
  constructor(options: TikTokStrategyOptions, verify: VerifyFunctionWithParams)
  constructor(options: TikTokStrategyOptionsWithRequest, verify: VerifyFunctionWithRequest)
  constructor(options: TikTokStrategyOptionsWithRequest, verify: VerifyFunctionWithRequestAndParams)
  constructor(options: TikTokStrategyOptions | TikTokStrategyOptionsWithRequest, verify: AnyVerifyFunction) {
    if (typeof verify !== 'function') throw new ConfigurationError('verify', 'must be a function.')
    const auth = createAuth(options)
    const { authorizationEndpoint: authorizationURL, tokenEndpoint: tokenURL } = addresses
    // What is inherited sends nothing; so it gets no secret either, which would show when this object is printed.
    super({ authorizationURL, tokenURL, clientID: auth.client.clientKey, clientSecret: '' }, () => undefined)
    this.client = auth.client
    this.tokens = options.store === undefined ? undefined : auth.tokens
    this.authenticator = createAuthenticator(auth, options, verify)
  }

  /** Begins or ends a login, whichever the request asks for. Passport calls it. */
  override authenticate(req: StrategyRequest, options: TikTokAuthenticateOptions = {}): void {
    const actions = actionsOf(this)
    void this.authenticator(req, options).then((ending) => conclude(ending, actions, req.res))
  }
}

/** Named in the inherited part only, which never asks for them. */
const addresses = {
  authorizationEndpoint: 'https://www.tiktok.com/v2/auth/authorize/',
  tokenEndpoint: 'https://open.tiktokapis.com/v2/oauth/token/',
}

function createAuth(options: TikTokStrategyBaseOptions): TikTokAuth {
  try {
    return createTikTokAuth(readOptions(options), { transport: undiciTransport(undici) })
  } catch (error) {
    throw byUsedName(error, options)
  }
}
