import { ConfigurationError } from '../errors.ts'

/** The scopes TikTok documents; any other string is accepted too, because the list grows. */
export type Scope =
  | 'user.info.basic'
  | 'user.info.profile'
  | 'user.info.stats'
  | 'video.list'
  | 'video.upload'
  | 'video.publish'
  | (string & {})

/**
 * Returns the scopes, unique and in order, if each can be one: visible ASCII without comma, ampersand, quote or
 * white space.
 *
 * @throws `configuration` naming the option.
 */
export function checkScope(scope: unknown, option = 'scope'): readonly string[] {
  if (!Array.isArray(scope)) throw new ConfigurationError(option, 'must be an array of scope names.')
  for (const name of scope) {
    if (typeof name !== 'string' || !/^[\x21\x23-\x25\x27-\x2b\x2d-\x5b\x5d-\x7e]+$/.test(name)) {
      throw new ConfigurationError(
        option,
        'holds a scope name that cannot be one.',
        'Write one name per array entry, such as `user.info.basic`; do not join them.',
      )
    }
  }
  return Object.freeze([...new Set(scope as readonly string[])])
}

/** Reads a scope as TikTok sends it: split on commas, spaces accepted too, unique, in order. */
export function parseScope(text: string): readonly string[] {
  return Object.freeze([...new Set(text.split(/[\s,]+/).filter((name) => name !== ''))])
}
