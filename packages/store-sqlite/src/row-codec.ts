import { ConfigurationError, StoreError, type StoredEntry, type StoreEntry } from '@tiktok-auth/core'

const longestKey = 64 * 1024
const longestValue = 16 * 1024 * 1024

const encoder = new TextEncoder()
// A byte order mark is a character like any other; bytes that are no text are no row of this store.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })
const loneSurrogate = /\p{Surrogate}/u

/** The columns of a row that the caller chooses, in the order in which statements take them. */
export type RowColumns = readonly [revision: Uint8Array, value: Uint8Array, expiresAt: number, dueAt: number]

/**
 * Turns a key into bytes. Text is kept as bytes throughout: drivers differ in what they do with a NUL in text, and
 * bytes are compared as they are.
 */
export function encodeKey(key: string, name: 'key' | 'prefix' | 'after' = 'key'): Uint8Array {
  return encode(name, key, longestKey)
}

/** Turns a revision into bytes. */
export function encodeRevision(revision: string): Uint8Array {
  return encode('revision', revision, longestKey)
}

/** Turns an entry into the columns of a row. */
export function encodeEntry({ revision, value, expiresAt, dueAt }: StoreEntry): RowColumns {
  return [
    encodeRevision(revision),
    encode('value', value, longestValue),
    instant('expiresAt', expiresAt),
    instant('dueAt', dueAt),
  ]
}

/** Turns a row into an entry. */
export function decodeRow(row: unknown): StoredEntry {
  const { revision, value, expires_at, due_at, age_ms } = Object(row) as Record<string, unknown>
  return {
    revision: decodeText(revision),
    value: decodeText(value),
    expiresAt: decodeNumber(expires_at),
    dueAt: decodeNumber(due_at),
    ageMs: decodeNumber(age_ms),
  }
}

/** Turns the key column of a row into a key. */
export function decodeKey(row: unknown): string {
  return decodeText((Object(row) as Record<string, unknown>)['key'])
}

/** Tells of a row that was scanned whether it has not ended. */
export function isLiving(row: unknown): boolean {
  return decodeNumber((Object(row) as Record<string, unknown>)['living']) === 1
}

function encode(name: string, text: string, longest: number): Uint8Array {
  if (typeof text !== 'string') throw new ConfigurationError(name, 'must be a string.')
  // Encoding would turn each half of a surrogate pair into one and the same character.
  if (loneSurrogate.test(text)) throw new ConfigurationError(name, 'must be well-formed text.')
  const bytes = encoder.encode(text)
  if (bytes.length > longest) throw new ConfigurationError(name, `must be at most ${longest} bytes long.`)
  return bytes
}

function instant(name: string, value: number): number {
  const rounded = Math.round(value)
  if (!Number.isSafeInteger(rounded)) throw new ConfigurationError(name, 'must be Unix milliseconds.')
  return rounded
}

function decodeText(bytes: unknown): string {
  // libsql gives an ArrayBuffer, the others a Uint8Array.
  if (!(bytes instanceof Uint8Array || bytes instanceof ArrayBuffer)) throw notOurs()
  return decoder.decode(bytes)
}

function decodeNumber(value: unknown): number {
  // Some drivers can be told to give every number as a bigint.
  if (typeof value !== 'number' && typeof value !== 'bigint') throw notOurs()
  return Number(value)
}

function notOurs(): StoreError {
  return new StoreError('read', {
    problem: 'the row is not one of this store; does the driver give rows as objects?',
  })
}
