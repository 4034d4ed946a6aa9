import { isTikTokAuthError, type AnyTikTokAuthError } from '@tiktok-auth/core'
import OAuth2Strategy from 'passport-oauth2'

/** TikTok called back with an error. `code` is TikTok's, `cause` the typed error. */
export const AuthorizationError: typeof OAuth2Strategy.AuthorizationError = OAuth2Strategy.AuthorizationError
/** TikTok's token endpoint refused. `code` is TikTok's, `cause` the typed error. */
export const TokenError: typeof OAuth2Strategy.TokenError = OAuth2Strategy.TokenError
/** TikTok could not be reached, or its answer not be read. `oauthError` and `cause` are the typed error. */
export const InternalOAuthError: typeof OAuth2Strategy.InternalOAuthError = OAuth2Strategy.InternalOAuthError

/** Why a login ended without a user and without an error: the `info` of Passport's callback. */
export interface TikTokFailure {
  /** For people: the text that `failureMessage` and `failureFlash` keep. */
  readonly message: string
  /** The typed error; branch on its `code`. */
  readonly error: AnyTikTokAuthError
}

/** Tells failures of the user or the browser, which end in `fail`, from errors of the app, TikTok or the network. */
export function failureOf(error: unknown): TikTokFailure | undefined {
  if (!isTikTokAuthError(error)) return undefined
  if (error.code === 'transaction') return { message: error.message, error }
  if (error.code !== 'authorization_response' || error.error !== 'access_denied') return undefined
  // With a type it is not the user who refused: TikTok names another reason.
  const message = error.errorType === undefined ? 'was cancelled' : 'was refused'
  return { message: `The login with TikTok ${message}.`, error }
}

/** Translates into passport-oauth2's classes what passport-oauth2 has classes for. */
export function toPassportError(error: unknown): unknown {
  if (!isTikTokAuthError(error)) return error
  switch (error.code) {
    case 'authorization_response':
      return caused(new AuthorizationError(error.message, error.error, undefined, error.status), error)
    case 'oauth_response':
      return caused(new TokenError(error.message, error.error, undefined, error.status), error)
    case 'network':
    case 'unexpected_response':
      return caused(new InternalOAuthError(error.message, error), error)
    case 'configuration':
    case 'transaction':
    case 'reauthorization_required':
    case 'refresh_pending':
    case 'store':
      return error
  }
}

function caused<Translated extends Error>(translated: Translated, cause: AnyTikTokAuthError): Translated {
  const { status, hint } = cause
  Object.defineProperty(translated, 'cause', { value: cause, configurable: true, writable: true })
  return Object.assign(translated, { status, ...(hint !== undefined && { hint }) })
}
