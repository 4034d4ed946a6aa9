import {
  checkHooks,
  ConfigurationError,
  createTikTokAuth,
  createVisits,
  headersOf,
  undiciTransport,
} from '@tiktok-auth/core'
import type { AuthAnswer, LoginRequirement, RequestState, Visit } from '@tiktok-auth/core'
import type { Context, ExtendableContext, Middleware } from 'koa'
import * as undici from 'undici'
import { applyAnswer, setHeaders } from './apply-answer.ts'
import { carryHeaders } from './carry-headers.ts'
import { hooksFor } from './hooks.ts'
import type { KoaTikTokAuthOptions, TikTokMiddleware } from './options.ts'
import { readRequest } from './read-request.ts'

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
  const visits = createVisits(auth, options)
  const opened = new WeakMap<ExtendableContext, Visit>()

  async function visit(ctx: Context, hooks = hooksFor(options, ctx)): Promise<Visit> {
    const known = opened.get(ctx) ?? (await visits.open(readRequest(ctx), hooks))
    opened.set(ctx, known)
    ctx.state.tiktok = known.state
    return known
  }

  async function answer(ctx: Context): Promise<boolean> {
    const request = readRequest(ctx)
    const hooks = hooksFor(options, ctx)
    const visiting = visit(ctx, hooks)
    // Our own routes ask the same, and what `identify` throws then gets the headers that their answers carry.
    await visiting.catch(() => undefined)
    try {
      if (applyAnswer(ctx, await auth.handle(request, hooks)) || hooks.answered()) return true
      visits.checkMount(request)
    } catch (error) {
      await fail(ctx, error, headersOf(error, request))
      return true
    }
    setHeaders(ctx, (await visiting).headers)
    return false
  }

  async function fail(ctx: Context, error: unknown, headers: AuthAnswer['headers']): Promise<void> {
    setHeaders(ctx, headers)
    try {
      if (options.onError === undefined) throw error
      await options.onError(error, ctx)
    } catch (thrown) {
      throw carryHeaders(thrown, headers, ctx)
    }
  }

  const middleware: Middleware = async (ctx, next) => {
    if (!(await answer(ctx))) await next()
  }

  return Object.assign(middleware, {
    tokens: auth.tokens,
    client: auth.client,
    testCookie: (openId: string) => auth.testCookie(openId),
    requireLogin(requirement: LoginRequirement = {}): Middleware {
      visits.check(requirement)
      return async (ctx, next) => {
        const known = await visit(ctx)
        if (!applyAnswer(ctx, await known.requireLogin(requirement))) await next()
      }
    },
    recover: (): Middleware => async (ctx, next) => {
      try {
        await next()
      } catch (error) {
        const known = opened.get(ctx)
        // With several apps on one request, the one that let it in is the one whose grant ended.
        const ours = known !== undefined && ctx.state.tiktok === known.state && !ctx.headerSent
        if (!ours || !applyAnswer(ctx, known.recover(error))) throw error
      }
    },
    of(ctx: ExtendableContext): RequestState {
      const known = opened.get(ctx)
      if (known !== undefined) return known.state
      throw new ConfigurationError('tiktok', 'has not seen this request.', 'Mount it with `app.use(tiktok)`.')
    },
  })
}
