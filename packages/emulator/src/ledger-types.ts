import type { EmulatorBehavior } from './behavior.ts'

/** One token that was issued, and what became of it. */
export interface Token {
  readonly kind: 'access' | 'refresh' | 'client'
  readonly value: string
  readonly clientKey: string
  /** The login it came of; a client token has none. */
  readonly family: Family | undefined
  readonly scope: readonly string[]
  readonly issuedAt: number
  expiresAt: number
  state: 'live' | 'consumed' | 'revoked'
  consumedAt?: number
  /** The pair that replaced it. */
  successor?: IssuedPair
}

/** All tokens that came of one login. */
export interface Family {
  readonly grant: Grant
  readonly scope: readonly string[]
  readonly tokens: Token[]
  /** When refresh tokens of this login end if refreshing does not restart their life. */
  refreshDeadlineAt: number | undefined
}

/** What one user has granted one app. */
export interface Grant {
  readonly id: string
  readonly clientKey: string
  readonly userId: string
  readonly openId: string
  readonly unionId: string
  readonly createdAt: number
  scope: readonly string[]
  state: 'active' | 'removed'
  rotations: number
  readonly families: Family[]
}

/** An access token with its refresh token. */
export interface IssuedPair {
  readonly access: Token
  readonly refresh: Token
  /** Whether the reply names the refresh token. */
  readonly showRefresh: boolean
}

/** What the ledger asks of its surroundings. */
export interface LedgerOptions {
  readonly now: () => number
  readonly behavior: () => EmulatorBehavior
}
