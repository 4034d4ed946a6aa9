import type { Token } from './ledger-types.ts'
import { shortHash } from './random.ts'
import type { World } from './world.ts'

/** One access or refresh token, and what became of it. */
export interface TokenSnapshot {
  /** What it is good for. */
  readonly kind: 'access' | 'refresh'
  /** The token itself. */
  readonly value: string
  /** {@link shortHash} of the token, as the journal names it. */
  readonly hash: string
  /** `live` works; `consumed` was traded for another; `revoked` and `expired` are dead. */
  readonly state: 'live' | 'consumed' | 'revoked' | 'expired'
  /** What it allows. */
  readonly scope: readonly string[]
  /** On the emulator's clock, in milliseconds since 1970. */
  readonly issuedAt: number
  /** On the emulator's clock, in milliseconds since 1970. */
  readonly expiresAt: number
}

/** What one user has granted one app, as it is at the moment. */
export interface GrantSnapshot {
  /** Names the grant to the emulator only. */
  readonly id: string
  /** The app's key. */
  readonly clientKey: string
  /** The user, as the emulator knows them. */
  readonly userId: string
  /** The user, as this app knows them. */
  readonly openId: string
  /** The user, as all apps of one developer know them. */
  readonly unionId: string
  /** What the last login granted. */
  readonly scope: readonly string[]
  /** `removed` after a revocation, or when the user removed the app. */
  readonly state: 'active' | 'removed'
  /** How many refreshes succeeded. */
  readonly rotations: number
  /** Every token ever issued under it, oldest first. */
  readonly tokens: readonly TokenSnapshot[]
}

/** Lists what was granted, oldest first. */
export function listGrants(world: World): readonly GrantSnapshot[] {
  return world.ledger
    .grants()
    .map(({ families, id, clientKey, userId, openId, unionId, scope, state, rotations }) => {
      const tokens = families.flatMap((family) => family.tokens.map((token) => describeToken(token, world)))
      return { id, clientKey, userId, openId, unionId, scope, state, rotations, tokens }
    })
}

function describeToken(token: Token, world: World): TokenSnapshot {
  const { value, scope, issuedAt, expiresAt } = token
  const expired = token.state === 'live' && !world.ledger.isLive(token)
  const kind = token.kind === 'refresh' ? 'refresh' : 'access'
  return {
    kind,
    value,
    hash: shortHash(value),
    state: expired ? 'expired' : token.state,
    scope,
    issuedAt,
    expiresAt,
  }
}
