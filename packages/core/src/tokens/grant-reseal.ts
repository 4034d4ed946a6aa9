import type { GrantContext } from './grant-claim.ts'
import { remainingDelay } from './grant-claim.ts'
import { isRemoved } from './grant-record.ts'
import type { GrantKey } from './grant-rows.ts'
import { unreadableRevision } from './grant-rows.ts'
import { lacks, requireRate } from './grant-due.ts'
import { createPace } from './pace.ts'
import { openIdOf } from './row-key.ts'
import { asKeys } from './store-call.ts'
import type { KeyPage, TokenStore } from './token-store.ts'

/** Options of `tokens.reseal`. */
export interface ResealOptions {
  /** How many rows a second are looked at, at most; up to 1 000. Default 100. */
  readonly perSecond?: number
}

/** What a resealing came to. What no other number counts rests under the newest key already. */
export interface ResealReport {
  /** How many rows were looked at. */
  readonly scanned: number
  /** Rest under the newest key now. */
  readonly resealed: number
  /** In use at that moment: claimed, backing off, or written by somebody else each time. Reseal again later. */
  readonly skipped: number
  /** Cannot be opened, or not understood. */
  readonly unreadable: number
  /** The store failed for these. */
  readonly failed: number
  /** The manager was closed before the end. */
  readonly stopped?: 'closed'
}

type Outcome = 'resealed' | 'skipped' | 'unreadable' | 'failed' | 'current'

const pageSize = 500
const mostAttempts = 3

/** Writes every row anew that does not rest as the store would keep it now. */
export async function reseal(
  context: GrantContext,
  { store, prefix }: { readonly store: TokenStore; readonly prefix: string },
  { perSecond = 100 }: ResealOptions,
): Promise<ResealReport> {
  requireRate(perSecond)
  const scan = store.scan?.bind(store)
  if (scan === undefined) throw lacks('scan', 'reseal')
  const { background, clock } = context
  const pace = createPace(clock, background)
  const tally = { resealed: 0, skipped: 0, unreadable: 0, failed: 0, current: 0 }
  for await (const key of keysOf(context, scan, prefix)) {
    await pace.turn(perSecond)
    if (background.closing) return { ...summary(tally), stopped: 'closed' }
    const openId = openIdOf(prefix, key)
    tally[openId === undefined ? 'unreadable' : await resealRow(context, { key, openId })]++
  }
  return summary(tally)
}

function summary({ current, ...tally }: Record<Outcome, number>): ResealReport {
  const scanned = current + tally.resealed + tally.skipped + tally.unreadable + tally.failed
  return { scanned, ...tally }
}

async function* keysOf(
  { call }: GrantContext,
  scan: NonNullable<TokenStore['scan']>,
  prefix: string,
): AsyncGenerator<string, void> {
  let after: string | undefined
  do {
    const query = { prefix, limit: pageSize, ...(after !== undefined && { after }) }
    const page: Partial<KeyPage> | undefined = await call('scan', () => scan(query))
    yield* asKeys('scan', page?.keys)
    after = page?.next
  } while (after !== undefined)
}

async function resealRow(context: GrantContext, grant: GrantKey): Promise<Outcome> {
  const { rows } = context
  try {
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const row = await rows.read(grant)
      if (row?.outdated !== true) return 'current'
      // A new revision would look like a new claim, and like a new back-off.
      const { record } = row
      const inUse = !isRemoved(record) && record.claim !== undefined
      if (inUse || (!isRemoved(record) && remainingDelay(context, grant.key, { ...row, record }) > 0)) {
        return 'skipped'
      }
      if (await rows.rewrite(grant, row)) return 'resealed'
    }
    return 'skipped'
  } catch (error) {
    return unreadableRevision(error) === undefined ? 'failed' : 'unreadable'
  }
}
