import { ConfigurationError } from '@tiktok-auth/core'

/**
 * Makes sure that text comes back as it went in: UTF-8 has nothing for half a surrogate pair.
 *
 * @throws `configuration` naming the argument.
 */
export function checkText(name: string, text: unknown): void {
  if (typeof text !== 'string') throw new ConfigurationError(name, 'must be a string.')
  if (/\p{Surrogate}/u.test(text)) throw new ConfigurationError(name, 'must be well-formed text.')
}

/**
 * Makes sure that a number is a whole one that is exact.
 *
 * @throws `configuration` naming the argument.
 */
export function checkInteger(name: string, value: unknown): void {
  if (!Number.isSafeInteger(value)) throw new ConfigurationError(name, 'must be a whole number.')
}
