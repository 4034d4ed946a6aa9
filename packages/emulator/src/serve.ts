import { identify } from './identify.ts'
import type { PendingConsents } from './consent.ts'
import { ConnectionCutError } from './errors.ts'
import { strike } from './fault-effects.ts'
import type { OpenEntry } from './journal.ts'
import { createLogId } from './log-id.ts'
import { findRoute } from './router.ts'
import type { Route } from './router.ts'
import { toReply } from './wire.ts'
import type { Answer, WireReply, WireRequest } from './wire.ts'
import type { Exchange, World } from './world.ts'

/**
 * Serves one request to the emulated TikTok, writes it into the journal and lets faults strike.
 *
 * @throws ConnectionCutError when a fault cuts the connection.
 */
export async function serve(
  request: WireRequest,
  world: World,
  pending: PendingConsents,
): Promise<WireReply> {
  const route = findRoute(request.url.pathname, world, pending)
  const exchange = open(request, world, route)
  const { entry } = exchange
  const startedAt = performance.now()
  try {
    const reply = await answer(exchange, route)
    entry.status = reply.status
    reply.headers.set('x-tt-logid', entry.logId ?? '')
    return reply
  } catch (error) {
    if (!(error instanceof ConnectionCutError)) entry.outcome = 'emulator_failed'
    throw error
  } finally {
    entry.durationMs = performance.now() - startedAt
    world.journal.settle(entry)
  }
}

async function answer(exchange: Exchange, route: Route | undefined): Promise<WireReply> {
  const { entry, request, world } = exchange
  const decided = route === undefined ? notFound(request) : checkMethod(route, request)
  if (route === undefined || decided !== undefined) return settle(entry, decided)
  const act = () => {
    identify(exchange)
    const result = route.serve(exchange)
    entry.effect = result.outcome
    return result
  }
  const order = world.faults.take(route.endpoint, entry.grantType)
  if (order === undefined) return settle(entry, act())
  return strike(order, { act, entry, refuse: (error, text) => route.refuse(exchange, error, text) })
}

function settle(entry: OpenEntry, result: Answer | undefined): WireReply {
  const answered = result ?? { status: 500, outcome: 'emulator_failed', text: '' }
  entry.outcome = answered.outcome
  return toReply(answered)
}

function notFound({ url }: WireRequest): Answer {
  const text = `The emulated TikTok has nothing at ${url.origin}${url.pathname}. Mind the trailing slash of its endpoints.\n`
  return { status: 404, outcome: 'not_found', headers: { 'content-type': 'text/plain; charset=utf-8' }, text }
}

function checkMethod({ method }: Route, request: WireRequest): Answer | undefined {
  if (request.method === method || (request.method === 'HEAD' && method === 'GET')) return undefined
  const headers = { allow: method, 'content-type': 'text/plain; charset=utf-8' }
  return { status: 405, outcome: 'method_not_allowed', headers, text: `Use ${method}.\n` }
}

function open(request: WireRequest, world: World, route: Route | undefined): Exchange {
  const { method, url } = request
  const parameters = new URLSearchParams(
    method === 'POST' && route?.endpoint !== 'api' ? request.body : url.search,
  )
  const first = new Map([...parameters].reverse())
  const at = world.clock.now()
  const entry = world.journal.open({
    at,
    method,
    url: url.href,
    endpoint: route?.endpoint ?? 'unknown',
    grantType: parameters.get('grant_type') ?? undefined,
    clientKey: parameters.get('client_key') ?? undefined,
    userId: undefined,
    openId: undefined,
    grantId: undefined,
    presented: undefined,
    replay: false,
    outcome: 'pending',
    effect: undefined,
    status: undefined,
    fault: undefined,
    logId: createLogId(at),
    durationMs: undefined,
    parameters: Object.fromEntries(first),
    headers: Object.fromEntries(request.headers),
  })
  const exchange: Exchange = { world, request, parameters, entry }
  identify(exchange)
  return exchange
}
