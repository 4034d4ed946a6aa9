/** Where a client finds the emulated TikTok; its names are those of the client's own options. */
export interface EmulatorEndpoints {
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  readonly revocationEndpoint: string
  readonly qrCodeEndpoint: string
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
