/** A browser's cookies of one site, kept by the rules that browsers keep. */
export interface CookieJar {
  /** Takes the `Set-Cookie` lines of an answer. A line that a browser would refuse is dropped. */
  take(lines: readonly string[]): void
  /** Writes the `Cookie` header; `undefined` when there is nothing to send. */
  header(): string | undefined
  /** Lists what it holds, by name. */
  all(): ReadonlyMap<string, string>
  /** Puts a cookie in, as somebody with access to the browser can. */
  plant(name: string, value: string): void
  remove(name: string): void
  /** Another jar with the same cookies. */
  copy(): CookieJar
}

/** A `Set-Cookie` line taken apart. Attribute names in lower case. */
export interface ParsedCookie {
  readonly name: string
  readonly value: string
  readonly attributes: ReadonlyMap<string, string>
}

const largestCookie = 4096

/** Takes a `Set-Cookie` line apart as RFC 6265 does it. */
export function parseSetCookie(line: string): ParsedCookie {
  const [pair = '', ...rest] = line.split(';')
  const [name, value] = split(pair)
  const attributes = rest.map(split).map(([key, text]) => [key.toLowerCase(), text] as const)
  return { name, value, attributes: new Map(attributes) }
}

/** Makes an empty jar for a site that the browser sees over https, or not. */
export function createCookieJar(secure: boolean, start: ReadonlyMap<string, string> = new Map()): CookieJar {
  const cookies = new Map(start)
  return {
    take(lines) {
      for (const cookie of lines.map(parseSetCookie)) {
        if (!accepted(cookie, secure)) continue
        if (isOver(cookie)) cookies.delete(cookie.name)
        else cookies.set(cookie.name, cookie.value)
      }
    },
    header() {
      const pairs = [...cookies].map(([name, value]) => `${name}=${value}`)
      return pairs.length === 0 ? undefined : pairs.join('; ')
    },
    all: () => cookies,
    plant: (name, value) => void cookies.set(name, value),
    remove: (name) => void cookies.delete(name),
    copy: () => createCookieJar(secure, cookies),
  }
}

function accepted({ name, value, attributes }: ParsedCookie, secure: boolean): boolean {
  if (name.length + value.length > largestCookie) return false
  if (attributes.has('secure') && !secure) return false
  if (/^__secure-/i.test(name)) return attributes.has('secure')
  if (!/^__host-/i.test(name)) return true
  return attributes.has('secure') && attributes.get('path') === '/' && !attributes.has('domain')
}

function isOver({ attributes }: ParsedCookie): boolean {
  const maxAge = attributes.get('max-age')
  if (maxAge !== undefined) return Number(maxAge) <= 0
  const expires = Date.parse(attributes.get('expires') ?? '')
  return expires <= Date.now()
}

function split(text: string): readonly [string, string] {
  const equals = text.indexOf('=')
  if (equals === -1) return [text.trim(), '']
  return [text.slice(0, equals).trim(), text.slice(equals + 1).trim()]
}
