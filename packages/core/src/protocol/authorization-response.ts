import { ConfigurationError, TransactionError, type AuthorizationErrorFields } from '../errors.ts'
import { createRedact } from './redact.ts'

/** What the callback says, once its `state` has been found to be the one that was sent. */
export type AuthorizationOutcome =
  | { readonly type: 'code'; readonly code: string }
  | { readonly type: 'error'; readonly error: AuthorizationErrorFields }

/**
 * The query of a callback, well-formed but not yet believed.
 *
 * Anybody can send a browser to the callback, with an error too. Compare `state` first; only then does
 * `outcome` come from TikTok.
 */
export interface AuthorizationResponse {
  /** As it came back, not compared yet. */
  readonly state: string
  /** A code, or an error. */
  readonly outcome: AuthorizationOutcome
}

// Of each parameter that means something, the longest value that can be genuine, with room to spare.
const maxLength = new Map([
  ['code', 4096],
  ['state', 1024],
  ['error', 100],
  ['error_description', 2048],
  ['error_type', 100],
  ['errCode', 100],
  ['error_code', 100],
  ['scope', 4096],
  ['scopes', 4096],
])
const maxParameters = 64

/**
 * Reads the query of a callback (RFC 6749, section 4.1.2). The query must be decoded once, as `URL` does it.
 *
 * Refuses a protocol parameter that occurs twice, is written as an array or an object (`state[]`, `code[a]`), or
 * is over-long; a code together with an error; neither of them; no state. An empty parameter counts as absent
 * (RFC 6749, section 3.1); beside a code unknown ones are ignored, the granted scopes included: the token response
 * names them. Beside an error they are kept, for TikTok says more there than it documents.
 *
 * @throws `transaction` with reason `malformed_callback`; `configuration` when the query is no `URLSearchParams`.
 */
export function parseAuthorizationResponse(query: URLSearchParams): AuthorizationResponse {
  // By its tag, because another realm has another class.
  if (Object.prototype.toString.call(query) !== '[object URLSearchParams]') {
    throw new ConfigurationError('query', 'must be a `URLSearchParams`.')
  }
  const values = readOnce(query)
  const [state, code, error] = [values.get('state'), values.get('code'), values.get('error')]
  if (state === undefined || (code === undefined) === (error === undefined)) throw malformed()
  if (error !== undefined) {
    const fields = { ...readError(error, values), parameters: readOthers(query) }
    return { state, outcome: { type: 'error', error: fields } }
  }
  // A code is visible ASCII (RFC 6749, appendix A.11); anything else was decoded wrongly.
  if (code === undefined || !/^[\x20-\x7e]+$/.test(code)) throw malformed()
  return { state, outcome: { type: 'code', code } }
}

function readOnce(query: URLSearchParams): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  const seen = new Set<string>()
  let count = 0
  for (const [name, value] of query) {
    count += 1
    if (count > maxParameters) throw malformed()
    const [base = ''] = name.split('[', 1)
    const limit = maxLength.get(base)
    if (limit === undefined) continue
    if (base !== name || seen.has(name) || value.length > limit) throw malformed()
    seen.add(name)
    if (value !== '') values.set(name, value)
  }
  return values
}

function readError(error: string, values: ReadonlyMap<string, string>): AuthorizationErrorFields {
  const [errorType, errCode] = [values.get('error_type'), values.get('errCode') ?? values.get('error_code')]
  for (const word of [error, errorType, errCode]) {
    if (word !== undefined && !/^[\w.-]+$/.test(word)) throw malformed()
  }
  const description = values.get('error_description')
  const errorDescription = description === undefined ? undefined : createRedact(() => [])(description)
  return { error, errorDescription, errorType, errCode }
}

const named = new Set(['state', 'error', 'error_description', 'error_type', 'errCode', 'error_code'])

function readOthers(query: URLSearchParams): Readonly<Record<string, string>> {
  const clean = createRedact(() => [])
  const others = [...query].filter(([name, value]) => value !== '' && isOther(name))
  return Object.freeze(Object.fromEntries(others.map(([name, value]) => [name, clean(value)])))
}

function isOther(name: string): boolean {
  return /^[\w.-]{1,64}$/.test(name) && name !== '__proto__' && !named.has(name)
}

function malformed(): TransactionError {
  return new TransactionError('malformed_callback')
}
