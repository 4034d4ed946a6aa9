import { ConfigurationError } from '../errors.ts'
import {
  assertBoolean,
  assertCredential,
  assertDuration,
  assertFunction,
  assertOneOf,
  assertRecord,
  assertString,
  isAbsent,
  isPlaceholder,
  unsetHint,
} from './assert.ts'
import { isLoopbackHost, resolveEndpoints } from './endpoints.ts'

/**
 * Where TikTok is. Overridable in code only; every address is https, or http on a loopback host.
 * The emulator's `endpoints` is such an object.
 */
export interface Endpoints {
  /** Where browsers are sent. TikTok: `https://www.tiktok.com/v2/auth/authorize/`. */
  readonly authorizationEndpoint: string
  /** For codes, refreshes and client tokens. TikTok: `https://open.tiktokapis.com/v2/oauth/token/`. */
  readonly tokenEndpoint: string
  /** TikTok: `https://open.tiktokapis.com/v2/oauth/revoke/`. */
  readonly revocationEndpoint: string
  /** TikTok: `https://open.tiktokapis.com/v2/oauth/get_qrcode/`. */
  readonly qrCodeEndpoint: string
  /** TikTok: `https://open.tiktokapis.com/v2/oauth/check_qrcode/`. */
  readonly qrCodeStatusEndpoint: string
  /** For user info and `tokens.fetch('/v2/…')`. */
  readonly apiOrigin: string
}

/** The platform registered in TikTok's portal: it decides redirect-URI rules and whether PKCE is used. */
export type Platform = 'web' | 'desktop'

/** How the code challenge is written: TikTok wants hex, RFC 7636 says base64url. */
export type CodeChallengeEncoding = 'hex' | 'base64url'

/** Options of {@link createTikTokClient}. */
export interface TikTokClientOptions {
  /** The app's client key, as the portal shows it. */
  readonly clientKey: string
  /** The app's secret, as the portal shows it beside the key. */
  readonly clientSecret: string
  /** Absolute, static, registered in the portal. Needed for the authorization URL and the code exchange. */
  readonly redirectUri?: string
  /** Default: `desktop` for a loopback `redirectUri`, `web` otherwise. */
  readonly platform?: Platform
  /** Default by platform: on for desktop, off for web. */
  readonly pkce?: boolean
  /** Default `hex`. */
  readonly codeChallengeEncoding?: CodeChallengeEncoding
  /** Where TikTok is, for the emulator and the like. Default: TikTok itself. */
  readonly endpoints?: Partial<Endpoints>
  /** Used for every request when given; otherwise the fastest client this host has. */
  readonly fetch?: typeof globalThis.fetch
  /** Total deadline of one request, in milliseconds. Default 10 000. A refresh is never aborted by it. */
  readonly timeoutMs?: number
  /** The wall clock, in Unix milliseconds. Default `Date.now`; give the emulator's `now` to move time in tests. */
  readonly now?: () => number
}

/** The checked and completed options. Holds the secret: it never leaves the client's closure. */
export interface ResolvedClientOptions {
  readonly clientKey: string
  readonly clientSecret: string
  readonly redirectUri: string | undefined
  readonly platform: Platform
  readonly pkce: boolean
  readonly codeChallengeEncoding: CodeChallengeEncoding
  readonly endpoints: Endpoints
  readonly fetch: typeof globalThis.fetch | undefined
  readonly timeoutMs: number
  readonly now: () => number
}

/**
 * Checks every option once and fills in the defaults. Members it does not know are ignored.
 *
 * @throws `configuration` naming the option, never its value.
 */
export function resolveClientOptions(options: TikTokClientOptions): ResolvedClientOptions {
  assertRecord(options, 'options')
  const { fetch, now = Date.now, timeoutMs = 10_000, codeChallengeEncoding = 'hex' } = options
  if (fetch !== undefined) assertFunction(fetch, 'fetch')
  assertFunction(now, 'now')
  const clientKey = assertCredential(options.clientKey, 'clientKey')
  const clientSecret = assertCredential(options.clientSecret, 'clientSecret')
  const redirect =
    options.redirectUri === undefined ? undefined : checkRedirectUri(options.redirectUri, options.platform)
  const platform = redirect?.platform ?? checkPlatform(options.platform) ?? 'web'
  return {
    clientKey,
    clientSecret,
    redirectUri: redirect?.redirectUri,
    platform,
    pkce: options.pkce === undefined ? platform === 'desktop' : assertBoolean(options.pkce, 'pkce'),
    codeChallengeEncoding: assertOneOf(codeChallengeEncoding, ['hex', 'base64url'], 'codeChallengeEncoding'),
    endpoints: resolveEndpoints(options.endpoints),
    fetch,
    timeoutMs: assertDuration(timeoutMs, { min: 1, max: 300_000 }, 'timeoutMs'),
    now,
  }
}

function checkPlatform(platform: unknown): Platform | undefined {
  return platform === undefined ? undefined : assertOneOf<Platform>(platform, ['web', 'desktop'], 'platform')
}

/**
 * Checks a redirect URI by TikTok's rules for its platform and returns it unchanged: TikTok compares byte for byte.
 *
 * `platform` left out: desktop for a loopback host, web otherwise.
 *
 * @throws `configuration` naming the option.
 * @see https://developers.tiktok.com/doc/login-kit-web
 * @see https://developers.tiktok.com/doc/login-kit-desktop
 */
export function checkRedirectUri(
  value: unknown,
  platform?: Platform,
  option = 'redirectUri',
): { readonly redirectUri: string; readonly platform: Platform } {
  const refuse = (problem: string, hint?: string): ConfigurationError =>
    new ConfigurationError(option, problem, hint)
  if (isAbsent(value)) throw refuse('is missing.', unsetHint)
  const text = assertString(value, option)
  if (isPlaceholder(text)) throw refuse('is a placeholder, not a value.', unsetHint)
  if (text.length >= 512) throw refuse('must be shorter than 512 characters.')
  if (!/^[\x21-\x7e]+$/.test(text)) throw refuse('must be visible ASCII characters without white space.')
  if (/[?#]/.test(text)) throw refuse('must not have a query or a fragment.', carryHint)
  const [, authority, path] = /^https?:\/\/([^/\\]+)(.*)$/i.exec(text) ?? []
  if (authority === undefined || authority.includes('*') || !URL.canParse(text)) {
    throw refuse(
      'must be an absolute http or https URL with a definite host and port.',
      'Give the whole address, as it is registered; the `*` that the portal accepts as a port is for registering only.',
    )
  }
  const url = new URL(text)
  if (authority.includes('@')) throw refuse('must not contain a user name or password.')
  if (authority.replace(/:\d*$/, '').toLowerCase() !== url.hostname) {
    throw refuse(
      'must have its host in normalized form.',
      'Write an international domain name in its `xn--` form.',
    )
  }
  // What the browser asks for later is the normalized path; another spelling here would never be recognized.
  if (path !== url.pathname && path !== '') throw refuse('must have its path in normalized form.')
  const kind = checkPlatform(platform) ?? (isLoopbackHost(url.hostname) ? 'desktop' : 'web')
  const problem = kind === 'desktop' ? desktopProblem(url, authority) : webProblem(url)
  if (problem !== undefined) throw refuse(...problem)
  return { redirectUri: text, platform: kind }
}

const carryHint = 'TikTok registers none. Where to go after a login is for its `returnTo` to say.'

function webProblem(url: URL): [string, string] | undefined {
  if (url.protocol === 'https:') return undefined
  return [
    'must be https for an app of platform `web`.',
    'For local work register the Desktop platform in the portal and use http://127.0.0.1 with a port, or use a tunnel.',
  ]
}

function desktopProblem(url: URL, authority: string): [string, string] | undefined {
  if (url.hostname !== 'localhost' && url.hostname !== '127.0.0.1') {
    return [
      'must have the host localhost or 127.0.0.1 for an app of platform `desktop`.',
      'For a public address register the Web platform in the portal and set `platform` to web.',
    ]
  }
  // `URL` drops a default port, so only the text tells whether one was written.
  if (!/:\d+$/.test(authority)) {
    return [
      'must name its port for an app of platform `desktop`.',
      'Write the port into the redirect URI here and in the portal, Login Kit, Redirect URI.',
    ]
  }
  return undefined
}
