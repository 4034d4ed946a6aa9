import type { Family, IssuedPair, LedgerOptions, Token } from './ledger-types.ts'
import { randomText } from './random.ts'

/** Makes tokens and finds them again. */
export interface TokenMint {
  /** Remembers a token that is there already. */
  keep(token: Token): Token
  /** Makes an access token for a login. */
  access(family: Family): Token
  /** Makes an access token and a refresh token for a login. */
  pair(family: Family): IssuedPair
  /** Makes a token for the app itself. */
  clientToken(clientKey: string): Token
  /** Returns when a refresh token issued now ends. */
  refreshExpiry(family: Family): number
  /** Finds a token by its value. */
  find(value: string): Token | undefined
}

// The ending needs percent-encoding in a form, so a client that encodes wrongly is found out.
const ending = '*1!4608.va'
const clientTokenLifetimeMs = 7_200_000

/** Makes a mint that has issued nothing yet. */
export function createTokenMint({ now, behavior }: LedgerOptions): TokenMint {
  const tokens = new Map<string, Token>()

  function keep(token: Token): Token {
    tokens.set(token.value, token)
    token.family?.tokens.push(token)
    return token
  }

  function make(kind: 'access' | 'refresh', family: Family, expiresAt: number): Token {
    const prefix = kind === 'access' ? 'act' : 'rft'
    const value = `${prefix}.${randomText(56)}${ending}`
    const { scope, grant } = family
    return keep({
      kind,
      value,
      clientKey: grant.clientKey,
      family,
      scope,
      issuedAt: now(),
      expiresAt,
      state: 'live',
    })
  }

  function refreshExpiry(family: Family): number {
    const fresh = now() + behavior().refreshTokenLifetimeMs
    if (behavior().refreshRestartsLife) return fresh
    return family.refreshDeadlineAt ?? fresh
  }

  const access = (family: Family) => make('access', family, now() + behavior().accessTokenLifetimeMs)

  return {
    keep,
    access,
    refreshExpiry,
    pair(family) {
      const refresh = make('refresh', family, refreshExpiry(family))
      family.refreshDeadlineAt ??= refresh.expiresAt
      return { access: access(family), refresh, showRefresh: true }
    },
    clientToken(clientKey) {
      const value = `clt.${randomText(56)}`
      const expiresAt = now() + clientTokenLifetimeMs
      return keep({
        kind: 'client',
        value,
        clientKey,
        family: undefined,
        scope: [],
        issuedAt: now(),
        expiresAt,
        state: 'live',
      })
    },
    find: (value) => tokens.get(value),
  }
}
