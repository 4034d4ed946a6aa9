import { ConfigurationError } from '../errors.ts'
import { hostUncached } from '../runtime.ts'
import { withDeadline } from './deadline.ts'
import { createRedact } from './redact.ts'
import { asNetworkError } from './request-json.ts'
import { checkAccessToken } from './user-info.ts'

/** What a request to TikTok's API needs besides its own `init`. */
export interface ApiRequest {
  readonly fetch: typeof globalThis.fetch | undefined
  readonly apiOrigin: string
  readonly accessToken: string
  readonly path: string
  readonly timeoutMs: number
}

/**
 * Sends one request to TikTok's API with an access token, and returns the answer as it is.
 *
 * The path is resolved as a browser would, and nothing leaves unless the result lies at TikTok's API. Redirects are
 * not followed; nothing is cached unless `init` says so. The deadline ends with the headers; reading the body is the
 * caller's. An abort by the caller's own signal rejects with that signal's reason.
 *
 * @throws `configuration`, `network`
 */
export async function apiFetch(request: ApiRequest, init: RequestInit = {}): Promise<Response> {
  const { apiOrigin, accessToken, path, timeoutMs } = request
  const url = resolvePath(path, apiOrigin)
  const headers = copyHeaders(init)
  headers.set('authorization', `Bearer ${checkAccessToken(accessToken)}`)
  const fetch = request.fetch ?? globalThis.fetch
  try {
    return await withDeadline(timeoutMs, (abort) => {
      const signal = init.signal ? AbortSignal.any([init.signal, abort.signal]) : abort.signal
      return fetch(url, { ...hostUncached(), ...init, headers, redirect: 'manual', signal })
    })
  } catch (error) {
    init.signal?.throwIfAborted()
    throw asNetworkError(error, { endpoint: 'api', redact: createRedact(() => [accessToken]) })
  }
}

function resolvePath(path: unknown, apiOrigin: string): string {
  if (typeof path !== 'string' || !URL.canParse(path, apiOrigin)) {
    throw new ConfigurationError('path', "must be a path of TikTok's API, such as `/v2/user/info/`.")
  }
  const url = new URL(path, apiOrigin)
  if (url.origin !== apiOrigin || url.username !== '' || url.password !== '') {
    throw new ConfigurationError('path', "must stay at TikTok's API: the access token goes nowhere else.")
  }
  return url.href
}

function copyHeaders(init: unknown): Headers {
  try {
    return new Headers((init as RequestInit).headers)
  } catch {
    throw new ConfigurationError('init', 'must be a `RequestInit` with valid headers.')
  }
}
