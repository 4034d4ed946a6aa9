import { EmulatorOptionsError } from './errors.ts'

/** How refresh tokens change when they are used. */
export type RotationBehavior =
  /** Each refresh returns a new refresh token; the old one is dead at once. */
  | 'strict'
  /** Each refresh returns a new refresh token; the old one lives on until it expires. */
  | 'none'
  /** Each refresh returns the refresh token that was sent. */
  | 'same'
  /** The reply has no `refresh_token`; the one that was sent lives on. */
  | 'omit'
  /** As `strict`, but the old one works again for `graceMs`; by default it then brings the same pair once more. */
  | { readonly graceMs: number; readonly reply?: 'same_pair' | 'new_pair' }

/** Limits calls of each resource endpoint per app and user, in a sliding window of one minute. */
export interface RateLimitBehavior {
  /** Calls per minute; TikTok documents 600. */
  readonly perMinute: number
  /** Adds a `Retry-After` header, in seconds, to the refusal. TikTok documents none. */
  readonly retryAfter?: boolean
}

/** Everything about TikTok that is documented twice, in doubt, or worth trying the other way. */
export interface EmulatorBehavior {
  /** `exact` answers 404 to an endpoint without its trailing slash; `lenient` accepts it. Authorize takes both. */
  readonly trailingSlash: 'exact' | 'lenient'
  /** `strict` refuses JSON, a charset and Basic credentials as TikTok does; `lenient` takes them all. */
  readonly contentType: 'strict' | 'lenient'
  /** The status of OAuth errors: TikTok answers 200; `4xx` answers 400 and 401 as the RFC has it. */
  readonly errorStatus: 200 | '4xx'
  /** Which encoding of the code challenge passes the exchange. TikTok's is lowercase hexadecimal. */
  readonly challengeEncoding: 'hex' | 'base64url' | 'both'
  /** Demands `code_challenge_method=S256` where a challenge is demanded; TikTok's own SDKs leave it out. */
  readonly requireChallengeMethod: boolean
  /** Verifies a challenge that a web app sent without need; by default it is ignored. */
  readonly verifyWebChallenge: boolean
  /** Sends configuration faults to the callback, where there is a registered one, instead of the fault page. */
  readonly redirectAllFaults: boolean
  /** Leaves out of codes the characters that must be percent-encoded. */
  readonly plainCodes: boolean
  /** How long a code may wait for its exchange, in milliseconds. */
  readonly codeLifetimeMs: number
  /** Life of an access token, in milliseconds. */
  readonly accessTokenLifetimeMs: number
  /** Life of a refresh token, in milliseconds. */
  readonly refreshTokenLifetimeMs: number
  /** How refresh tokens change when they are used. */
  readonly rotation: RotationBehavior
  /** What the use of a dead refresh token costs: nothing more, or every token that came of the same login. */
  readonly reuse: 'reject' | 'revoke_family'
  /** Whether an access token outlives the refresh that replaced it. */
  readonly oldAccessTokenAfterRefresh: 'valid' | 'dies'
  /** Whether a refresh starts the refresh token's life anew, or the deadline of the login stays. */
  readonly refreshRestartsLife: boolean
  /** What a successful revocation answers: `{}` or nothing. */
  readonly revokeReply: 'object' | 'empty'
  /** What revoking a token that is dead or unknown answers: the same as the first time, or `invalid_grant`. */
  readonly secondRevoke: 'ok' | 'error'
  /** Whether resource errors come as `{ data, error }` or as the bare `{ code, message, log_id }`. */
  readonly userInfoErrorForm: 'envelope' | 'bare'
  /** The limit of the resource endpoints, or none. */
  readonly rateLimit: RateLimitBehavior | false
}

/** What TikTok's newest documents say, and the best reports where they are silent. */
export const defaultBehavior: EmulatorBehavior = {
  trailingSlash: 'exact',
  contentType: 'strict',
  errorStatus: 200,
  challengeEncoding: 'hex',
  requireChallengeMethod: false,
  verifyWebChallenge: false,
  redirectAllFaults: false,
  plainCodes: false,
  codeLifetimeMs: 5 * 60_000,
  accessTokenLifetimeMs: 7_200_000,
  refreshTokenLifetimeMs: 15_552_000_000,
  rotation: 'strict',
  reuse: 'reject',
  oldAccessTokenAfterRefresh: 'valid',
  refreshRestartsLife: true,
  revokeReply: 'object',
  secondRevoke: 'ok',
  userInfoErrorForm: 'envelope',
  rateLimit: { perMinute: 600 },
}

const isDuration = (value: unknown) => typeof value === 'number' && Number.isFinite(value) && value >= 0
const isOneOf =
  (...values: readonly unknown[]) =>
  (value: unknown) =>
    values.includes(value)
const isBoolean = isOneOf(true, false)

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isRotation(value: unknown): boolean {
  if (isOneOf('strict', 'none', 'same', 'omit')(value)) return true
  return (
    isObject(value) && isDuration(value.graceMs) && isOneOf(undefined, 'same_pair', 'new_pair')(value.reply)
  )
}

function isRateLimit(value: unknown): boolean {
  if (value === false) return true
  return isObject(value) && isDuration(value.perMinute) && isOneOf(undefined, true, false)(value.retryAfter)
}

const checks: Readonly<Record<keyof EmulatorBehavior, (value: unknown) => boolean>> = {
  trailingSlash: isOneOf('exact', 'lenient'),
  contentType: isOneOf('strict', 'lenient'),
  errorStatus: isOneOf(200, '4xx'),
  challengeEncoding: isOneOf('hex', 'base64url', 'both'),
  requireChallengeMethod: isBoolean,
  verifyWebChallenge: isBoolean,
  redirectAllFaults: isBoolean,
  plainCodes: isBoolean,
  codeLifetimeMs: isDuration,
  accessTokenLifetimeMs: isDuration,
  refreshTokenLifetimeMs: isDuration,
  rotation: isRotation,
  reuse: isOneOf('reject', 'revoke_family'),
  oldAccessTokenAfterRefresh: isOneOf('valid', 'dies'),
  refreshRestartsLife: isBoolean,
  revokeReply: isOneOf('object', 'empty'),
  secondRevoke: isOneOf('ok', 'error'),
  userInfoErrorForm: isOneOf('envelope', 'bare'),
  rateLimit: isRateLimit,
}

/**
 * Returns a behaviour with some switches set otherwise; `undefined` leaves one as it is.
 *
 * @throws EmulatorOptionsError for a switch there is not, or a value it does not know.
 */
export function changeBehavior(
  behavior: EmulatorBehavior,
  changes: Partial<EmulatorBehavior>,
): EmulatorBehavior {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined)
  const known = new Map<string, (value: unknown) => boolean>(Object.entries(checks))
  for (const [name, value] of given) {
    const check = known.get(name)
    if (check === undefined) throw new EmulatorOptionsError(`behavior.${name}`, 'there is no such switch')
    if (!check(value))
      throw new EmulatorOptionsError(`behavior.${name}`, 'has a value the emulator does not know')
  }
  return { ...behavior, ...Object.fromEntries(given) }
}
