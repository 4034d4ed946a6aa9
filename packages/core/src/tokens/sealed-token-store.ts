import { StoreError } from '../errors.ts'
import { SealError } from '../sealer.ts'
import type { SealContext, Sealer, SealFailure } from '../sealer.ts'
import type { StoreEntry, TokenStore } from './token-store.ts'

/** Options of {@link sealedTokenStore}. */
export interface SealedTokenStoreOptions {
  /** Reads rows that were stored before encryption; every write seals. For the time of a migration only. */
  readonly acceptPlainRows?: boolean
}

const buckets = 256
const loneSurrogate = /\p{Surrogate}/u

/**
 * Encrypts what `store` keeps: each value is bound to its row and to the one write that put it there, so that no row
 * can be moved between users, clients or revisions. It does not protect against somebody who puts back a whole row.
 *
 * A row that cannot be opened is a `store` error that carries its revision; a new login replaces it.
 *
 * @example const store = sealedTokenStore(memoryTokenStore(), createSealer([{ id: 'k1', key }]))
 */
export function sealedTokenStore(
  store: TokenStore,
  sealer: Sealer,
  { acceptPlainRows = false }: SealedTokenStoreOptions = {},
): TokenStore {
  async function seal(key: string, entry: StoreEntry): Promise<StoreEntry> {
    // Encoding would turn half a surrogate pair into another character, without a word.
    if (loneSurrogate.test(entry.value))
      throw new StoreError('seal', { problem: 'the value is no well-formed text.' })
    try {
      return { ...entry, value: await sealer.seal(entry.value, contextOf(key, entry.revision)) }
    } catch (error) {
      throw new StoreError('seal', { cause: error })
    }
  }
  const due = store.due?.bind(store)
  const scan = store.scan?.bind(store)

  return {
    async read(key) {
      const entry = await store.read(key)
      if (entry === undefined) return undefined
      if (acceptPlainRows && entry.value.startsWith('{')) return { ...entry, outdated: true }
      const { revision } = entry
      try {
        const value = await sealer.open(entry.value, contextOf(key, revision))
        return { ...entry, value, outdated: (await sealer.isCurrent?.(entry.value)) !== true }
      } catch (error) {
        throw new StoreError('read', { problem: problemOf(error), revision, cause: error })
      }
    },
    insert: async (key, entry) => store.insert(key, await seal(key, entry)),
    replace: async (key, expectedRevision, entry) =>
      store.replace(key, expectedRevision, await seal(key, entry)),
    ...(due && { due }),
    ...(scan && { scan }),
  }
}

/** What whoever runs the app can do about a row that does not open. */
function problemOf(error: unknown): string {
  const reason = error instanceof SealError ? error.reason : undefined
  if (reason === undefined) return 'the row cannot be opened; see the cause.'
  return problems[reason]
}

const problems: Readonly<Record<SealFailure, string>> = {
  unknown_key: 'the row was sealed under a key that is not at hand; put that key back, behind the newest.',
  altered:
    'the row was altered, or sealed under another key of the same id; compare the keys of all processes.',
  malformed:
    'the row is not sealed; if it was stored before encryption, `acceptPlainRows` of sealedTokenStore reads it.',
}

function contextOf(key: string, revision: string): SealContext {
  return { purpose: 'grant', context: [key, revision], bucket: bucketOf(key) }
}

/** Spreads row keys evenly over the derived keys (FNV-1a), so that none seals more than its nonces allow. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  }
  return (hash ^ (hash >>> 8) ^ (hash >>> 16) ^ (hash >>> 24)) & (buckets - 1)
}
