import type { Family, Grant, IssuedPair, Token } from './ledger-types.ts'

/** A grant in a form that JSON can hold. */
export interface SavedGrant extends Omit<Grant, 'families'> {
  readonly families: readonly SavedFamily[]
}

interface SavedFamily {
  readonly scope: readonly string[]
  readonly refreshDeadlineAt: number | undefined
  readonly tokens: readonly SavedToken[]
}

interface SavedToken extends Pick<Token, 'value' | 'issuedAt' | 'expiresAt' | 'state' | 'consumedAt'> {
  readonly kind: 'access' | 'refresh'
  /** The values of the pair that replaced it. */
  readonly successor:
    { readonly access: string; readonly refresh: string; readonly showRefresh: boolean } | undefined
}

/** Writes a grant with every token that came of it. */
export function saveGrant({ families, ...grant }: Grant): SavedGrant {
  return {
    ...grant,
    families: families.map(({ scope, refreshDeadlineAt, tokens }) => ({
      scope,
      refreshDeadlineAt,
      tokens: tokens.map(saveToken),
    })),
  }
}

/** Makes the grant anew; `keep` remembers each token and puts it into its family. */
export function restoreGrant({ families, ...saved }: SavedGrant, keep: (token: Token) => Token): Grant {
  const grant: Grant = { ...saved, families: [] }
  for (const { scope, refreshDeadlineAt, tokens } of families) {
    const family: Family = { grant, scope, refreshDeadlineAt, tokens: [] }
    grant.families.push(family)
    for (const { successor: _, ...token } of tokens)
      keep({ ...token, clientKey: grant.clientKey, family, scope })
    joinSuccessors(family, tokens)
  }
  return grant
}

function saveToken({ kind, value, issuedAt, expiresAt, state, consumedAt, successor }: Token): SavedToken {
  return {
    kind: kind === 'refresh' ? kind : 'access',
    value,
    issuedAt,
    expiresAt,
    state,
    ...(consumedAt !== undefined && { consumedAt }),
    successor: successor && {
      access: successor.access.value,
      refresh: successor.refresh.value,
      showRefresh: successor.showRefresh,
    },
  }
}

function joinSuccessors(family: Family, saved: readonly SavedToken[]): void {
  const byValue = new Map(family.tokens.map((token) => [token.value, token]))
  for (const { value, successor } of saved) {
    const token = byValue.get(value)
    const pair = successor && pairOf(byValue.get(successor.access), byValue.get(successor.refresh))
    if (token && pair) token.successor = { ...pair, showRefresh: successor.showRefresh }
  }
}

function pairOf(
  access: Token | undefined,
  refresh: Token | undefined,
): Omit<IssuedPair, 'showRefresh'> | undefined {
  return access && refresh && { access, refresh }
}
