import { ConfigurationError } from '../errors.ts'
import { assertOneOf, assertString } from './assert.ts'
import { hostPrimitives } from '../runtime.ts'
import { toHex } from './encoding.ts'
import type { CodeChallengeEncoding } from './options.ts'
import { randomText } from './random.ts'

const lettersAndDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Makes a code verifier: 64 random letters and digits, some 381 bits (RFC 7636, section 4.1). */
export function createCodeVerifier(): string {
  return randomText(64, lettersAndDigits)
}

/**
 * Computes the S256 code challenge of a verifier.
 *
 * TikTok wants lower-case hex; RFC 7636 says base64url. The authorization page accepts either, the exchange
 * does not: use what the portal's platform needs.
 *
 * @throws `configuration` when the verifier cannot be one, or the encoding is neither.
 * @see https://developers.tiktok.com/doc/login-kit-desktop
 */
export async function codeChallenge(verifier: string, encoding: CodeChallengeEncoding): Promise<string> {
  const kind = assertOneOf<CodeChallengeEncoding>(encoding, ['hex', 'base64url'], 'encoding')
  const bytes = new TextEncoder().encode(checkCodeVerifier(verifier))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return kind === 'hex' ? toHex(digest) : hostPrimitives().toBase64url(digest)
}

/**
 * Returns the verifier if it can be one: 32 to 128 unreserved characters.
 *
 * RFC 7636 starts at 43; TikTok's Android SDK makes 32, and a back end has to pass those on.
 *
 * @throws `configuration`
 */
export function checkCodeVerifier(verifier: unknown): string {
  const text = assertString(verifier, 'codeVerifier')
  if (!/^[A-Za-z0-9\-._~]{32,128}$/.test(text)) {
    throw new ConfigurationError('codeVerifier', 'must be 32 to 128 letters, digits or `-._~`.')
  }
  return text
}
