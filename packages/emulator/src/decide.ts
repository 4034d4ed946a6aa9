import type { AuthorizeRequest } from './authorize.ts'
import { allowConsent, cancelConsent } from './consent.ts'
import type { Callback } from './consent.ts'
import { createLogId } from './log-id.ts'
import type { EmulatorUser } from './users.ts'
import type { World } from './world.ts'

/** What a person decided on the consent page. */
export interface Decision {
  readonly user: EmulatorUser | undefined
  /** The scopes granted; none when the person cancelled. */
  readonly scope: readonly string[] | undefined
}

/** Turns a decision into the callback, and writes it into the journal. */
export function decide(request: AuthorizeRequest, decision: Decision, world: World): Callback {
  const { user, scope } = decision
  const callback =
    user === undefined || scope === undefined
      ? cancelConsent(request)
      : allowConsent(request, user, { scope, world })
  const at = world.clock.now()
  const entry = world.journal.open({
    at,
    method: 'POST',
    url: `${world.apiOrigin()}/_emulator/consent`,
    endpoint: 'consent',
    grantType: undefined,
    clientKey: request.client.clientKey,
    userId: user?.id,
    openId: callback.openId,
    grantId: undefined,
    presented: undefined,
    replay: false,
    outcome: callback.outcome,
    effect: callback.outcome,
    status: 303,
    fault: undefined,
    logId: createLogId(at),
    durationMs: 0,
    parameters: scope === undefined ? {} : { scope: scope.join(',') },
    headers: {},
  })
  world.journal.settle(entry)
  return callback
}
