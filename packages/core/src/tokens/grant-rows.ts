import { StoreError } from '../errors.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import type { Clock } from './clock.ts'
import type { Emit } from './events.ts'
import { parseRecord, serializeRecord } from './grant-codec.ts'
import type { GrantRecord } from './grant-record.ts'
import { isRemoved } from './grant-record.ts'
import type { StoreCall } from './store-call.ts'
import { asStoreError, callUnbounded } from './store-call.ts'
import type { StoredEntry, StoreEntry, TokenStore } from './token-store.ts'

const dayMs = 24 * 3_600_000
const keptAfterDeadlineMs = 30 * dayMs
const keptWithoutDeadlineMs = 400 * dayMs
const tombstoneMs = 7 * dayMs

/** `dueAt` of a row that wants no attention. */
export const never: number = Number.MAX_SAFE_INTEGER

/** Whose row it is. */
export interface GrantKey {
  readonly key: string
  readonly openId: string
}

/** A row, read and understood. */
export interface GrantRow<Record extends GrantRecord = GrantRecord> {
  readonly revision: string
  readonly dueAt: number
  readonly expiresAt: number
  readonly ageMs: number | undefined
  readonly record: Record
  /** Whether the store would keep the same value otherwise by now, under a newer key for instance. */
  readonly outdated?: boolean | undefined
}

/** One conditional write. `expected: undefined` adds the row, otherwise it replaces that revision. */
export interface GrantWrite {
  readonly expected: string | undefined
  readonly record: GrantRecord
  readonly dueAt: number
}

/** The store as the rest of `tokens/` sees it: records instead of text, typed errors, no lost acknowledgement. */
export interface GrantRows {
  /** @throws `store` when the store fails, does not answer, or the row cannot be read. */
  read(grant: GrantKey): Promise<GrantRow | undefined>
  /** Reads for a caller who gives up by himself when the store does not answer. */
  look(grant: GrantKey): Promise<GrantRow | undefined>
  /**
   * Resolves to the revision of the row when this write won, to `undefined` when somebody else's did.
   *
   * @throws `store` when the store fails and the row does not carry this write.
   */
  write(grant: GrantKey, write: GrantWrite): Promise<string | undefined>
  /**
   * Writes a row again just as it is, and thereby as the store keeps rows now. Resolves to whether this write won.
   *
   * @throws `store`.
   */
  rewrite(grant: GrantKey, row: GrantRow): Promise<boolean>
}

/** What the view of a store needs besides the store. */
export interface RowsParts {
  readonly clock: Clock
  readonly emit: Emit
  readonly call: StoreCall
}

/** Makes the view of `store` that everything else in this folder works on. */
export function createGrantRows(store: TokenStore, { clock, emit, call }: RowsParts): GrantRows {
  async function read({ key, openId }: GrantKey, by: StoreCall): Promise<GrantRow | undefined> {
    try {
      return understood(asEntry(await by('read', () => store.read(key))))
    } catch (error) {
      if (unreadableRevision(error) !== undefined) emit({ type: 'row_unreadable', openId, error })
      throw error
    }
  }
  function put(key: string, expected: string | undefined, entry: StoreEntry): Promise<string | undefined> {
    return write({ store, call }, { key, expected, entry })
  }
  return {
    read: (grant) => read(grant, call),
    look: (grant) => read(grant, callUnbounded),
    async write({ key }, { expected, record, dueAt }) {
      const value = serializeRecord(record)
      const entry = { revision: clock.id(), value, expiresAt: expiryOf(record, clock.now()), dueAt }
      return put(key, expected, entry)
    },
    async rewrite({ key }, { revision, record, expiresAt, dueAt }) {
      const entry = { revision: clock.id(), value: serializeRecord(record), expiresAt, dueAt }
      return (await put(key, revision, entry)) !== undefined
    },
  }
}

interface Target {
  readonly store: TokenStore
  readonly call: StoreCall
}

async function write(
  target: Target,
  { key, expected, entry }: { key: string; expected: string | undefined; entry: StoreEntry },
): Promise<string | undefined> {
  const { store, call } = target
  const operation = expected === undefined ? 'insert' : 'replace'
  let failure: StoreError | undefined
  try {
    const won: unknown = await call(operation, () =>
      expected === undefined ? store.insert(key, entry) : store.replace(key, expected, entry),
    )
    // Anything but a plain yes, such as a driver's description of what it did, proves nothing.
    if (won === true) return entry.revision
  } catch (error) {
    failure = asStoreError(operation, error)
  }
  // A write that threw, or that a driver sent twice, may be in force all the same: only the row can tell.
  const found = await readRevision(target, key, failure)
  if (found === entry.revision) return found
  // Where the row has moved on, somebody else's write decided the matter, whatever became of this one.
  if (failure !== undefined && found === expected) throw failure
  return undefined
}

async function readRevision(
  { store, call }: Target,
  key: string,
  failure: StoreError | undefined,
): Promise<string | undefined> {
  try {
    return asEntry(await call('read', () => store.read(key)))?.revision
  } catch (error) {
    const revision = unreadableRevision(error)
    if (revision === undefined) throw failure ?? error
    return revision
  }
}

function understood(entry: StoredEntry | undefined): GrantRow | undefined {
  if (entry === undefined) return undefined
  const { revision, value, dueAt, expiresAt, ageMs, outdated } = entry
  const parsed = parseRecord(value)
  if ('problem' in parsed) throw new StoreError('read', { problem: parsed.problem, revision })
  const age = typeof ageMs === 'number' && Number.isFinite(ageMs) ? ageMs : undefined
  return { revision, dueAt, expiresAt, ageMs: age, record: parsed.record, outdated }
}

/** A row as the store gave it. Stores are made by many hands, so what they give is looked at. */
function asEntry(given: unknown): StoredEntry | undefined {
  if (given === undefined || given === null) return undefined
  const { revision, value, expiresAt, dueAt } = given as Partial<Record<keyof StoredEntry, unknown>>
  const isText = typeof revision === 'string' && typeof value === 'string'
  if (isText && typeof expiresAt === 'number' && typeof dueAt === 'number') return given as StoredEntry
  const problem = 'what it gave is no row: `revision` and `value` are text, `expiresAt` and `dueAt` numbers.'
  throw new StoreError('read', { problem, ...(typeof revision === 'string' && { revision }) })
}

/** The revision of a row that is there but cannot be read, from the error that says so. */
export function unreadableRevision(error: unknown): string | undefined {
  return asStoreError('read', error).revision
}

function expiryOf(record: GrantRecord, now: number): number {
  if (isRemoved(record)) return now + tombstoneMs
  const deadline = record.tokenSet.refreshTokenExpiresAt
  if (deadline === undefined) return now + keptWithoutDeadlineMs
  // A deadline that has passed ends nothing: only TikTok's refusal does.
  return Math.min(never, Math.max(now, deadline) + keptAfterDeadlineMs)
}

/** When a healthy grant wants attention: half way through its refresh token's life, or before its access token ends. */
export function dueAtOf(tokenSet: TokenSet, leadMs: number | undefined): number {
  const { issuedAt, expiresAt, refreshTokenExpiresAt } = tokenSet
  const life = refreshTokenExpiresAt === undefined ? 60 * dayMs : refreshTokenExpiresAt - issuedAt
  const grantDueAt = issuedAt + Math.max(0, life) / 2
  if (leadMs === undefined || expiresAt === undefined) return Math.floor(grantDueAt)
  return Math.floor(Math.min(grantDueAt, expiresAt - leadMs))
}
