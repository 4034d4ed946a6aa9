import { describeUsers } from './authorize-endpoint.ts'
import type { FaultOrder } from './faults.ts'
import { listGrants } from './grants.ts'
import type { GrantSnapshot, TokenSnapshot } from './grants.ts'
import type { JournalEntry } from './journal.ts'
import type { DashboardState, FaultQueueView, GrantView, RequestView } from './views.ts'
import type { World } from './world.ts'

const mostRequests = 200

/** Gathers what the dashboard shows. Tokens and secrets stay out of it. */
export function describeDashboard(world: World): DashboardState {
  return {
    origin: world.apiOrigin(),
    now: world.clock.now(),
    offsetMs: world.clock.offsetMs(),
    clients: [...world.clients.values()].map(({ clientKey, name, platform, redirectUris }) => ({
      clientKey,
      name,
      platform,
      redirectUris,
    })),
    users: describeUsers(world),
    grants: listGrants(world).map((grant) => describeGrant(grant, world)),
    requests: world.journal.entries.slice(-mostRequests).map(describeRequest),
    faults: world.faults.list().map(describeFault),
  }
}

function describeGrant(grant: GrantSnapshot, world: World): GrantView {
  const { id, clientKey, userId, openId, scope, state, rotations } = grant
  return {
    id,
    clientKey,
    appName: world.clients.get(clientKey)?.name ?? clientKey,
    userId,
    openId,
    scope,
    state,
    accessExpiresAt: latestEnd(grant.tokens, 'access'),
    refreshExpiresAt: latestEnd(grant.tokens, 'refresh'),
    rotations,
  }
}

function latestEnd(tokens: readonly TokenSnapshot[], kind: TokenSnapshot['kind']): number | undefined {
  const ends = tokens
    .filter((token) => token.kind === kind && (token.state === 'live' || token.state === 'expired'))
    .map((token) => token.expiresAt)
  return ends.length === 0 ? undefined : Math.max(...ends)
}

function describeRequest(entry: JournalEntry): RequestView {
  const { id, at, method, endpoint, grantType, clientKey, userId, presented, replay } = entry
  const { status, outcome, fault, logId, durationMs } = entry
  const path = new URL(entry.url).pathname
  return {
    id,
    at,
    method,
    path,
    endpoint,
    grantType,
    clientKey,
    userId,
    presented,
    replay,
    status,
    outcome,
    fault,
    logId,
    durationMs,
  }
}

function describeFault({ endpoint, fault, repeats }: FaultOrder): FaultQueueView {
  const { kind, ...fields } = fault
  const detail = Object.entries(fields).map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  return { endpoint, kind, detail: detail.join(', '), repeats }
}
