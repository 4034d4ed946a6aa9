import type { AuthAnswer } from '@tiktok-auth/core'
import type { Context } from 'koa'

/** Makes an answer Koa's, as it stands. Says whether the request is answered, by this or by somebody before it. */
export function applyAnswer(ctx: Context, answer: AuthAnswer | undefined): boolean {
  if (answer === undefined) return ctx.headerSent
  ctx.remove('content-type')
  setHeaders(ctx, answer.headers)
  ctx.body = answer.body ?? null
  // After the body, which brings a status of its own.
  ctx.status = answer.status
  return true
}

/** Puts headers on an answer. Cookies join those that are there already, none of them twice. */
export function setHeaders(ctx: Context, headers: AuthAnswer['headers']): void {
  for (const [name, value] of headers) {
    if (name !== 'set-cookie') ctx.set(name, value)
    else if (!cookiesOf(ctx).includes(value)) ctx.append(name, value)
  }
}

/** Takes cookies back that {@link setHeaders} put on an answer. */
export function dropCookies(ctx: Context, headers: AuthAnswer['headers']): void {
  const ours = new Set(headers.map(([, value]) => value))
  const others = cookiesOf(ctx).filter((cookie) => !ours.has(cookie))
  ctx.remove('set-cookie')
  if (others.length > 0) ctx.set('set-cookie', others)
}

function cookiesOf(ctx: Context): readonly string[] {
  const cookies = ctx.res.getHeader('set-cookie') ?? []
  return Array.isArray(cookies) ? cookies : [String(cookies)]
}
