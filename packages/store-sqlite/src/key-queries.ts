import { ConfigurationError, type KeyPage, type TokenStore } from '@tiktok-auth/core'
import { decodeKey, encodeKey, isLiving } from './row-codec.ts'
import type { SqliteParameter } from './sqlite-database.ts'

/** What `due` is asked for. */
export type DueQuery = Parameters<NonNullable<TokenStore['due']>>[0]
/** What `scan` is asked for. */
export type ScanQuery = Parameters<NonNullable<TokenStore['scan']>>[0]

/** Runs the statement with these values and gives its rows. */
type FindRows = (...values: readonly SqliteParameter[]) => readonly unknown[]

const duePerKey = 10
const leastDue = 100
const largestPage = 1000
// UTF-8 has no such byte: it sorts behind whatever may follow a prefix.
const behindAllText = 0xff

/** Finds more than is asked for and picks by chance, so that several callers get different keys. */
export function chooseDue(
  { prefix, before, limit, without = [] }: DueQuery,
  find: FindRows,
): readonly string[] {
  const from = encodeKey(prefix, 'prefix')
  const wanted = Math.max(leastDue, limit * duePerKey) + without.length
  const leftOut = new Set(without)
  const found = find(before, from, Uint8Array.of(...from, behindAllText), wanted).map(decodeKey)
  return shuffle(found.filter((key) => !leftOut.has(key))).slice(0, limit)
}

/**
 * Gives the next page in the order of the keys, which no write changes. The cursor is the last key looked at.
 *
 * @throws `configuration` when the limit is no number of rows, or the cursor is none of this prefix.
 */
export function pageOfKeys({ prefix, after, limit }: ScanQuery, find: FindRows): KeyPage {
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new ConfigurationError('limit', 'must be a whole number, at least 1.')
  const first = encodeKey(prefix, 'prefix')
  const wanted = Math.min(limit, largestPage)
  const rows = find(firstBehind(prefix, after) ?? first, Uint8Array.of(...first, behindAllText), wanted)
  const keys = rows.filter(isLiving).map(decodeKey)
  return rows.length < wanted ? { keys } : { keys, next: decodeKey(rows.at(-1)) }
}

/** Gives the first text, in bytes, that sorts behind the cursor. */
function firstBehind(prefix: string, after: string | undefined): Uint8Array | undefined {
  if (after === undefined) return undefined
  const bytes = encodeKey(after, 'after')
  if (!after.startsWith(prefix))
    throw new ConfigurationError('after', 'must be what a scan of this prefix gave.')
  return Uint8Array.of(...bytes, 0)
}

function shuffle<Item>(items: readonly Item[]): readonly Item[] {
  return items
    .map((item) => [Math.random(), item] as const)
    .toSorted(([one], [other]) => one - other)
    .map(([, item]) => item)
}
