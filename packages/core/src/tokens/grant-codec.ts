import type { TokenSet } from '../protocol/token-set.ts'
import { createTokenSet } from '../protocol/token-set.ts'
import type { ClaimMark, Connection, GrantRecord, LiveGrant, RemovedGrant, Retry } from './grant-record.ts'

/** What reading a value came to; `problem` quotes nothing of the value. */
export type ParsedRecord = { readonly record: GrantRecord } | { readonly problem: string }

type Fields = Readonly<Record<string, unknown>>

/** Writes a record as the text that a store keeps. */
export function serializeRecord(record: GrantRecord): string {
  return JSON.stringify(record)
}

/** Reads a stored text. A record of another version is a problem, never a grant without a claim. */
export function parseRecord(value: string): ParsedRecord {
  let fields: unknown
  try {
    fields = JSON.parse(value)
  } catch {
    // The parser's own message would quote the value.
    return { problem: 'the row is no JSON; was it stored encrypted, or by something else?' }
  }
  if (!isFields(fields)) return { problem: 'the row is no grant.' }
  if (fields['v'] !== 1) return { problem: 'the row has a record version that this release does not know.' }
  const record = 'removed' in fields ? parseRemoved(fields['removed']) : parseLive(fields)
  return record === undefined ? { problem: 'the row is no complete grant.' } : { record }
}

/** Reads a token set; `undefined` when something is missing or of another type. */
export function parseTokenSet(value: unknown): TokenSet | undefined {
  if (!isFields(value)) return undefined
  const { openId, scope, tokenType, accessToken, issuedAt, expiresAt, refreshToken, refreshTokenExpiresAt } =
    value
  if (!isText(openId) || !isText(accessToken) || !isText(refreshToken)) return undefined
  if (typeof tokenType !== 'string' || !isInstant(issuedAt)) return undefined
  if (!Array.isArray(scope) || !scope.every((item) => typeof item === 'string')) return undefined
  if (!isOptionalInstant(expiresAt) || !isOptionalInstant(refreshTokenExpiresAt)) return undefined
  return createTokenSet({
    openId,
    scope,
    tokenType,
    accessToken,
    issuedAt,
    expiresAt,
    refreshToken,
    refreshTokenExpiresAt,
  })
}

function parseLive(fields: Fields): LiveGrant | undefined {
  const tokenSet = parseTokenSet(fields['tokenSet'])
  const connection = parseConnection(fields['connection'])
  if (tokenSet === undefined || connection === undefined) return undefined
  const claim = optional(fields['claim'], parseClaim)
  const retry = optional(fields['retry'], parseRetry)
  const rejected = optional(fields['rejected'], parseRejected)
  if (claim === 'malformed' || retry === 'malformed' || rejected === 'malformed') return undefined
  return {
    v: 1,
    tokenSet,
    connection,
    ...(claim && { claim }),
    ...(retry && { retry }),
    ...(rejected && { rejected }),
    ...(fields['ambiguous'] === true && { ambiguous: true }),
    ...(fields['revoking'] === true && { revoking: true }),
  }
}

function parseRemoved(value: unknown): RemovedGrant | undefined {
  if (!isFields(value)) return undefined
  const { at, connection, by } = value
  if (!isInstant(at) || typeof connection !== 'string') return undefined
  if (by !== 'revoke' && by !== 'webhook') return undefined
  return { v: 1, removed: { at, connection, by } }
}

function parseConnection(value: unknown): Connection | undefined {
  if (!isFields(value)) return undefined
  const { id, at } = value
  return isText(id) && isInstant(at) ? { id, at } : undefined
}

function parseClaim({ id, leaseMs }: Fields): ClaimMark | undefined {
  return isText(id) && isInstant(leaseMs) ? { id, leaseMs } : undefined
}

function parseRetry(value: Fields): Retry | undefined {
  const { failures, code, delayMs } = value
  if (!isInstant(failures) || typeof code !== 'string' || !isInstant(delayMs)) return undefined
  return { failures, code, delayMs }
}

function parseRejected(value: Fields): { readonly at: number } | undefined {
  const at = value['at']
  return isInstant(at) ? { at } : undefined
}

// A malformed claim must never pass as "no claim": two processes would then use one refresh token.
function optional<Value>(
  value: unknown,
  parse: (fields: Fields) => Value | undefined,
): Value | undefined | 'malformed' {
  if (value === undefined) return undefined
  return (isFields(value) ? parse(value) : undefined) ?? 'malformed'
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0
}

function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isOptionalInstant(value: unknown): value is number | undefined {
  return value === undefined || isInstant(value)
}
