import { headersOf, isTikTokAuthError } from '@tiktok-auth/core'
import { applyHeaders } from './apply-headers.ts'

/**
 * Answers an error in a few plain words: its `status`, and the headers that the answer to a failed login needs.
 *
 * For hosts that leave that to you, as `onError`, as `error` of `Bun.serve`, as `onError` of `Deno.serve` or Hono.
 * It shows nothing of the error but the `code` of one of ours, and logs nothing: log errors before you answer them.
 *
 * @example
 * ```ts
 * const tiktok = tiktokAuth({ clientKey, clientSecret, redirectUri, secret, onError: errorResponse })
 * ```
 */
export function errorResponse(error: unknown): Response {
  const text = isTikTokAuthError(error) ? `That did not work (${error.code}).` : 'That did not work.'
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
  return applyErrorHeaders(error, new Response(text, { status: statusOf(error), headers }))
}

/**
 * Puts on your own answer to an error what the answer to a failed login needs: it clears the login's cookie, and no
 * cache keeps it. Does nothing for errors that did not come out of a login, and nothing twice.
 */
export function applyErrorHeaders(error: unknown, response: Response): Response {
  return applyHeaders(response, headersOf(error))
}

function statusOf(error: unknown): number {
  const { status } = (typeof error === 'object' && error !== null ? error : {}) as { status?: unknown }
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599
    ? status
    : 500
}
