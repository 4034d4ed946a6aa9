import { ConfigurationError, UnexpectedResponseError } from '../errors.ts'
import { assertNonEmptyString, assertRecord } from './assert.ts'
import { own, type JsonObject } from './json.ts'
import type { JsonReply } from './request-json.ts'
import { parseScope } from './scope.ts'

/**
 * The validated form of a token response.
 *
 * Plain data: JSON keeps everything, so an app can store it; printing it shows no token. Instants are Unix
 * milliseconds.
 */
export interface TokenSet {
  /** TikTok's id of the user for this app. */
  readonly openId: string
  /** What was granted, which may be less than was asked for. */
  readonly scope: readonly string[]
  /** Always `Bearer`. */
  readonly tokenType: string
  /** Opaque. What API calls carry. */
  readonly accessToken: string
  /** When the request that brought it was sent. */
  readonly issuedAt: number
  /** `undefined`: TikTok did not say; refreshed when TikTok refuses the token. */
  readonly expiresAt: number | undefined
  /** Opaque. Works once. */
  readonly refreshToken: string
  /** `undefined`: TikTok did not say. Only TikTok ends a refresh token, no deadline here does. */
  readonly refreshTokenExpiresAt: number | undefined
}

/** A token of the app itself (client credentials), good for TikTok's research APIs only. */
export interface ClientToken {
  /** Opaque. */
  readonly accessToken: string
  /** Always `Bearer`. */
  readonly tokenType: string
  /** `undefined`: TikTok did not say, so it is not kept for the next call. */
  readonly expiresAt: number | undefined
}

const inspectSymbol = Symbol.for('nodejs.util.inspect.custom')

/**
 * Makes a token set: frozen, plain, complete as JSON, and silent about its tokens when printed.
 *
 * Also gives a token set read back from JSON its silence again. Unknown members are left out. Copies made by
 * spreading print their tokens.
 *
 * @throws `configuration` naming the member that is missing or of another type.
 * @example
 * ```ts
 * const tokenSet = createTokenSet(JSON.parse(stored))
 * ```
 */
export function createTokenSet(fields: TokenSet): TokenSet {
  const record = assertRecord(fields, 'tokenSet')
  const tokenSet: TokenSet = {
    openId: assertNonEmptyString(record['openId'], 'tokenSet.openId'),
    scope: assertNames(record['scope'], 'tokenSet.scope'),
    tokenType: assertNonEmptyString(record['tokenType'], 'tokenSet.tokenType'),
    accessToken: assertNonEmptyString(record['accessToken'], 'tokenSet.accessToken'),
    issuedAt: assertInstant(record['issuedAt'], 'tokenSet.issuedAt'),
    expiresAt: assertDeadline(record['expiresAt'], 'tokenSet.expiresAt'),
    refreshToken: assertNonEmptyString(record['refreshToken'], 'tokenSet.refreshToken'),
    refreshTokenExpiresAt: assertDeadline(record['refreshTokenExpiresAt'], 'tokenSet.refreshTokenExpiresAt'),
  }
  return Object.freeze(hideWhenPrinted(tokenSet, ['accessToken', 'refreshToken']))
}

function assertNames(value: unknown, option: string): readonly string[] {
  if (Array.isArray(value) && value.every((name) => typeof name === 'string'))
    return Object.freeze([...value])
  throw new ConfigurationError(option, 'must be an array of scope names.')
}

function assertInstant(value: unknown, option: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new ConfigurationError(option, 'must be a number of Unix milliseconds.')
}

/** JSON drops `undefined`, and other languages write `null` for it. */
function assertDeadline(value: unknown, option: string): number | undefined {
  return value === undefined || value === null ? undefined : assertInstant(value, option)
}

function hideWhenPrinted<T extends object>(value: T, hidden: readonly string[]): T {
  return Object.defineProperty(value, inspectSymbol, {
    value: () =>
      Object.fromEntries(
        Object.entries(value).map(([name, member]) => [name, hidden.includes(name) ? '[hidden]' : member]),
      ),
  })
}

/** What a token response is read against. */
export interface TokenResponseContext {
  /** When the request was sent: a life counted from there never ends later here than at TikTok. */
  readonly issuedAt: number
  /** Taken as granted where the reply names no scope. */
  readonly requestedScope?: readonly string[] | undefined
  /** At a refresh: fills what the reply leaves out. */
  readonly previous?: Partial<TokenSet> | undefined
}

/**
 * Reads TikTok's token response.
 *
 * - Lives may be numbers or decimal text. Missing, zero, negative or unreadable ones mean that TikTok did not
 *   say (`undefined`; at a refresh the refresh token's former deadline stays). More than 400 days counts as 400 days.
 * - A refresh that returns no refresh token keeps the one there was. An exchange without one is refused: a grant
 *   that can never be refreshed is not what TikTok documents, and would end without a word within hours.
 * - Another `openId` than before is passed on as it is; whoever stores token sets has to compare.
 *
 * @throws `unexpected_response` naming the field.
 */
export function parseTokenResponse(reply: JsonReply, context: TokenResponseContext): TokenSet {
  const { issuedAt, requestedScope, previous } = context
  const json = readBody(reply)
  const accessToken = readAccessToken(json, reply)
  const tokenType = readTokenType(json, reply)
  const refreshToken = readText(json, 'refresh_token') ?? previous?.refreshToken
  const openId = readText(json, 'open_id') ?? previous?.openId
  if (openId === undefined) throw missing('open_id', reply)
  if (refreshToken === undefined) throw missing('refresh_token', reply)
  return createTokenSet({
    openId,
    scope: readScope(json, reply) ?? previous?.scope ?? requestedScope ?? [],
    tokenType,
    accessToken,
    issuedAt,
    expiresAt: deadline(issuedAt, own(json, 'expires_in')),
    refreshToken,
    refreshTokenExpiresAt:
      deadline(issuedAt, own(json, 'refresh_expires_in')) ?? previous?.refreshTokenExpiresAt,
  })
}

/** Reads the answer to a client-credentials request. @throws `unexpected_response` naming the field. */
export function parseClientToken(reply: JsonReply, issuedAt: number): ClientToken {
  const json = readBody(reply)
  const clientToken: ClientToken = {
    accessToken: readAccessToken(json, reply),
    tokenType: readTokenType(json, reply),
    expiresAt: deadline(issuedAt, own(json, 'expires_in')),
  }
  return Object.freeze(hideWhenPrinted(clientToken, ['accessToken']))
}

const maxLifeMs = 400 * 24 * 60 * 60 * 1000

/** Never NaN, never for ever: what cannot be a life is unknown, and the token is refreshed when it is refused. */
function deadline(issuedAt: number, value: unknown): number | undefined {
  const isText = typeof value === 'string' && /^\d{1,20}(\.\d{1,9})?$/.test(value)
  const seconds = isText ? Number(value) : value
  if (typeof seconds !== 'number' || seconds <= 0) return undefined
  return issuedAt + Math.floor(Math.min(seconds * 1000, maxLifeMs))
}

function readBody(reply: JsonReply): JsonObject {
  if (reply.json === undefined) throw unexpected('an empty body where a token response was expected.', reply)
  return reply.json
}

function readAccessToken(json: JsonObject, reply: JsonReply): string {
  const token = readText(json, 'access_token')
  if (token === undefined) throw missing('access_token', reply)
  // It has to travel in a header; anything else would fail there, quoted in the host's error.
  if (!isHeaderSafe(token)) throw unexpected('its `access_token` cannot stand in a header.', reply)
  return token
}

/** Tells whether a token can travel in a header. */
export function isHeaderSafe(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token)
}

function readTokenType(json: JsonObject, reply: JsonReply): string {
  const type = own(json, 'token_type') ?? 'Bearer'
  if (typeof type === 'string' && type.toLowerCase() === 'bearer') return 'Bearer'
  throw unexpected('its `token_type` is not Bearer.', reply)
}

function readScope(json: JsonObject, reply: JsonReply): readonly string[] | undefined {
  const scope = own(json, 'scope') ?? undefined
  if (scope === undefined) return undefined
  if (typeof scope !== 'string') throw unexpected('its `scope` is not a string.', reply)
  return parseScope(scope)
}

function readText(json: JsonObject, name: string): string | undefined {
  const value = own(json, name)
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

function missing(field: string, reply: JsonReply): UnexpectedResponseError {
  return unexpected(`it has no \`${field}\`.`, reply)
}

function unexpected(problem: string, { endpoint, httpStatus, logId }: JsonReply): UnexpectedResponseError {
  return new UnexpectedResponseError({ endpoint, httpStatus, logId: logId(), problem })
}
