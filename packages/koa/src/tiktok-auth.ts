import { checkHooks, createExchanges, createTikTokAuth, undiciTransport } from '@tiktok-auth/core'
import type { LoginRequirement } from '@tiktok-auth/core'
import type { Context, Middleware } from 'koa'
import * as undici from 'undici'
import { exchangeOf } from './exchange.ts'
import type { KoaTikTokAuthOptions, TikTokMiddleware } from './options.ts'

/**
 * Creates the middleware that logs people in with TikTok and puts `ctx.state.tiktok` on every request.
 *
 * It answers the login, callback, logout and disconnect routes and lets every other request pass.
 *
 * @throws `configuration` when an option cannot work; it names the option.
 * @example
 * ```ts
 * const tiktok = tiktokAuth({ clientKey, clientSecret, redirectUri, secret })
 * app.use(tiktok).use(tiktok.recover())
 * router.get('/me', tiktok.requireLogin(), async (ctx) => {
 *   ctx.body = await ctx.state.tiktok.userInfo()
 * })
 * ```
 */
export function tiktokAuth(options: KoaTikTokAuthOptions): TikTokMiddleware {
  checkHooks(options)
  const auth = createTikTokAuth(options, { transport: undiciTransport(undici) })
  const exchanges = createExchanges<[Context]>(auth, options, 'Mount it with `app.use(tiktok)`.')

  const middleware: Middleware = async (ctx, next) => {
    if (!(await exchanges.answer(exchangeOf(options, ctx)))) await next()
  }

  return Object.assign(middleware, {
    tokens: auth.tokens,
    client: auth.client,
    testCookie: (openId: string) => auth.testCookie(openId),
    requireLogin(requirement?: LoginRequirement): Middleware {
      const refuses = exchanges.requireLogin(requirement)
      return async (ctx, next) => {
        if (!(await refuses(exchangeOf(options, ctx)))) await next()
      }
    },
    recover: (): Middleware => async (ctx, next) => {
      try {
        await next()
      } catch (error) {
        if (ctx.headerSent || !exchanges.recover(exchangeOf(options, ctx), error)) throw error
      }
    },
    of: exchanges.of,
  })
}
