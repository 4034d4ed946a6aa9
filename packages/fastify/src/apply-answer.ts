import type { AuthAnswer } from '@tiktok-auth/core'
import type { FastifyReply } from 'fastify'

/** Sends an answer as it stands. Says whether the request is answered, by this or by somebody before it. */
export function applyAnswer(reply: FastifyReply, answer: AuthAnswer | undefined): boolean {
  if (answer === undefined) return reply.sent
  if (!reply.sent) {
    setHeaders(reply, answer.headers)
    reply.code(answer.status).send(answer.body)
  }
  return true
}

/** Puts headers on an answer. Cookies join those that are there already, none of them twice. */
export function setHeaders(reply: FastifyReply, headers: AuthAnswer['headers']): void {
  for (const [name, value] of headers) {
    if (name !== 'set-cookie' || !cookiesOf(reply).includes(value)) reply.header(name, value)
  }
}

/** Takes cookies back that {@link setHeaders} put on an answer. */
export function dropCookies(reply: FastifyReply, headers: AuthAnswer['headers']): void {
  const ours = new Set(headers.map(([, value]) => value))
  const others = cookiesOf(reply).filter((cookie) => !ours.has(cookie))
  reply.removeHeader('set-cookie')
  if (others.length > 0) reply.header('set-cookie', others)
}

function cookiesOf(reply: FastifyReply): readonly string[] {
  const cookies = reply.getHeader('set-cookie') ?? []
  return Array.isArray(cookies) ? cookies : [String(cookies)]
}
