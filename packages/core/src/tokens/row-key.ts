import { ConfigurationError } from '../errors.ts'

const longest = 512

/**
 * Makes the row key of a user: client key and open id, joined so that no two pairs collide.
 *
 * The key is plain ASCII without quotes, white space, wildcards or control characters, so that every backend keeps
 * it as it is. All keys of one client share the prefix that {@link rowKeyPrefix} gives.
 *
 * @throws `configuration` when `openId` is no well-formed text of 1 to 512 characters.
 */
export function rowKey(prefix: string, openId: string): string {
  if (typeof openId !== 'string' || openId.length === 0 || openId.length > longest) {
    throw new ConfigurationError('openId', `must be a string of 1 to ${longest} characters.`)
  }
  return prefix + encodePart(openId, 'openId')
}

/** What every row key of one client begins with; no client's prefix begins another's. */
export function rowKeyPrefix(clientKey: string): string {
  return `${encodePart(clientKey, 'clientKey')}:`
}

/** The open id of a row key; `undefined` when the key is not one that {@link rowKey} makes. */
export function openIdOf(prefix: string, key: string): string | undefined {
  if (!key.startsWith(prefix)) return undefined
  try {
    const openId = decodeURIComponent(key.slice(prefix.length))
    return rowKey(prefix, openId) === key ? openId : undefined
  } catch {
    return undefined
  }
}

function encodePart(text: string, option: string): string {
  try {
    return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${hex(character)}`)
  } catch {
    throw new ConfigurationError(option, 'must be well-formed text.')
  }
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase()
}
