import { ConfigurationError, type KeyPage, type TokenStore } from '@tiktok-auth/core'
import { field } from './query.ts'
import { endOfPrefix, fromHex, toHex, toInteger } from './text.ts'

type ScanQuery = Parameters<NonNullable<TokenStore['scan']>>[0]

const largestPage = 1000
// So that a small page of a prefix that has few of many rows still gets somewhere.
const leastWalked = 1000
const cursor = /^[0-9a-f]{64}$/

/**
 * Writes the values of the statement. The cursor is the hash of a key: it says nothing about it, and fits every prefix.
 *
 * @throws `configuration` when one cannot work.
 */
export function scanValues({ prefix, after, limit }: ScanQuery): readonly string[] {
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new ConfigurationError('limit', 'must be a whole number, at least 1.')
  if (after !== undefined && !(typeof after === 'string' && cursor.test(after)))
    throw new ConfigurationError('after', 'must be what a scan gave.')
  const from = toHex('prefix', prefix)
  const walked = toInteger('limit', Math.max(leastWalked, sizeOf(limit)))
  return [after ?? '', from, endOfPrefix(from), walked, toInteger('limit', sizeOf(limit))]
}

/** Reads the statement's rows. */
export function pageOf(rows: readonly unknown[], limit: number): KeyPage {
  const found = rows.filter((row) => field(row, 'kind') === 'key')
  const keys = found.map((row) => fromHex(field(row, 'key')))
  const isAtEnd = found.length === rows.length && found.length < sizeOf(limit)
  // Places have one length, so they sort as their bytes do.
  const next = rows
    .map((row) => field(row, 'place'))
    .toSorted()
    .at(-1)
  return isAtEnd || next === undefined ? { keys } : { keys, next }
}

function sizeOf(limit: number): number {
  return Math.min(limit, largestPage)
}
