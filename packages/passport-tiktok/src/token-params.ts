import type { Login, TokenSet } from '@tiktok-auth/core'
import type { TikTokAuthInfo } from './options.ts'

/** What TikTok's token endpoint said, by the names Passport's users know it by. Printing it shows no token. */
export interface TokenParams {
  /** What API calls carry. */
  readonly access_token: string
  /** Works once. */
  readonly refresh_token: string
  /** Always `Bearer`. */
  readonly token_type: string
  /** TikTok's id of the user for this app. */
  readonly open_id: string
  /** What was granted, joined by commas. */
  readonly scope: string
  /** Seconds, counted from the login. */
  readonly expires_in?: number
  /** Seconds, counted from the login. */
  readonly refresh_expires_in?: number
  /** The same, checked and with absolute deadlines, to be stored or given to `tokens.save`. */
  readonly tokenSet: TokenSet
  /** What `req.authInfo` will say of this login: the application data it was started with, where it leads. */
  readonly info: TikTokAuthInfo
}

const tokenFields: readonly string[] = ['access_token', 'refresh_token']

/** Writes a login as what `info` says of it. */
export function infoOf({ data, returnTo = '/', openId, scope, missingScope }: Login): TikTokAuthInfo {
  return { ...(data !== undefined && { state: data }), returnTo, openId, scope, missingScope }
}

/** Writes a login as the `params` of a verify callback. */
export function tokenParams(login: Login): TokenParams {
  const { tokenSet } = login
  const { issuedAt, expiresAt, refreshTokenExpiresAt } = tokenSet
  const params: TokenParams = {
    access_token: tokenSet.accessToken,
    refresh_token: tokenSet.refreshToken,
    token_type: tokenSet.tokenType,
    open_id: tokenSet.openId,
    scope: tokenSet.scope.join(','),
    ...(expiresAt !== undefined && { expires_in: seconds(expiresAt - issuedAt) }),
    ...(refreshTokenExpiresAt !== undefined && {
      refresh_expires_in: seconds(refreshTokenExpiresAt - issuedAt),
    }),
    tokenSet,
    info: infoOf(login),
  }
  return Object.defineProperty(params, Symbol.for('nodejs.util.inspect.custom'), {
    value: () =>
      Object.fromEntries(
        Object.entries(params).map(([name, value]) => [
          name,
          tokenFields.includes(name) ? '[hidden]' : value,
        ]),
      ),
  })
}

function seconds(ms: number): number {
  return Math.round(ms / 1000)
}
