import { ConfigurationError, type AuthAnswer } from '@tiktok-auth/core'

/** Makes a response of an answer, as it stands. */
export function toResponse({ status, headers, body }: AuthAnswer): Response {
  return applyHeaders(new Response(body ?? null, { status }), headers)
}

/**
 * Puts headers on a response, or on a copy where it does not let itself be changed (`fetch`, `Response.redirect`).
 * Cookies join those that are there already, none of them twice.
 */
export function applyHeaders(response: Response, headers: AuthAnswer['headers']): Response {
  if (headers.length === 0) return response
  try {
    setHeaders(response.headers, headers)
    return response
  } catch {
    const copy = new Response(response.body, response)
    setHeaders(copy.headers, headers)
    return copy
  }
}

/** Returns what a hook has answered with. @throws `configuration` for what plain JavaScript may give instead. */
export function checkResponse(answer: unknown, hook: string): Response {
  // By its members, because frameworks bring classes of their own.
  const { headers, status } = (
    typeof answer === 'object' && answer !== null ? answer : {}
  ) as Partial<Response>
  if (typeof headers?.getSetCookie === 'function' && typeof status === 'number') return answer as Response
  throw new ConfigurationError(hook, 'must return a `Response`.')
}

function setHeaders(target: Headers, headers: AuthAnswer['headers']): void {
  for (const [name, value] of headers) {
    if (name !== 'set-cookie') target.set(name, value)
    else if (!target.getSetCookie().includes(value)) target.append(name, value)
  }
}
