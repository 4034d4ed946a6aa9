// oxlint-disable max-params -- Passport knows verify callbacks by their parameters.
import type { Scope, TikTokAuthOptions, TokenStore } from '@tiktok-auth/core'
import type OAuth2Strategy from 'passport-oauth2'
import type { TikTokProfile } from './profile.ts'
import type { TokenParams } from './token-params.ts'

/** Express's request, as Passport's own types know it. */
export type StrategyRequest = Parameters<OAuth2Strategy['authenticate']>[0]

/** Ends a login: with a user, with `false` for nobody, or with an error. */
export type VerifyCallback = OAuth2Strategy.VerifyCallback

/** Finds or creates the user behind a login. */
export type VerifyFunction = (
  accessToken: string,
  refreshToken: string,
  profile: TikTokProfile,
  done: VerifyCallback,
) => unknown

/** The same with what TikTok's token endpoint said. Told apart by its five parameters. */
export type VerifyFunctionWithParams = (
  accessToken: string,
  refreshToken: string,
  params: TokenParams,
  profile: TikTokProfile,
  done: VerifyCallback,
) => unknown

/** The same with the request, for `passReqToCallback`. */
export type VerifyFunctionWithRequest = (
  req: StrategyRequest,
  accessToken: string,
  refreshToken: string,
  profile: TikTokProfile,
  done: VerifyCallback,
) => unknown

/** The same with both. Told apart by its six parameters. */
export type VerifyFunctionWithRequestAndParams = (
  req: StrategyRequest,
  accessToken: string,
  refreshToken: string,
  params: TokenParams,
  profile: TikTokProfile,
  done: VerifyCallback,
) => unknown

/** Decides at once whether to do without the profile. */
export type SkipProfile = () => boolean

/** Decides by its callback whether to do without the profile. Told apart by its two parameters. */
export type SkipProfileLater = (accessToken: string, done: (error: unknown, skip?: boolean) => void) => void

type CoreOptions = Pick<
  TikTokAuthOptions<never>,
  | 'optionalScope'
  | 'requireScope'
  | 'encryption'
  | 'userInfo'
  | 'platform'
  | 'codeChallengeEncoding'
  | 'defaultReturnTo'
  | 'returnToOrigins'
  | 'trustedOrigins'
  | 'tokens'
  | 'onEvent'
  | 'waitUntil'
  | 'fetch'
  | 'endpoints'
  | 'timeoutMs'
  | 'now'
>

/** Options of `TikTokStrategy` that both kinds of verify callbacks share. */
export interface TikTokStrategyBaseOptions extends CoreOptions {
  /** From TikTok's developer portal. Required, under this name or as `clientID`. */
  readonly clientKey?: string
  /** Does the same as `clientKey`: Passport's name for it. */
  readonly clientID?: string
  /** The app's secret, as the portal shows it beside the key. */
  readonly clientSecret: string
  /** Absolute, static, registered in the portal. Required, under this name or as `redirectUri`. */
  readonly callbackURL?: string
  /** Does the same as `callbackURL`: the OAuth standard's name for it. */
  readonly redirectUri?: string
  /** Default `['user.info.basic']`. A text is split at blanks and commas. */
  readonly scope?: string | readonly Scope[]
  /**
   * 32 random bytes, base64url, for what travels sealed in cookies and for a sealed store. Of several the first
   * seals and all open. Default: derived from `clientSecret`.
   */
  readonly secret?: string | readonly string[]
  /**
   * Keeps the grants, so that `strategy.tokens` gives living access tokens. Left out: nothing is kept, and the
   * tokens are the verify callback's business alone.
   */
  readonly store?: TokenStore
  /** Default: on for a loopback `callbackURL`, off for others, as TikTok wants it. */
  readonly pkce?: boolean | 'S256'
  /** May say `true`, for those who are used to it. It is always on; `false` is refused. */
  readonly state?: true
  /**
   * Path of the route that starts a login, so that no login leads back to it; that of `callbackURL` where one route
   * does both. Default `/auth/tiktok`.
   */
  readonly loginPath?: string
  /** Asks TikTok to show the consent page even to users who have consented before. */
  readonly forceConsent?: boolean
  /**
   * Does not ask for the profile: the verify callback gets one with `provider` and `id` alone. A function decides
   * for each login; with two parameters it answers by its callback.
   */
  readonly skipUserProfile?: boolean | SkipProfile | SkipProfileLater
  /**
   * Names whom a login belongs to; it can be finished only while the answer is the same. Give it when `authenticate`
   * attaches accounts to users who are signed in already. Such a login starts by a POST or a link of your own pages.
   *
   * Default: nobody for `authenticate`, the signed-in user for `authorize`.
   */
  readonly bind?: (req: StrategyRequest) => string | undefined | Promise<string | undefined>
}

/** Options of `TikTokStrategy`. */
export interface TikTokStrategyOptions extends TikTokStrategyBaseOptions {
  /** Leaves the request out of the verify callback. */
  readonly passReqToCallback?: false
}

/** Options of `TikTokStrategy` whose verify callback gets the request. */
export interface TikTokStrategyOptionsWithRequest extends TikTokStrategyBaseOptions {
  /** Hands the request to the verify callback, as its first argument. */
  readonly passReqToCallback: true
}

/** What `passport.authenticate('tiktok', …)` may be given beside Passport's own options. */
export interface TikTokAuthenticateOptions {
  /** Asks for these scopes instead of the strategy's. */
  readonly scope?: string | readonly Scope[]
  /** Application data, plain JSON: it travels sealed and comes back as `info.state`. */
  readonly state?: unknown
  /** Where the browser shall go afterwards; comes back, checked, as `info.returnTo`. Default: `?returnTo=`. */
  readonly returnTo?: string
  /** Asks TikTok to show the consent page even to a user who has consented before. */
  readonly forceConsent?: boolean
}

/** What a login adds to `info`, which Passport shows as `req.authInfo`. */
export interface TikTokAuthInfo {
  /** The application data that the login was started with. */
  readonly state?: unknown
  /** A path of the app, or an address of `returnToOrigins`: safe to redirect to. */
  readonly returnTo: string
  /** TikTok's id of the user for this app. */
  readonly openId: string
  /** What was granted. */
  readonly scope: readonly string[]
  /** What was asked for and not granted. */
  readonly missingScope: readonly string[]
}
