import { TransactionError } from '../errors.ts'
import type { AuthRequest } from './contract.ts'

/**
 * Refuses whatever is not a page being opened by a person: prefetches and previews, images, scripts, frames of
 * other sites.
 *
 * @throws `transaction` with reason `request_refused`.
 */
export function requireNavigation(request: AuthRequest): void {
  const purpose = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].map((name) => request.header(name) ?? '')
  if (/prefetch|prerender|preview/i.test(purpose.join(' '))) throw refused()
  const mode = request.header('sec-fetch-mode') ?? 'navigate'
  const destination = request.header('sec-fetch-dest') ?? 'document'
  if (mode !== 'navigate') throw refused()
  if (destination === 'document') return
  const framedBySelf = /^i?frame$/.test(destination) && request.header('sec-fetch-site') === 'same-origin'
  if (!framedBySelf) throw refused()
}

/**
 * Refuses a POST that did not come from a page of this application.
 *
 * `Sec-Fetch-Site` decides; where a browser sends none, `Origin` has to be one of `origins`.
 *
 * @throws `transaction` with reason `request_refused`.
 */
export function requireSameOrigin(request: AuthRequest, origins: ReadonlySet<string>): void {
  const site = request.header('sec-fetch-site')
  const origin = request.header('origin')
  const accepted = site === undefined ? origin !== undefined && origins.has(origin) : site === 'same-origin'
  if (!accepted) throw refused()
}

/**
 * Refuses to begin a login for a known user by a link on somebody else's page: it would tie whatever TikTok
 * account this browser is logged in to, to that user.
 *
 * @throws `transaction` with reason `request_refused`.
 */
export function requireOwnLink(request: AuthRequest): void {
  const site = request.header('sec-fetch-site')
  if (site !== 'same-origin' && site !== 'none') throw refused()
}

/** Tells whether a script rather than a page asks, and wants no redirect. */
export function wantsJson(request: AuthRequest): boolean {
  const accept = request.header('accept') ?? ''
  return accept.includes('application/json') && !accept.includes('text/html')
}

function refused(): TransactionError {
  return new TransactionError('request_refused', { status: 403 })
}
