import { ApiFault } from './errors.ts'
import { RateLimitFault } from './rate-limiter.ts'
import { serveUserInfo } from './user-info.ts'
import type { Caller } from './user-info.ts'
import { serveCreatorInfo, serveVideoList, serveVideoQuery } from './videos.ts'
import type { Answer, JsonObject } from './wire.ts'
import type { Exchange } from './world.ts'

/** Serves one resource endpoint: returns what stands under `data`. */
export type ResourceServer = (exchange: Exchange, caller: Caller) => JsonObject

/** The resource endpoints by path. */
export const resources: Readonly<
  Record<string, { readonly method: string; readonly serve: ResourceServer }>
> = {
  '/v2/user/info/': { method: 'GET', serve: serveUserInfo },
  '/v2/video/list/': { method: 'POST', serve: serveVideoList },
  '/v2/video/query/': { method: 'POST', serve: serveVideoQuery },
  '/v2/post/publish/creator_info/query/': { method: 'POST', serve: serveCreatorInfo },
}

/** Reads the token of an `Authorization: Bearer …` header. */
export function readBearer(headers: Headers): string | undefined {
  return /^bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
}

function findCaller({ world, request }: Exchange): Caller {
  const token = world.ledger.find(readBearer(request.headers) ?? '')
  const client = world.clients.get(token?.clientKey ?? '')
  const user = world.users.find(token?.family?.grant.userId ?? '')
  if (token?.kind !== 'access' || !world.ledger.isLive(token) || client === undefined || user === undefined) {
    throw new ApiFault(
      401,
      'access_token_invalid',
      'The access token is invalid or not found in the request.',
    )
  }
  return { token, client, user }
}

/** Lets a resource endpoint answer, after the token and the rate limit have been looked at. */
export function serveResource(exchange: Exchange, serve: ResourceServer): Answer {
  const { world, entry, request } = exchange
  const caller = findCaller(exchange)
  world.rateLimiter.count([request.url.pathname, caller.client.clientKey, caller.user.id].join(' '))
  const data = serve(exchange, caller)
  return {
    status: 200,
    outcome: 'ok',
    json: { data, error: { code: 'ok', message: '', log_id: entry.logId } },
  }
}

/** Forms the reply to a fault of a resource call. */
export function refuseResource(exchange: Exchange, fault: ApiFault): Answer {
  const { userInfoErrorForm, rateLimit } = exchange.world.behavior()
  const error = { code: fault.code, message: fault.message, log_id: exchange.entry.logId }
  const hinted = fault instanceof RateLimitFault && rateLimit !== false && rateLimit.retryAfter === true
  return {
    status: fault.status,
    outcome: fault.code,
    json: userInfoErrorForm === 'bare' ? error : { data: {}, error },
    ...(hinted && { headers: { 'retry-after': String(fault.retryAfterSeconds) } }),
  }
}
