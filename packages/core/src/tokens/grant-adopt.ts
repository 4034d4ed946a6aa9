import { ConfigurationError, RefreshPendingError } from '../errors.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import { deadlinePassed, startCall } from './call.ts'
import type { GrantContext } from './grant-claim.ts'
import type { LiveGrant } from './grant-record.ts'
import type { GrantKey } from './grant-rows.ts'
import { saveGrant } from './grant-save.ts'

const firstPauseMs = 100
const longestPauseMs = 5_000
const pendingMs = 1_000

/** Takes over a refresh token that another system got. */
export type Adopter = (refreshToken: string) => Promise<LiveGrant>

/** Makes the adopter of one manager; simultaneous adoptions of one token share one request. */
export function createAdopter(
  context: GrantContext,
  { keyOf, waitMs }: { readonly keyOf: (openId: string) => GrantKey; readonly waitMs: number },
): Adopter {
  const running = new Map<string, Promise<LiveGrant>>()

  function join(refreshToken: string): Promise<LiveGrant> {
    const known = running.get(refreshToken)
    if (known !== undefined) return known
    const run = adopt(context, keyOf, refreshToken).finally(() => running.delete(refreshToken))
    running.set(refreshToken, run)
    context.background.track(run)
    return run
  }

  return async (refreshToken) => {
    if (typeof refreshToken !== 'string' || refreshToken === '') {
      throw new ConfigurationError('refreshToken', 'must be a refresh token.')
    }
    const call = startCall(context.clock, waitMs, undefined)
    try {
      return await call.race(join(refreshToken))
    } catch (error) {
      throw error === deadlinePassed ? new RefreshPendingError(pendingMs) : error
    } finally {
      call.finish()
    }
  }
}

async function adopt(
  context: GrantContext,
  keyOf: (openId: string) => GrantKey,
  refreshToken: string,
): Promise<LiveGrant> {
  const tokenSet = await context.client.refresh(refreshToken)
  const record = await keepSaving(context, keyOf(tokenSet.openId), tokenSet)
  context.emit({ type: 'adopted', openId: tokenSet.openId })
  return record
}

/** The token that was sent is used up, so nothing but this process knows a living one: storing it is tried until it is done. */
async function keepSaving(context: GrantContext, grant: GrantKey, tokenSet: TokenSet): Promise<LiveGrant> {
  const { background, clock, emit } = context
  // Tells a write of an earlier attempt, whose acknowledgement was lost, from anybody else's.
  const connection = { id: clock.id(), at: clock.now() }
  let pause = firstPauseMs
  for (let told = false; ; told = true) {
    try {
      return await saveGrant(context, grant, { tokenSet, connection })
    } catch (error) {
      if (!told) emit({ type: 'settle_delayed', openId: grant.openId, error })
      if (background.abandoned) throw error
    }
    await background.sleep(pause * clock.random(), true)
    pause = Math.min(longestPauseMs, pause * 2)
  }
}
