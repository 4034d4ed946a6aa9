import { RefreshPendingError } from '../errors.ts'
import { deadlinePassed, startCall } from './call.ts'
import type { GrantContext } from './grant-claim.ts'
import type { GrantRecord } from './grant-record.ts'
import { isRemoved } from './grant-record.ts'
import type { GrantRefresher } from './grant-refresher.ts'
import type { GrantKey } from './grant-rows.ts'

const pendingMs = 1_000

/** Tries a refused refresh token once more; resolves to what the row holds then. */
export async function retryRejected(
  context: GrantContext,
  refresher: GrantRefresher,
  { grant, waitMs }: { readonly grant: GrantKey; readonly waitMs: number },
): Promise<GrantRecord | undefined> {
  const call = startCall(context.clock, waitMs, undefined)
  try {
    const row = await call.race(context.rows.read(grant))
    if (row === undefined || isRemoved(row.record)) return row?.record
    const { record } = row
    if (record.rejected === undefined || record.revoking === true) return record
    const result = await call.race(refresher.join(grant, { ...row, record }).result)
    if (result.type === 'refreshed') return result.grant
    return (await call.race(context.rows.read(grant)))?.record
  } catch (error) {
    throw error === deadlinePassed ? new RefreshPendingError(pendingMs) : error
  } finally {
    call.finish()
  }
}
