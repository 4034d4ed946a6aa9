import type { ClientToken, TokenSet } from './token-set.ts'
import type { UserInfo, UserInfoField } from './user-info.ts'

/** What an authorization request says. */
export interface AuthorizationRequest {
  readonly state: string
  readonly scope: readonly string[]
  readonly codeChallenge?: string
  /** Always show the consent page, even to a user who has consented before. */
  readonly disableAutoAuth?: boolean
  /** Further parameters; none may be one that this library sets. */
  readonly extra?: Readonly<Record<string, string>>
}

/** Speaks to TikTok. Knows no browser and stores nothing. */
export interface TikTokClient {
  readonly clientKey: string
  readonly redirectUri: string | undefined
  readonly pkce: boolean
  readonly codeChallengeEncoding: 'hex' | 'base64url'
  readonly timeoutMs: number
  authorizationUrl(request: AuthorizationRequest): URL
  exchangeCode(request: {
    readonly code: string
    readonly codeVerifier?: string
    readonly redirectUri?: string
    /** What was asked for: taken as granted only where TikTok's reply names no scope (RFC 6749, section 5.1). */
    readonly requestedScope?: readonly string[]
  }): Promise<TokenSet>
  /** `previous` fills what a reply leaves out: refresh token, its deadline, scope. */
  refresh(refreshToken: string, previous?: TokenSet): Promise<TokenSet>
  revoke(accessToken: string): Promise<void>
  clientToken(): Promise<ClientToken>
  userInfo(accessToken: string, fields: readonly UserInfoField[]): Promise<UserInfo>
  /** One request to TikTok's API with this access token: other origins refused, redirects not followed. */
  fetch(accessToken: string, path: string, init?: RequestInit): Promise<Response>
}
