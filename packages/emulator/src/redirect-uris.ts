import type { ClientPlatform } from './options.ts'

const mostUris = 10
const longestUri = 511
const wildcardPort = /^(https?:\/\/[^/?#]+):\*(?=\/|$)/
const desktopAddress = /^https?:\/\/(localhost|127\.0\.0\.1):(\d{1,5}|\*)(\/|$)/

/** Says what to change about a list of redirect URIs as a whole, or nothing when it may be registered. */
export function findListProblem(uris: readonly string[]): string | undefined {
  return uris.length > mostUris ? `register at most ${mostUris} redirect URIs` : undefined
}

/** Says what to change about one redirect URI, or nothing when TikTok's portal would take it. */
export function findUriProblem(uri: string, platform: ClientPlatform): string | undefined {
  if (uri.length > longestUri) return 'use fewer than 512 characters'
  if (/\s/.test(uri)) return 'remove the white space'
  const url = parse(uri, platform)
  if (url === undefined) return 'give an absolute address, such as https://app.example.com/auth/callback/'
  if (uri.includes('?')) return 'remove the query: TikTok registers addresses without one'
  if (uri.includes('#')) return 'remove the fragment: TikTok registers addresses without one'
  if (url.username !== '' || url.password !== '') return 'remove the user name and password'
  return platform === 'web' ? findWebProblem(url) : findDesktopProblem(uri, url)
}

function parse(uri: string, platform: ClientPlatform): URL | undefined {
  const plain = platform === 'desktop' ? uri.replace(wildcardPort, '$1:1') : uri
  return URL.canParse(plain) ? new URL(plain) : undefined
}

function findWebProblem(url: URL): string | undefined {
  if (url.protocol === 'https:') return undefined
  return "use https, or register the app as platform 'desktop' for a loopback address"
}

function findDesktopProblem(uri: string, url: URL): string | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'use http or https'
  if (url.hostname !== 'localhost' && url.hostname !== '127.0.0.1') {
    return "use localhost or 127.0.0.1, or register the app as platform 'web'"
  }
  return desktopAddress.test(uri)
    ? undefined
    : 'write the port, or * for any port: http://127.0.0.1:*/callback/'
}

/** Tells whether a redirect URI that was sent is the registered one, byte for byte; `*` stands for any port. */
export function matchesRedirectUri(registered: string, sent: string): boolean {
  if (registered === sent) return !wildcardPort.test(sent)
  const match = wildcardPort.exec(registered)
  if (match === null) return false
  const start = `${match[1]}:`
  const rest = registered.slice(start.length + 1)
  if (!sent.startsWith(start) || !sent.endsWith(rest)) return false
  return /^\d{1,5}$/.test(sent.slice(start.length, sent.length - rest.length))
}
