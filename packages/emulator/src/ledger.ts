import type { RotationBehavior } from './behavior.ts'
import { OAuthFault } from './errors.ts'
import { restoreGrant, saveGrant } from './ledger-state.ts'
import type { SavedGrant } from './ledger-state.ts'
import { createTokenMint } from './token-mint.ts'
import type { TokenMint } from './token-mint.ts'
import type { Family, Grant, IssuedPair, LedgerOptions, Token } from './ledger-types.ts'

/** Who allowed what to whom. */
export interface Approval {
  readonly clientKey: string
  readonly userId: string
  readonly openId: string
  readonly unionId: string
  readonly scope: readonly string[]
}

/** Remembers grants and every token ever issued. */
export interface Ledger {
  /** Issues the first pair of a login, reviving or creating the grant. */
  issue(approval: Approval): IssuedPair
  /** Issues a token for the app itself. */
  issueClientToken(clientKey: string): Token
  /**
   * Trades a refresh token for the next pair, under the rules of the moment.
   *
   * @throws OAuthFault `invalid_grant` when it is unknown, another app's, dead or expired.
   */
  refresh(value: string, clientKey: string): IssuedPair
  /** Kills every token of a grant and takes the app off the user's list. */
  remove(grant: Grant): void
  /** Finds a token by its value, dead ones included. */
  find(value: string): Token | undefined
  /** Finds the living grant of a user for an app. */
  findGrant(clientKey: string, userId: string): Grant | undefined
  /** Lists all grants, removed ones included, oldest first. */
  grants(): readonly Grant[]
  /** Tells whether a token may still be used. */
  isLive(token: Token): boolean
  /** Gives all grants as plain data. */
  saved(): readonly SavedGrant[]
}

/** Names whose grant for which app this is. */
function nameGrant({ clientKey, userId }: Pick<Grant, 'clientKey' | 'userId'>): string {
  return JSON.stringify([clientKey, userId])
}

const refused = 'Refresh token is invalid or expired.'

/** Makes a ledger with the grants that another one had. */
export function createLedger(options: LedgerOptions, saved: readonly SavedGrant[] = []): Ledger {
  const mint = createTokenMint(options)
  const grants = saved.map((grant) => restoreGrant(grant, mint.keep))
  const isLive = (token: Token) => token.state === 'live' && token.expiresAt > options.now()
  const active = new Map(
    grants.filter(({ state }) => state === 'active').map((grant) => [nameGrant(grant), grant]),
  )
  const findGrant = (clientKey: string, userId: string) => active.get(nameGrant({ clientKey, userId }))

  function connect(approval: Approval): Grant {
    const known = findGrant(approval.clientKey, approval.userId)
    if (known !== undefined) {
      known.scope = approval.scope
      return known
    }
    const grant: Grant = {
      ...approval,
      id: `grant-${grants.length + 1}`,
      state: 'active',
      createdAt: options.now(),
      rotations: 0,
      families: [],
    }
    grants.push(grant)
    active.set(nameGrant(grant), grant)
    return grant
  }

  return {
    isLive,
    findGrant,
    issue(approval) {
      const grant = connect(approval)
      const family: Family = { grant, scope: approval.scope, tokens: [], refreshDeadlineAt: undefined }
      grant.families.push(family)
      return mint.pair(family)
    },
    issueClientToken: (clientKey) => mint.clientToken(clientKey),
    refresh(value, clientKey) {
      const token = mint.find(value)
      if (token?.kind !== 'refresh' || token.family === undefined || token.clientKey !== clientKey) {
        throw new OAuthFault('invalid_grant', refused)
      }
      if (token.state === 'consumed') return reuse(token, token.family, { options, mint })
      if (!isLive(token)) throw new OAuthFault('invalid_grant', refused)
      return rotate(token, token.family, { options, mint })
    },
    remove(grant) {
      grant.state = 'removed'
      active.delete(nameGrant(grant))
      grant.families.forEach(revokeFamily)
    },
    find: (value) => mint.find(value),
    grants: () => grants,
    saved: () => grants.map(saveGrant),
  }
}

interface Parts {
  readonly options: LedgerOptions
  readonly mint: TokenMint
}

function rotate(token: Token, family: Family, { options, mint }: Parts): IssuedPair {
  const { rotation, oldAccessTokenAfterRefresh, refreshRestartsLife } = options.behavior()
  family.grant.rotations += 1
  if (oldAccessTokenAfterRefresh === 'dies') revokeTokens(family, 'access')
  if (rotation === 'same' || rotation === 'omit') {
    if (refreshRestartsLife) token.expiresAt = mint.refreshExpiry(family)
    return { access: mint.access(family), refresh: token, showRefresh: rotation === 'same' }
  }
  const pair = mint.pair(family)
  if (rotation === 'none') return pair
  token.state = 'consumed'
  token.consumedAt = options.now()
  token.successor = pair
  return pair
}

/** What a refresh token that was already used still brings: under a grace period a pair, otherwise a refusal. */
function reuse(token: Token, family: Family, { options, mint }: Parts): IssuedPair {
  const { rotation, reuse: punishment } = options.behavior()
  const again = withinGrace(token, rotation, options.now()) ? token.successor : undefined
  if (again?.refresh.state === 'live' && typeof rotation === 'object') {
    if (rotation.reply !== 'new_pair') return again
    family.grant.rotations += 1
    return mint.pair(family)
  }
  if (punishment === 'revoke_family') revokeFamily(family)
  throw new OAuthFault('invalid_grant', refused)
}

function withinGrace(token: Token, rotation: RotationBehavior, now: number): boolean {
  return typeof rotation === 'object' && now - (token.consumedAt ?? -Infinity) < rotation.graceMs
}

function revokeFamily(family: Family): void {
  revokeTokens(family, 'access')
  revokeTokens(family, 'refresh')
}

function revokeTokens(family: Family, kind: Token['kind']): void {
  for (const token of family.tokens) {
    if (token.kind === kind && token.state === 'live') token.state = 'revoked'
  }
}
