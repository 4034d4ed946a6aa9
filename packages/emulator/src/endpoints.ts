/** Where a client finds the emulated TikTok; its names are those of the client's own options. */
export interface EmulatorEndpoints {
  /** Where browsers are sent. */
  readonly authorizationEndpoint: string
  /** For codes, refreshes and client tokens. */
  readonly tokenEndpoint: string
  /** For the end of a grant. */
  readonly revocationEndpoint: string
  /** For the beginning of a login by QR code. */
  readonly qrCodeEndpoint: string
  /** For asking what became of it. */
  readonly qrCodeStatusEndpoint: string
  /** For user info and the other resource calls. */
  readonly apiOrigin: string
}

/** Names every endpoint, at TikTok's own addresses or under one origin. */
export function createEndpoints(origin?: string): EmulatorEndpoints {
  const api = origin ?? 'https://open.tiktokapis.com'
  return {
    authorizationEndpoint: `${origin ?? 'https://www.tiktok.com'}/v2/auth/authorize/`,
    tokenEndpoint: `${api}/v2/oauth/token/`,
    revocationEndpoint: `${api}/v2/oauth/revoke/`,
    qrCodeEndpoint: `${api}/v2/oauth/get_qrcode/`,
    qrCodeStatusEndpoint: `${api}/v2/oauth/check_qrcode/`,
    apiOrigin: api,
  }
}
