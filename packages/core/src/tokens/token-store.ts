/** One row: an opaque value and the identity of the write that put it there. */
export interface StoreEntry {
  /** Never reused for a key. Chosen by the caller, random. */
  readonly revision: string
  /** Opaque; never interpreted by the store. */
  readonly value: string
  /** Unix milliseconds after which the store may drop the row. */
  readonly expiresAt: number
  /** Unix milliseconds from which the row wants attention; `Number.MAX_SAFE_INTEGER` for never. */
  readonly dueAt: number
}

/** A row as read: its entry and, where the backend can tell, its age. */
export interface StoredEntry extends StoreEntry {
  /** How long ago this revision was written, in milliseconds by the backend's own clock. */
  readonly ageMs?: number
  /** The value does not rest as a new write would leave it, under the newest key for instance; see `tokens.reseal`. */
  readonly outdated?: boolean
}

/** Some of a store's keys, and where to go on. */
export interface KeyPage {
  /** May be none, even before the end. */
  readonly keys: readonly string[]
  /** Given as `after`, continues the scan; absent at its end. Opaque; good for as long as the store's rows are. */
  readonly next?: string
}

/**
 * Persistence for grants. Three methods, each one atomic statement.
 *
 * Contract: each write is atomic against every other client of the same backend; a `true` is durable to the
 * backend's own promise; failures reject, they never resolve to `false`; `read` is never older than a write the
 * same client has seen succeed; a row past its `expiresAt` is as good as absent.
 */
export interface TokenStore {
  /** Gives the row, or `undefined` for one that is absent or past its `expiresAt`. */
  read(key: string): Promise<StoredEntry | undefined>
  /** Adds the row if the key is absent. Resolves to whether it did. */
  insert(key: string, entry: StoreEntry): Promise<boolean>
  /** Replaces the row if it still has `expectedRevision`. Resolves to whether it did. */
  replace(key: string, expectedRevision: string, entry: StoreEntry): Promise<boolean>
  /** Some of the keys under `prefix` that are due, other ones for each caller, none of `without`. */
  due?(query: {
    readonly prefix: string
    readonly before: number
    readonly limit: number
    readonly without?: readonly string[]
  }): Promise<readonly string[]>
  /**
   * Optional: the keys under `prefix`, due or not, page by page. `limit` is what the caller would like; a page may hold
   * fewer or somewhat more, even none, and only a missing `next` ends the scan.
   *
   * Each key that is present during the whole scan is given at least once; the order is free, and a key may come twice.
   */
  scan?(query: { readonly prefix: string; readonly after?: string; readonly limit: number }): Promise<KeyPage>
}
