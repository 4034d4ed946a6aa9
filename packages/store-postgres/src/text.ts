import { ConfigurationError, StoreError } from '@tiktok-auth/core'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Writes text as hexadecimal UTF-8: the one form of bytes that every driver passes on unchanged.
 *
 * @throws `configuration` for text with half a surrogate pair, which UTF-8 cannot hold.
 */
export function toHex(name: string, text: unknown): string {
  if (typeof text !== 'string') throw new ConfigurationError(name, 'must be a string.')
  if (/\p{Surrogate}/u.test(text)) throw new ConfigurationError(name, 'must be well-formed text.')
  let hex = ''
  for (const byte of encoder.encode(text)) hex += byte.toString(16).padStart(2, '0')
  return hex
}

/** Reads what {@link toHex} wrote. */
export function fromHex(hex: string): string {
  const bytes = new Uint8Array(hex.length / 2)
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16)
  try {
    return decoder.decode(bytes)
  } catch {
    throw new StoreError('read', { problem: 'the row holds bytes that are no text.' })
  }
}

/** Gives the first text, as hexadecimal UTF-8, that sorts behind all that begin with `prefix`; `''` when there is none. */
export function endOfPrefix(prefixHex: string): string {
  // Bytes of UTF-8 are below 0xff, so the last one can always be raised.
  if (prefixHex === '') return ''
  const last = Number.parseInt(prefixHex.slice(-2), 16) + 1
  return prefixHex.slice(0, -2) + last.toString(16).padStart(2, '0')
}

/**
 * Writes an instant or a number of rows as the text of a whole number.
 *
 * @throws `configuration` when it is none that is exact.
 */
export function toInteger(name: string, value: unknown): string {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  throw new ConfigurationError(name, 'must be a whole number.')
}
