import type { AuthAnswer, AuthRequest } from './contract.ts'

type Headers = AuthAnswer['headers']

const headersByError = new WeakMap<object, Headers>()
const headersByRequest = new WeakMap<object, Headers>()

/** What stands on every answer of ours: no cache keeps it, and no later request names the address it had. */
export const uncached: Headers = Object.freeze([
  ['cache-control', 'no-store'],
  ['referrer-policy', 'no-referrer'],
])

/** Writes the headers of an answer that sets or clears credentials. */
export function credentialHeaders(...cookies: readonly (string | undefined)[]): Headers {
  const lines: (readonly [string, string])[] = []
  for (const cookie of cookies) if (cookie !== undefined) lines.push(['set-cookie', cookie])
  return [...lines, ...uncached]
}

/** Writes a redirect; 303, so that what follows is a GET whatever came before (RFC 9700, section 4.12). */
export function redirect(location: string, headers: Headers): AuthAnswer {
  return { status: 303, headers: [['location', location], ...headers] }
}

/**
 * Gives the headers that the answer to an error must carry: they clear the cookie of a login that failed and keep
 * the answer out of caches. None for errors that did not come out of `handle`.
 *
 * Give the request that `handle` was given: several requests may fail with one error, as where all wait for one
 * database. Without it these are the headers of the last of them.
 */
export function headersOf(error: unknown, request?: AuthRequest): AuthAnswer['headers'] {
  const own = request && headersByRequest.get(request)
  if (own !== undefined) return own
  return (typeof error === 'object' && error !== null && headersByError.get(error)) || []
}

/**
 * Remembers the headers of an error's answer beside the request and the error, which may be frozen or somebody else's, for
 * {@link headersOf}. Gives that error back, or one whose cause is what cannot be an error.
 */
export function withHeaders(error: unknown, headers: AuthAnswer['headers'], request: AuthRequest): unknown {
  const carrier =
    typeof error === 'object' && error !== null
      ? error
      : new Error('A hook threw something that is no error.', { cause: error })
  headersByError.set(carrier, headers)
  headersByRequest.set(request, headers)
  return carrier
}
