import { answerFaultPage, faultPath, serveAuthorize, serveFaultPage } from './authorize-endpoint.ts'
import type { PendingConsents } from './consent.ts'
import { ApiFault, OAuthFault } from './errors.ts'
import type { JournalEndpoint } from './journal.ts'
import { refuseResource, resources, serveResource } from './resources.ts'
import { serveRevoke } from './revoke-endpoint.ts'
import { serveToken } from './token-endpoint.ts'
import type { Answer } from './wire.ts'
import type { Exchange, World } from './world.ts'

/** One of TikTok's addresses. */
export interface Route {
  readonly endpoint: JournalEndpoint
  readonly method: string
  /** Serves a request. Decides at once: nothing else happens in between. */
  serve(exchange: Exchange): Answer
  /** Forms a refusal the way this address does. */
  refuse(exchange: Exchange, error: string, description: string): Answer
}

const statusByError: ReadonlyMap<string, number> = new Map([
  ['invalid_client', 401],
  ['server_error', 500],
  ['temporarily_unavailable', 503],
])

const statusByCode: ReadonlyMap<string, number> = new Map([
  ['access_token_invalid', 401],
  ['scope_not_authorized', 401],
  ['scope_permission_missed', 400],
  ['invalid_params', 400],
  ['rate_limit_exceeded', 429],
])

function refuseOAuth(exchange: Exchange, error: string, description: string): Answer {
  const { world, entry } = exchange
  const status = world.behavior().errorStatus === 200 ? 200 : (statusByError.get(error) ?? 400)
  return { status, outcome: error, json: { error, error_description: description, log_id: entry.logId } }
}

function oauthRoute(endpoint: 'token' | 'revoke', serve: (exchange: Exchange) => Answer): Route {
  return {
    endpoint,
    method: 'POST',
    refuse: refuseOAuth,
    serve(exchange) {
      try {
        return serve(exchange)
      } catch (error) {
        if (error instanceof OAuthFault) return refuseOAuth(exchange, error.error, error.description)
        throw error
      }
    },
  }
}

function resourceRoute(path: string): Route | undefined {
  const resource = resources[path]
  if (resource === undefined) return undefined
  return {
    endpoint: path === '/v2/user/info/' ? 'user_info' : 'api',
    method: resource.method,
    refuse(exchange, code, message) {
      return refuseResource(exchange, new ApiFault(statusByCode.get(code) ?? 500, code, message))
    },
    serve(exchange) {
      try {
        return serveResource(exchange, resource.serve)
      } catch (error) {
        if (error instanceof ApiFault) return refuseResource(exchange, error)
        throw error
      }
    },
  }
}

function refuseOnPage(_exchange: Exchange, error: string, error_description: string): Answer {
  return answerFaultPage({ error, error_description })
}

/** Finds out which of TikTok's addresses a path is. The host does not matter. */
export function findRoute(path: string, world: World, pending: PendingConsents): Route | undefined {
  const whole = path.endsWith('/') ? path : `${path}/`
  if (whole === '/v2/auth/authorize/') {
    const serve = (exchange: Exchange) => serveAuthorize(exchange, pending)
    return { endpoint: 'authorize', method: 'GET', serve, refuse: refuseOnPage }
  }
  const exact = world.behavior().trailingSlash === 'exact' ? path : whole
  if (exact === faultPath)
    return { endpoint: 'fault_page', method: 'GET', serve: serveFaultPage, refuse: refuseOnPage }
  if (exact === '/v2/oauth/revoke/') return oauthRoute('revoke', serveRevoke)
  if (exact === '/v2/oauth/token/') {
    return oauthRoute('token', (exchange) => ({ status: 200, outcome: 'ok', json: serveToken(exchange) }))
  }
  return resourceRoute(exact)
}
