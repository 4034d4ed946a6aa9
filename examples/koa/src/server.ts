import Router from '@koa/router'
import { isTikTokAuthError } from '@tiktok-auth/core'
import * as view from '@tiktok-auth/example-view'
import { tiktokAuth, type KoaTikTokAuthOptions } from '@tiktok-auth/koa'
import Koa, { type Context } from 'koa'
import serve from 'koa-static'

const scope = ['user.info.basic', 'user.info.stats', 'video.list']

/** The example app. `demo` says where the emulator's dashboard is, when there is one. */
export function createApp(options: KoaTikTokAuthOptions, demo?: view.DemoLinks): Koa {
  const app = new Koa()
  const router = new Router()
  const tiktok = tiktokAuth({ scope, ...options })
  const page = { framework: 'Koa', loginUrl: '/auth/tiktok?returnTo=/profile', demo }
  const now = options.now ?? Date.now

  app.use(async (ctx, next) => {
    ctx.set(view.pageHeaders)
    try {
      await next()
    } catch (error) {
      ctx.status = isTikTokAuthError(error) ? error.status : 500
      ctx.body = view.errorPage({ ...page, error })
    }
  })
  app.use(serve(view.publicFolder))
  app.use(tiktok)
  app.use(tiktok.recover())

  router.get('/', (ctx) => {
    if (ctx.state.tiktok.openId !== undefined) return ctx.redirect('/profile')
    ctx.body = view.loginPage({ ...page, notice: ctx.query['notice'] })
  })

  router.get('/profile', tiktok.requireLogin(), async (ctx) => {
    ctx.body = await profile(ctx)
  })

  router.get('/videos', tiktok.requireLogin({ scope: ['video.list'] }), async (ctx) => {
    const reply = await ctx.state.tiktok.fetch('/v2/video/list/?fields=id,title', view.videoListRequest)
    ctx.body = await profile(ctx, view.videosOf(await reply.json()))
  })

  router.get('/token', tiktok.requireLogin(), async (ctx) => {
    ctx.body = { ...(await ctx.state.tiktok.status()), now: now() }
  })

  router.post('/refresh', tiktok.requireLogin(), async (ctx) => {
    ctx.redirect(`/profile?notice=${await view.renewNow(tiktok.tokens, ctx.state.tiktok.openId)}`)
    ctx.status = 303
  })

  app.use(router.routes())

  async function profile(ctx: Context, videos?: readonly view.VideoView[]): Promise<string> {
    const user = await ctx.state.tiktok.userInfo()
    const grant = await ctx.state.tiktok.status()
    const { notice } = ctx.query
    return view.profilePage({ ...page, user, grant, videos, notice, wanted: scope, now: now() })
  }

  return app
}
