import { originForm, readBody, type VisitRequest } from '@tiktok-auth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { setHeaders } from './apply-answer.ts'

/** Reads a Fastify request into the plain values core works with. `prefix`: where the plugin's routes are. */
export function readRequest(request: FastifyRequest, reply: FastifyReply, prefix?: string): VisitRequest {
  const url = cutPrefix(request.url, prefix ?? '') ?? request.url
  const mountPath = prefix === undefined ? undefined : (mountPathOf(request.originalUrl, url) ?? prefix)
  return {
    method: request.method,
    url,
    originalUrl: request.originalUrl,
    ...(mountPath !== undefined && { mountPath }),
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
  const path = originForm(url)
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : undefined
}

/** What was cut off in front: the prefix, and whatever the app's own `rewriteUrl` took away. */
function mountPathOf(originalUrl: string, url: string): string | undefined {
  return originalUrl.endsWith(url) ? originalUrl.slice(0, originalUrl.length - url.length) : undefined
}
