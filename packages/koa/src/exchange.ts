import { originForm, parsedBody, readBody, type Exchange } from '@tiktok-auth/core'
import type { Context } from 'koa'
import { applyAnswer, dropCookies, setHeaders } from './apply-answer.ts'
import { carryHeaders } from './carry-headers.ts'
import type { KoaTikTokAuthOptions } from './options.ts'

/** Puts a request and its answer into the plain terms that core works with. */
export function exchangeOf(options: KoaTikTokAuthOptions, ctx: Context): Exchange<[Context]> {
  const mountPath = mountPathOf(pathOf(ctx.originalUrl), pathOf(ctx.url))
  return {
    native: [ctx],
    carrier: ctx.state,
    method: ctx.method,
    url: ctx.url,
    originalUrl: ctx.originalUrl,
    ...(mountPath !== undefined && { mountPath }),
    header(name) {
      const value = ctx.headers[name.toLowerCase()]
      return Array.isArray(value) ? value.join(', ') : value
    },
    body: async () => {
      if (!ctx.req.readableDidRead) return readBody(ctx.req)
      const { body, rawBody } = ctx.request as { readonly body?: unknown; readonly rawBody?: unknown }
      return parsedBody(rawBody ?? body, ctx.headers['content-type'])
    },
    setHeaders: (headers) => setHeaders(ctx, headers),
    dropCookies: (headers) => dropCookies(ctx, headers),
    watch() {
      const { status, body } = ctx
      return () => ctx.headerSent || ctx.respond === false || ctx.status !== status || ctx.body !== body
    },
    apply: (answer) => applyAnswer(ctx, answer),
    async fail(error, headers) {
      setHeaders(ctx, headers)
      try {
        if (options.onError === undefined) throw error
        await options.onError(error, ctx)
      } catch (thrown) {
        throw carryHeaders(thrown, headers, ctx)
      }
    },
  }
}

/** What was cut off in front, by `koa-mount` or whatever else; its own `ctx.mountPath` knows the innermost part only. */
function mountPathOf(whole: string, path: string): string | undefined {
  if (whole.endsWith(path)) return whole.slice(0, whole.length - path.length)
  return path === '/' ? whole : undefined
}

function pathOf(url: string): string {
  return originForm(url).split('?', 1)[0] ?? ''
}
