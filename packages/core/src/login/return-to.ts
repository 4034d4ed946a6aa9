import { ConfigurationError } from '../errors.ts'

/** Options of {@link createReturnToPolicy}. */
export interface ReturnToOptions {
  /** The application's public origin, its own: that of the redirect URI. */
  readonly origin: string
  /** Other origins that a login may lead to, written exactly as a browser serializes them. */
  readonly origins?: readonly string[]
  /** Public paths that a login must not lead to: the login's own routes. */
  readonly ownPaths?: readonly string[]
  /** Where a browser goes when it named no target, or none that is allowed. Default `/`. */
  readonly fallback?: string
}

/** Decides where a browser may be sent after a login. Every redirect target of this library passes through it. */
export interface ReturnToPolicy {
  /** A target that is always allowed. */
  readonly fallback: string
  /**
   * Returns the target to send, or `undefined` when it is not allowed.
   *
   * The result is what was checked, byte for byte: a path of the own origin, or an absolute URL of one of the
   * allowed origins. Checking it again gives the same result.
   */
  check(target: unknown): string | undefined
}

const longestTarget = 1024

/**
 * Creates the one judge of redirect targets.
 *
 * It parses as browsers do (WHATWG URL) and compares whole origins; what it lets pass it has parsed in the very
 * form that is sent.
 *
 * @throws `configuration` when an origin is not exact, or the fallback itself is not allowed.
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.11.1
 * @example
 * const policy = createReturnToPolicy({ origin: 'https://app.example', ownPaths: ['/auth/tiktok'] })
 * policy.check('/videos?page=2') // '/videos?page=2'
 * policy.check('//evil.example') // undefined
 */
export function createReturnToPolicy(options: ReturnToOptions): ReturnToPolicy {
  const origin = checkOrigin(options.origin, 'origin')
  const allowed = new Set(checkOrigins(options.origins ?? [], 'returnToOrigins'))
  const own = new Set((options.ownPaths ?? []).map(comparable))

  const check = (target: unknown): string | undefined => {
    if (typeof target !== 'string' || !isPlain(target)) return undefined
    const url = parse(target, origin)
    if (url === undefined || (url.origin !== origin && !allowed.has(url.origin))) return undefined
    if (!target.startsWith('/') && !namesOrigin(target, url.origin)) return undefined
    if (url.origin === origin && own.has(comparable(url.pathname))) return undefined
    const emitted = url.origin === origin ? url.pathname + url.search + url.hash : url.href
    // A path that a browser would read as `//host` shows itself only when the result is parsed once more.
    if (emitted.length > longestTarget || parse(emitted, origin)?.href !== url.href) return undefined
    return emitted
  }

  const fallback = check(options.fallback ?? '/')
  if (fallback === undefined) {
    throw new ConfigurationError(
      'defaultReturnTo',
      'must be a path of this application, or an address on one of `returnToOrigins`, and no route of the login.',
      'Left out, it is `/`; a `redirectUri` without a path of its own is there too. Give that one a path, such as `/auth/tiktok/callback`.',
    )
  }
  return { fallback, check }
}

/** Returns the origins of a list. @throws `configuration` for anything but `https://host` as a browser writes it. */
export function checkOrigins(values: unknown, option: string): readonly string[] {
  if (!Array.isArray(values)) throw new ConfigurationError(option, 'must be a list of origins.')
  return values.map((value: unknown, index) => checkOrigin(value, `${option}[${index}]`))
}

function checkOrigin(value: unknown, option: string): string {
  const url = typeof value === 'string' ? parse(value) : undefined
  if (url === undefined || url.origin !== value || !/^https?:$/.test(url.protocol)) {
    throw new ConfigurationError(
      option,
      'must be an exact origin.',
      'Write scheme, host and, if it is not the usual one, port, in lower case and without a slash at the end: `https://www.example.com`.',
    )
  }
  return value as string
}

function parse(target: string, base?: string): URL | undefined {
  try {
    const url = new URL(target, base)
    return url.username === '' && url.password === '' ? url : undefined
  } catch {
    return undefined
  }
}

// What parsers are known to disagree about is refused before any of them sees it.
function isPlain(target: string): boolean {
  if (target.length > longestTarget || !/^(\/(?!\/)|https?:\/\/)/.test(target)) return false
  for (let index = 0; index < target.length; index++) {
    const code = target.charCodeAt(index)
    if (code < 0x20 || code === 0x5c || (code >= 0x7f && code <= 0xa0)) return false
  }
  return true
}

// An absolute target spells its origin exactly: no upper case, no port that goes without saying.
function namesOrigin(target: string, origin: string): boolean {
  return target.startsWith(origin) && ['', '/', '?', '#'].includes(target.charAt(origin.length))
}

/**
 * Makes two spellings of one path alike, as routers and proxies may see them: escapes decoded, case, doubled and
 * trailing slashes ignored. Too broad rather than too narrow: the only effect is the default target.
 */
function comparable(path: string): string {
  let decoded = path
  for (let round = 0; round < 3; round++) decoded = decodeOnce(decoded)
  const collapsed = decoded.toLowerCase().replaceAll('\\', '/').replaceAll(/\/+/g, '/')
  return new URL(`.${collapsed}`, 'http://own.invalid/').pathname.replace(/\/$/, '')
}

function decodeOnce(text: string): string {
  return text.replaceAll(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
}
