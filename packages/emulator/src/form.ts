import type { EmulatorBehavior } from './behavior.ts'
import type { Client } from './clients.ts'
import { OAuthFault } from './errors.ts'
import type { WireRequest } from './wire.ts'

const formType = 'application/x-www-form-urlencoded'
const onlyForm = `Only ${formType} is accepted as Content-Type.`

/** What the reply says when a form is not as TikTok wants it. */
export const malformed = 'The request parameters are malformed.'

/**
 * Reads the form of an OAuth request.
 *
 * @throws OAuthFault `invalid_request` for any other content type, for Basic credentials and for a parameter
 *   sent twice, unless the emulator is lenient.
 */
export function readForm(request: WireRequest, behavior: EmulatorBehavior): URLSearchParams {
  const type = request.headers.get('content-type')
  if (behavior.contentType === 'lenient') return readLeniently(request, type ?? '')
  if (type !== formType) {
    const withParameter = type !== null && /^application\/x-www-form-urlencoded\s*;/i.test(type)
    throw new OAuthFault('invalid_request', withParameter ? malformed : onlyForm)
  }
  if (request.headers.has('authorization')) throw new OAuthFault('invalid_request', malformed)
  const form = new URLSearchParams(request.body)
  if (new Set(form.keys()).size !== form.size) throw new OAuthFault('invalid_request', malformed)
  return form
}

function readLeniently(request: WireRequest, type: string): URLSearchParams {
  try {
    return readAnyForm(request, type)
  } catch {
    // No JSON, no Base64 or no percent-encoding: the caller need not know which.
    throw new OAuthFault('invalid_request', malformed)
  }
}

function readAnyForm(request: WireRequest, type: string): URLSearchParams {
  const form = type.includes('json') ? readJson(request.body) : new URLSearchParams(request.body)
  const basic = /^basic (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  if (basic === undefined) return form
  const [key = '', ...secret] = new TextDecoder()
    .decode(Uint8Array.from(atob(basic), (character) => character.charCodeAt(0)))
    .split(':')
  form.set('client_key', decodeURIComponent(key))
  form.set('client_secret', decodeURIComponent(secret.join(':')))
  return form
}

function readJson(body: string): URLSearchParams {
  const value: unknown = JSON.parse(body)
  if (typeof value !== 'object' || value === null) throw new OAuthFault('invalid_request', malformed)
  return new URLSearchParams(Object.entries(value).map(([name, text]) => [name, String(text)]))
}

/**
 * Returns a parameter that must be there.
 *
 * @throws OAuthFault `invalid_request` when it is missing or blank.
 */
export function demand(form: URLSearchParams, name: string, label: string): string {
  const value = form.get(name)
  if (value === null || value === '')
    throw new OAuthFault('invalid_request', `${label} is missed in request.`)
  return value
}

/**
 * Finds the app that is calling.
 *
 * @throws OAuthFault `invalid_request` when key or secret is missing or contains white space,
 *   `invalid_client` when they do not belong together.
 */
export function authenticateClient(form: URLSearchParams, clients: ReadonlyMap<string, Client>): Client {
  const clientKey = demand(form, 'client_key', 'Client key')
  const clientSecret = demand(form, 'client_secret', 'Client secret')
  if (/\s/.test(clientKey) || /\s/.test(clientSecret)) throw new OAuthFault('invalid_request', malformed)
  const client = clients.get(clientKey)
  if (client === undefined || client.clientSecret !== clientSecret) {
    throw new OAuthFault('invalid_client', 'Client key or secret is incorrect.')
  }
  return client
}
