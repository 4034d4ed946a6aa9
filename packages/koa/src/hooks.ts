import { bindHooks, type RequestHooks } from '@tiktok-auth/core'
import type { Context } from 'koa'
import { dropCookies, setHeaders } from './apply-answer.ts'
import type { KoaTikTokAuthOptions } from './options.ts'

/** Gives the application's hooks Koa's own context. */
export function hooksFor(options: KoaTikTokAuthOptions, ctx: Context): RequestHooks {
  return bindHooks(options, [ctx], {
    setHeaders: (headers) => setHeaders(ctx, headers),
    dropCookies: (headers) => dropCookies(ctx, headers),
    watch() {
      const { status, body } = ctx
      return () => ctx.headerSent || ctx.respond === false || ctx.status !== status || ctx.body !== body
    },
  })
}
