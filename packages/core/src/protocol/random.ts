import { hostPrimitives } from '../runtime.ts'

/** Makes an identifier of 256 random bits, base64url: 43 characters. */
export function randomId(): string {
  const host = hostPrimitives()
  return host.toBase64url(host.randomBytes(32))
}

/** Draws characters from an alphabet of at most 256, each equally likely. */
export function randomText(length: number, alphabet: string): string {
  // Bytes at or above the largest multiple of the alphabet's size would favour its first characters.
  const limit = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length) {
    // Twice as many as needed: drawing costs more per call than per byte.
    for (const byte of hostPrimitives().randomBytes(2 * length)) {
      if (byte < limit && text.length < length) text += alphabet[byte % alphabet.length]
    }
  }
  return text
}
