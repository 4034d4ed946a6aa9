/**
 * The validated form of a token response.
 *
 * Plain data: JSON keeps everything, so an app can store it; printing it shows no token. Instants are Unix
 * milliseconds.
 */
export interface TokenSet {
  /** TikTok's id of the user for this app. */
  readonly openId: string
  /** What was granted, which may be less than was asked for. */
  readonly scope: readonly string[]
  readonly tokenType: string
  readonly accessToken: string
  readonly issuedAt: number
  /** `undefined`: TikTok did not say; refreshed when TikTok refuses the token. */
  readonly expiresAt: number | undefined
  readonly refreshToken: string
  readonly refreshTokenExpiresAt: number | undefined
}

/** A token of the app itself (client credentials), good for TikTok's research APIs only. */
export interface ClientToken {
  readonly accessToken: string
  readonly tokenType: string
  readonly expiresAt: number
}
