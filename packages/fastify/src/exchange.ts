import { originForm, readBody, type Exchange } from '@tiktok-auth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { applyAnswer, dropCookies, setHeaders } from './apply-answer.ts'
import type { FastifyTikTokAuthOptions } from './options.ts'

/** What Fastify's hooks and handlers get. */
export type Objects = readonly [request: FastifyRequest, reply: FastifyReply]

/** Puts a request and its answer into the plain terms that core works with. `prefix`: where the plugin's routes are. */
export function exchangeOf(
  options: FastifyTikTokAuthOptions,
  native: Objects,
  prefix?: string,
): Exchange<Objects> {
  const [request, reply] = native
  const url = cutPrefix(request.url, prefix ?? '')
  const mountPath = prefix === undefined ? undefined : mountPathOf(request, prefix, url)
  return {
    native,
    carrier: request,
    method: request.method,
    // Empty in another part of the app, where no route is ours.
    url: url ?? '',
    originalUrl: request.originalUrl,
    ...(mountPath !== undefined && { mountPath }),
    header(name) {
      const value = request.headers[name.toLowerCase()]
      return Array.isArray(value) ? value.join(', ') : value
    },
    body: async () => readBody(request.raw),
    setHeaders: (headers) => setHeaders(reply, headers),
    dropCookies: (headers) => dropCookies(reply, headers),
    // A reply that `onLogin` returns is waited for before this is asked: it is thenable.
    watch: () => () => reply.sent,
    apply: (answer) => applyAnswer(reply, answer),
    async fail(error, headers) {
      setHeaders(reply, headers)
      if (options.onError === undefined) throw error
      await options.onError(error, request, reply)
    },
  }
}

/** Cuts off the prefix that the plugin's routes have. `undefined`: this is another part of the app. */
export function cutPrefix(url: string, prefix: string): string | undefined {
  const path = originForm(url)
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : undefined
}

/** What stands in front of the plugin's routes: its prefix, and whatever the app's own `rewriteUrl` took away. */
function mountPathOf(
  { originalUrl, url }: FastifyRequest,
  prefix: string,
  below: string | undefined,
): string {
  const path = below ?? url
  if (!originalUrl.endsWith(path)) return prefix
  const cut = originalUrl.slice(0, originalUrl.length - path.length)
  return below === undefined ? cut + prefix : cut
}
