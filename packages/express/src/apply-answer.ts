import type { AuthAnswer } from '@tiktok-auth/core'
import type { Response } from 'express'

/** Sends an answer as it stands. Says whether the request is answered, by this or by somebody before it. */
export function applyAnswer(res: Response, answer: AuthAnswer | undefined): boolean {
  if (answer === undefined) return res.headersSent
  if (!res.headersSent) {
    setHeaders(res, answer.headers)
    res.statusCode = answer.status
    res.end(answer.body)
  }
  return true
}

/** Puts headers on an answer. Cookies join those that are there already, none of them twice. */
export function setHeaders(res: Response, headers: AuthAnswer['headers']): void {
  for (const [name, value] of headers) {
    if (name.toLowerCase() !== 'set-cookie') res.setHeader(name, value)
    else if (!cookiesOf(res).includes(value)) res.appendHeader(name, value)
  }
}

/** Takes cookies back that {@link setHeaders} put on an answer. */
export function dropCookies(res: Response, headers: AuthAnswer['headers']): void {
  if (res.headersSent) return
  const ours = new Set(headers.map(([, value]) => value))
  const others = cookiesOf(res).filter((cookie) => !ours.has(cookie))
  res.removeHeader('set-cookie')
  if (others.length > 0) res.setHeader('set-cookie', others)
}

function cookiesOf(res: Response): readonly string[] {
  const cookies = res.getHeader('set-cookie') ?? []
  return Array.isArray(cookies) ? cookies : [String(cookies)]
}
