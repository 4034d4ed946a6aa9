import type { PublicPaths } from '@tiktok-auth/core'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { asError } from './as-error.ts'
import { cutPrefix } from './exchange.ts'

/**
 * Makes Fastify run its hooks for our routes: it runs none where no route is. They are answered in `onRequest`, before
 * Fastify minds a body that the app has no parser for.
 */
export function addOwnRoutes(app: FastifyInstance, { base, ...paths }: PublicPaths, prefix: string): void {
  const below = Object.values(paths).map((path) => prefix + path.slice(base.length))
  // Where TikTok calls back if `routes.callback` is wrong: whoever comes here is told so.
  if (cutPrefix(paths.callback, app.prefix) !== undefined) below.push(paths.callback.slice(app.prefix.length))
  const { errorHandler } = app
  for (const path of new Set(below)) {
    app.route({
      method: app.supportedMethods,
      url: patternOf(path),
      logSerializers: { req: withoutQuery },
      // A route keeps the error handler of this moment; most apps set theirs when they have registered their plugins.
      errorHandler(error, request, reply) {
        if (app.errorHandler === errorHandler) throw asError(error)
        return app.errorHandler(error, request, reply)
      },
      // What the router takes for the same path is another one to us: case, slashes and escapes count.
      handler(request, reply) {
        // Fastify says, and logs, which address it has not found: not with the code of a callback in it.
        request.raw.url = request.url.split('?', 1)[0] ?? ''
        reply.callNotFound()
      },
    })
  }
}

/** The router compares decoded paths, and takes a colon for the start of a parameter. */
function patternOf(path: string): string {
  return decodeURI(path).replaceAll(':', '::')
}

/** A callback's query is a code and a state: not for logs. The rest is what Fastify logs of any request. */
function withoutQuery({ method, url, host, ip, socket }: FastifyRequest): object {
  return { method, url: url.split('?', 1)[0], host, remoteAddress: ip, remotePort: socket.remotePort }
}
