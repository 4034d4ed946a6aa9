import { bindHooks, type RequestHooks } from '@tiktok-auth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { dropCookies, setHeaders } from './apply-answer.ts'
import type { FastifyTikTokAuthOptions } from './options.ts'

export type { RequestHooks } from '@tiktok-auth/core'

/** Gives the application's hooks Fastify's own objects. A reply that `onLogin` returns is waited for: it is thenable. */
export function hooksFor(
  options: FastifyTikTokAuthOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): RequestHooks {
  return bindHooks(options, [request, reply], {
    setHeaders: (headers) => setHeaders(reply, headers),
    dropCookies: (headers) => dropCookies(reply, headers),
    watch: () => () => reply.sent,
  })
}
