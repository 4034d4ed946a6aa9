import { createHash, randomBytes } from 'node:crypto'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Returns `length` random letters and digits. */
export function randomText(length: number): string {
  return Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join('')
}

/** Returns `length` random hexadecimal digits in upper case. */
export function randomHex(length: number): string {
  return randomBytes(Math.ceil(length / 2))
    .toString('hex')
    .slice(0, length)
    .toUpperCase()
}

/** Returns the SHA-256 digest of a text in the encoding asked for. */
export function sha256(text: string, encoding: 'hex' | 'base64url'): string {
  return createHash('sha256').update(text).digest(encoding)
}

/**
 * Shortens a token or a code to twelve hexadecimal digits of its SHA-256 digest.
 *
 * The journal names what was presented in this form; apply it to a token you hold to compare.
 */
export function shortHash(value: string): string {
  return sha256(value, 'hex').slice(0, 12)
}

/** Derives an id in the form of a UUID that is the same each time for the same parts. */
export function derivedId(...parts: readonly string[]): string {
  const digest = sha256(JSON.stringify(parts), 'hex')
  return [8, 4, 4, 4, 12]
    .map((length, index) => {
      const start = [0, 8, 12, 16, 20][index] ?? 0
      return digest.slice(start, start + length)
    })
    .join('-')
}
