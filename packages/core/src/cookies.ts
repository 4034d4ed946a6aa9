import { ConfigurationError } from './errors.ts'

/** What every cookie of this library is set, and therefore removed, with. */
export interface CookieFlags {
  readonly name: string
  /** True for an https application; cookies then carry `Secure`. */
  readonly secure: boolean
}

// Browsers drop a cookie whose name and value are longer than this together.
const largestCookie = 4096

/** Tells whether a browser keeps a cookie of this size. */
export function fitsCookie(name: string, value: string): boolean {
  return name.length + value.length <= largestCookie
}

/** Writes the `Set-Cookie` line of a cookie that lives for `maxAge` seconds. */
export function setCookie({ name, secure }: CookieFlags, value: string, maxAge: number): string {
  return `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
}

/** Writes the `Set-Cookie` line that removes a cookie: same name, path and flags as the one that set it. */
export function deleteCookie(flags: CookieFlags): string {
  return setCookie(flags, '', 0)
}

/**
 * Lists the cookies of a `Cookie` header as they stand, nothing decoded, duplicates included.
 *
 * Never throws: what has no `=` is left out.
 */
export function* readCookies(header: string | undefined): Generator<readonly [name: string, value: string]> {
  if (header === undefined) return
  for (const part of header.split(';')) {
    const equals = part.indexOf('=')
    const name = trimBlanks(part.slice(0, Math.max(0, equals)))
    if (name !== '') yield [name, trimBlanks(part.slice(equals + 1))]
  }
}

/**
 * Takes off what browsers take off, spaces and tabs, and no other white space: a sibling domain may set a cookie
 * whose name is a no-break space and then `__Host-…`, and `trim` would make it ours.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6265#section-5.2
 */
function trimBlanks(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (start < end && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** Reads the first cookie of this name. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const [candidate, value] of readCookies(header)) if (candidate === name) return value
  return undefined
}

/**
 * Adds the strictest prefix that browsers enforce: a `__Host-` cookie cannot come from a sibling domain, nor
 * over plain HTTP.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6265#section-4.1.2
 */
export function prefixedName(name: string, secure: boolean): string {
  return secure ? `__Host-${name}` : name
}

/** Returns a cookie name that an application chose. @throws `configuration` */
export function checkCookieName(name: unknown, option: string, secure: boolean): string {
  if (typeof name !== 'string' || !/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/.test(name)) {
    throw new ConfigurationError(option, 'must be 1 to 64 characters that a cookie name may have.')
  }
  if (/^__(host|secure)-/i.test(name) && !secure) {
    throw new ConfigurationError(option, 'has a prefix that browsers accept over https only.')
  }
  return name
}

/**
 * Shortens a text to six letters and digits that tell cookies of several applications on one host apart.
 *
 * Not a secret and no protection: values are bound to their application by their seal.
 */
export function shortTag(text: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return (hash >>> 0).toString(36).padStart(6, '0').slice(-6)
}
