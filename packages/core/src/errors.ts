import { authorizationResponseHint, oauthResponseHint, transactionHint } from './hints.ts'

/** Every value of `error.code`. Codes are API: branch on them, not on classes or messages. */
export type ErrorCode =
  | 'configuration'
  | 'transaction'
  | 'authorization_response'
  | 'oauth_response'
  | 'unexpected_response'
  | 'network'
  | 'reauthorization_required'
  | 'refresh_pending'
  | 'store'

/** What every error of this project carries. */
interface ErrorDetails {
  readonly message: string
  readonly status: number
  readonly hint?: string | undefined
  readonly cause?: unknown
}

// ESM and CommonJS copies of this class may live in one process, so `instanceof` cannot be relied on.
const brand: unique symbol = Symbol.for('tiktok-auth.error')

/**
 * The base of every error this project throws on purpose.
 *
 * Branch on `code`; {@link isTikTokAuthError} tells these errors from others even when two copies of the
 * package are loaded. No error holds a secret, a token, a code, a verifier or a request body.
 */
export abstract class TikTokAuthError extends Error {
  /** What kind of fault this is; part of the API. */
  abstract readonly code: ErrorCode
  /** The HTTP status an application should answer with, as frameworks read it from an error. */
  readonly status: number
  /** One sentence that says what to change and where, when the fault is a known one. */
  readonly hint: string | undefined

  protected constructor({ message, status, hint, cause }: ErrorDetails) {
    super(hint === undefined ? message : `${message} ${hint}`, cause === undefined ? {} : { cause })
    this.status = status
    this.hint = hint
    Object.defineProperty(this, brand, { value: true })
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true })
  }
}

/** An option, or an argument, that cannot work. Thrown while constructing; names the option, never its value. */
export class ConfigurationError extends TikTokAuthError {
  readonly code = 'configuration' as const
  /** The option to change, as the caller wrote it, such as `redirectUri`. */
  readonly option: string

  constructor(option: string, problem: string, hint?: string) {
    super({ message: `Option \`${option}\` ${problem}`, status: 500, hint })
    this.option = option
  }
}

/** Why a callback was refused before TikTok was asked anything. */
export type TransactionFailure =
  | 'missing'
  | 'expired'
  | 'unreadable'
  | 'binding'
  | 'state_mismatch'
  | 'malformed_callback'
  | 'request_refused'

/** The callback does not belong to a login that this browser started here (RFC 9700, sections 2.1 and 4.7). */
export class TransactionError extends TikTokAuthError {
  readonly code = 'transaction' as const
  /** For logs. Answers to the browser do not tell the reasons apart. */
  readonly reason: TransactionFailure
  /** What to do about this reason. Not part of the message, which strangers see. */
  override readonly hint: string | undefined

  constructor(
    reason: TransactionFailure,
    options: { readonly status?: number; readonly cause?: unknown } = {},
  ) {
    // The same words for every reason: error pages print messages, and a stranger must not learn which check failed.
    super({
      message: 'This login cannot be finished. Please start it again.',
      status: options.status ?? 400,
      cause: options.cause,
    })
    this.reason = reason
    this.hint = transactionHint(reason)
  }
}

/** What TikTok put into the query of an error callback. */
export interface AuthorizationErrorFields {
  /** TikTok's code, such as `access_denied`. */
  readonly error: string
  /** TikTok's own words about it; do not branch on them. */
  readonly errorDescription?: string | undefined
  /** TikTok's undocumented extra: which parameter or rule was at fault, such as `non_sandbox_target`. */
  readonly errorType?: string | undefined
  /** TikTok's undocumented numeric extra. */
  readonly errCode?: string | undefined
  /** Whatever else stood beside them, `state` excepted: TikTok's documents do not name every parameter. */
  readonly parameters?: Readonly<Record<string, string>> | undefined
}

/** TikTok sent the user back with an error instead of a code (RFC 6749, section 4.1.2.1). */
export class AuthorizationResponseError extends TikTokAuthError {
  readonly code = 'authorization_response' as const
  /** TikTok's code, such as `access_denied`. */
  readonly error: string
  /** TikTok's own words about it; do not branch on them. */
  readonly errorDescription: string | undefined
  /** Which parameter or rule was at fault. With it `access_denied` is not the user's doing. */
  readonly errorType: string | undefined
  /** TikTok's numeric extra, as text. */
  readonly errCode: string | undefined
  /** The callback's other parameters, cleaned and shortened; for logs. */
  readonly parameters: Readonly<Record<string, string>>

  constructor(fields: AuthorizationErrorFields) {
    super({
      message: `TikTok ended the login with \`${fields.error}\`.`,
      status: authorizationStatus(fields.error),
      hint: authorizationResponseHint(fields),
    })
    this.error = fields.error
    this.errorDescription = fields.errorDescription
    this.errorType = fields.errorType
    this.errCode = fields.errCode
    this.parameters = fields.parameters ?? {}
  }
}

/** Which of TikTok's endpoints answered, or did not. */
export type EndpointName = 'token' | 'revocation' | 'user_info' | 'api'

/** What TikTok's error body said, in either of its two shapes. */
export interface OAuthErrorFields {
  /** Which endpoint answered. */
  readonly endpoint: EndpointName
  /** TikTok's code, such as `invalid_grant`. */
  readonly error: string
  /** TikTok's own words about it, cleaned of what was sent. */
  readonly errorDescription?: string | undefined
  /** TikTok's id of the request, where it named one. */
  readonly logId?: string | undefined
  /** The status of the answer; often 200. */
  readonly httpStatus: number
  /** Milliseconds of `Retry-After`, uncapped, where TikTok sent one that can be read. */
  readonly retryAfterMs?: number | undefined
}

/** TikTok refused a request, whatever the HTTP status was (RFC 6749, section 5.2). */
export class OAuthResponseError extends TikTokAuthError {
  readonly code = 'oauth_response' as const
  /** Which endpoint answered. */
  readonly endpoint: EndpointName
  /** TikTok's code, such as `invalid_grant` or `access_token_invalid`. */
  readonly error: string
  /** TikTok's own words about it; do not branch on them. */
  readonly errorDescription: string | undefined
  /** Quote it to TikTok's support; it holds no secret. */
  readonly logId: string | undefined
  /** The status of TikTok's answer; often 200. Not what to answer with: that is `status`. */
  readonly httpStatus: number
  /** How long TikTok asks to wait, in milliseconds, uncapped; `undefined` where it does not say. */
  readonly retryAfterMs: number | undefined

  constructor(fields: OAuthErrorFields) {
    super({
      message: `TikTok's ${fields.endpoint} endpoint answered \`${fields.error}\`.`,
      status: 502,
      hint: oauthResponseHint(fields),
    })
    this.endpoint = fields.endpoint
    this.error = fields.error
    this.errorDescription = fields.errorDescription
    this.logId = fields.logId
    this.httpStatus = fields.httpStatus
    this.retryAfterMs = fields.retryAfterMs
  }
}

/** An answer that is neither TikTok's success nor its error: HTML, truncated JSON, a missing field, an unknown status. */
export class UnexpectedResponseError extends TikTokAuthError {
  readonly code = 'unexpected_response' as const
  /** Which endpoint answered. */
  readonly endpoint: EndpointName
  /** The status of that answer. Not what to answer with: that is `status`. */
  readonly httpStatus: number
  /** Quote it to TikTok's support, where TikTok named one. */
  readonly logId: string | undefined
  /** How long TikTok asks to wait, in milliseconds, uncapped; `undefined` where it does not say. */
  readonly retryAfterMs: number | undefined

  constructor(fields: {
    readonly endpoint: EndpointName
    /** What is wrong with the answer, without quoting anything secret from it. */
    readonly problem: string
    readonly httpStatus: number
    readonly logId?: string | undefined
    readonly retryAfterMs?: number | undefined
  }) {
    super({
      message: `TikTok's ${fields.endpoint} endpoint gave an unusable answer (HTTP ${fields.httpStatus}): ${fields.problem}`,
      status: 502,
    })
    this.endpoint = fields.endpoint
    this.httpStatus = fields.httpStatus
    this.logId = fields.logId
    this.retryAfterMs = fields.retryAfterMs
  }
}

/** No complete answer came back. */
export class NetworkError extends TikTokAuthError {
  readonly code = 'network' as const
  /** Which endpoint was asked. */
  readonly endpoint: EndpointName
  /** Whether the deadline ended it. */
  readonly timedOut: boolean
  /** `no`: the request cannot have reached TikTok. `unknown`: TikTok may have acted on it. */
  readonly sent: 'no' | 'unknown'

  constructor(fields: {
    readonly endpoint: EndpointName
    readonly timedOut: boolean
    readonly sent: 'no' | 'unknown'
    readonly cause?: unknown
  }) {
    const what = fields.timedOut ? 'did not answer in time' : 'could not be reached'
    super({ message: `TikTok's ${fields.endpoint} endpoint ${what}.`, status: 503, cause: fields.cause })
    this.endpoint = fields.endpoint
    this.timedOut = fields.timedOut
    this.sent = fields.sent
  }
}

/** Why only a new login helps. */
export type ReauthorizationReason = 'signed_out' | 'no_grant' | 'refresh_token_rejected' | 'ambiguous'

/**
 * The user has to log in again.
 *
 * `ambiguous` means that a reply was lost after TikTok may have rotated the refresh token, so that nobody can
 * know the new one; `refresh_token_rejected`, that TikTok refused a refresh token that nothing happened to.
 */
export class ReauthorizationRequiredError extends TikTokAuthError {
  readonly code = 'reauthorization_required' as const
  /** Why; see {@link ReauthorizationRequiredError} for the two that look alike. */
  readonly reason: ReauthorizationReason

  constructor(reason: ReauthorizationReason, cause?: unknown) {
    super({ message: `The user has to log in with TikTok again (${reason}).`, status: 401, cause })
    this.reason = reason
  }
}

/** A refresh is under way or has to wait; there is no usable token at this moment. */
export class RefreshPendingError extends TikTokAuthError {
  readonly code = 'refresh_pending' as const
  /** How long to wait before asking again. */
  readonly retryAfterMs: number

  constructor(retryAfterMs: number, cause?: unknown) {
    super({ message: 'The access token is being refreshed; try again shortly.', status: 503, cause })
    this.retryAfterMs = retryAfterMs
  }
}

/** The store, or what it holds, failed. Nothing that is stored was thrown away. */
export class StoreError extends TikTokAuthError {
  readonly code = 'store' as const
  /** What the store was doing, such as `read`. */
  readonly operation: string
  /** The revision of a row that is there but cannot be read, so that a new login can replace it. */
  readonly revision: string | undefined

  constructor(
    operation: string,
    options: {
      readonly problem?: string
      readonly cause?: unknown
      readonly revision?: string | undefined
    } = {},
  ) {
    super({
      message: `The token store failed at ${operation}${options.problem === undefined ? '.' : `: ${options.problem}`}`,
      status: 503,
      cause: options.cause,
    })
    this.operation = operation
    this.revision = options.revision
  }
}

/** Every concrete error class; `switch (error.code)` over it is exhaustive. */
export type AnyTikTokAuthError =
  | ConfigurationError
  | TransactionError
  | AuthorizationResponseError
  | OAuthResponseError
  | UnexpectedResponseError
  | NetworkError
  | ReauthorizationRequiredError
  | RefreshPendingError
  | StoreError

/** Tells whether a value is an error of this project, across copies of the package. */
export function isTikTokAuthError(value: unknown): value is AnyTikTokAuthError {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true
}

function authorizationStatus(error: string): number {
  if (error === 'access_denied') return 403
  return error === 'temporarily_unavailable' ? 503 : 502
}
