import type { TokenStore } from '@tiktok-auth/core'
import type { Case } from '../case.ts'

/** A store under test, with what the store packages have beside the three methods. */
export interface TokenStoreHandle extends TokenStore {
  /** Creates or upgrades what the store needs in its backend. Safe to call again, by several at once. */
  setup?(): Promise<unknown>
  /** Drops rows that are past their `expiresAt`. */
  removeExpired?(): Promise<unknown>
}

/**
 * Two handles on one backend: what a store's author writes.
 *
 * The backend may be shared and full: each case works under a random key prefix of its own and looks at nothing else.
 * Its clock must be within a few minutes of this process's own.
 */
export interface TokenStoreSubject {
  /** The handle under test. */
  readonly store: TokenStoreHandle
  /**
   * Another handle on the same rows, as another server has: a connection of its own where there are connections.
   * A store that keeps its rows in the process gives itself again.
   */
  readonly second: TokenStoreHandle
  /** Makes a handle whose backend cannot be reached, such as one over a closed connection. */
  broken?(): Promise<TokenStoreHandle>
  /** Ends both handles; called once, at the end of the case. */
  close(): Promise<void>
}

/** Makes a subject; a case asks for one. */
export type CreateTokenStoreSubject = () => Promise<TokenStoreSubject>

/** What a store may lack and still keep grants. */
export type TokenStoreFeature =
  /** Has `due`. */
  | 'due'
  /** Has `scan`. */
  | 'scan'
  /** Gives `ageMs` with every row. */
  | 'age'
  /** The subject has `broken`. */
  | 'broken'
  /** Has `setup`. */
  | 'setup'
  /** Has `removeExpired`. */
  | 'removeExpired'

/** One rule for stores. */
export interface TokenStoreCase extends Case<TokenStoreSubject> {
  /** What a store must have for the case to apply; the case fails where it is missing. */
  readonly needs: readonly TokenStoreFeature[]
}
