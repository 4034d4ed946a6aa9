import { readBody, type VisitRequest } from '@tiktok-auth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { setHeaders } from './apply-answer.ts'

/** Reads a Fastify request into the plain values core works with. */
export function readRequest(request: FastifyRequest, reply: FastifyReply): VisitRequest {
  return {
    method: request.method,
    url: request.url,
    originalUrl: request.originalUrl,
    header(name) {
      const value = request.headers[name.toLowerCase()]
      return Array.isArray(value) ? value.join(', ') : value
    },
    body: async () => readBody(request.raw),
    setHeaders: (headers) => setHeaders(reply, headers),
  }
}

/** Cuts off the prefix that the plugin's routes have. `undefined`: this is another part of the app. */
export function cutPrefix(url: string, prefix: string): string | undefined {
  return url.startsWith(`${prefix}/`) ? url.slice(prefix.length) : undefined
}
