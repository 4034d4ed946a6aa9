import { StoreError } from '../errors.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import type { GrantContext } from './grant-claim.ts'
import type { Connection, GrantRecord, LiveGrant } from './grant-record.ts'
import { isRemoved } from './grant-record.ts'
import type { GrantKey } from './grant-rows.ts'
import { unreadableRevision } from './grant-rows.ts'
import { announceScope } from './grant-settle.ts'

const mostAttempts = 50

/** What a login brought. */
export interface Login {
  readonly tokenSet: TokenSet
  /** A connection of its own. A grant that has it was stored by an earlier attempt, and is left as it is by now. */
  readonly connection?: Connection
}

/**
 * Stores a login over whatever is there: nothing, a tombstone, a claim, a refused grant, an unreadable row.
 *
 * The connection keeps its id while the grant lives on and gets a new one otherwise, so that sessions of an ended
 * connection stay ended.
 *
 * @throws `store` when the store fails.
 */
export async function saveGrant(
  context: GrantContext,
  grant: GrantKey,
  { tokenSet, connection }: Login,
): Promise<LiveGrant> {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const { revision, record: earlier } = await find(context, grant)
    const live = earlier === undefined || isRemoved(earlier) ? undefined : earlier
    if (live !== undefined && live.connection.id === connection?.id) return live
    const id = live?.connection.id ?? context.clock.id()
    const record: LiveGrant = {
      v: 1,
      tokenSet,
      connection: connection ?? { id, at: context.clock.now() },
    }
    const write = { expected: revision, record, dueAt: context.dueAt(tokenSet) }
    if ((await context.rows.write(grant, write)) === undefined) continue
    context.watch.forget(grant.key)
    if (live !== undefined) {
      announceScope(context.emit, grant.openId, { before: live.tokenSet, after: tokenSet })
    }
    return record
  }
  throw new StoreError('replace', { problem: 'other writers, or the store itself, refused every attempt.' })
}

interface Found {
  readonly revision: string | undefined
  readonly record?: GrantRecord
}

async function find(context: GrantContext, grant: GrantKey): Promise<Found> {
  try {
    const row = await context.rows.read(grant)
    return row === undefined ? { revision: undefined } : row
  } catch (error) {
    // A changed key must not lock the user out for ever: the login replaces what nobody can read.
    const revision = unreadableRevision(error)
    if (revision === undefined) throw error
    return { revision }
  }
}
