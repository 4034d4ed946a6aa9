/**
 * Where TikTok is. Overridable in code only; every address is https, or http on a loopback host.
 * The emulator's `endpoints` is such an object.
 */
export interface Endpoints {
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  readonly revocationEndpoint: string
  readonly qrCodeEndpoint: string
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
  readonly clientSecret: string
  /** Absolute, static, registered in the portal. Needed for the authorization URL and the code exchange. */
  readonly redirectUri?: string
  /** Default: `desktop` for a loopback `redirectUri`, `web` otherwise. */
  readonly platform?: Platform
  /** Default by platform: on for desktop, off for web. */
  readonly pkce?: boolean
  /** Default `hex`. */
  readonly codeChallengeEncoding?: CodeChallengeEncoding
  readonly endpoints?: Partial<Endpoints>
  /** Used for every request when given; otherwise the fastest client this host has. */
  readonly fetch?: typeof globalThis.fetch
  /** Total deadline of one request, in milliseconds. Default 10 000. A refresh is never aborted by it. */
  readonly timeoutMs?: number
  /** The wall clock, in Unix milliseconds. Default `Date.now`; give the emulator's `now` to move time in tests. */
  readonly now?: () => number
}
