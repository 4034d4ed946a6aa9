import { originForm, parsedBody, readBody, type VisitRequest } from '@tiktok-auth/core'
import type { Context } from 'koa'
import { setHeaders } from './apply-answer.ts'

/** Reads a Koa context into the plain values core works with. */
export function readRequest(ctx: Context): VisitRequest {
  const mountPath = mountPathOf(pathOf(ctx.originalUrl), pathOf(ctx.url))
  return {
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
