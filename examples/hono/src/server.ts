import { serveStatic } from '@hono/node-server/serve-static'
import { isTikTokAuthError } from '@tiktok-auth/core'
import * as view from '@tiktok-auth/example-view'
import {
  applyErrorHeaders,
  tiktokAuth,
  type SignedInState,
  type WebTikTokAuthOptions,
} from '@tiktok-auth/web'
import { Hono, type Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

const scope = ['user.info.basic', 'user.info.stats', 'video.list']

type Env = { Variables: { tiktok: SignedInState } }

/** The example app. `demo` says where the emulator's dashboard is, when there is one. */
export function createApp(options: WebTikTokAuthOptions, demo?: view.DemoLinks): Hono<Env> {
  const app = new Hono<Env>()
  const tiktok = tiktokAuth({ scope, ...options })
  const page = { framework: 'Hono', loginUrl: '/auth/tiktok?returnTo=/profile', demo }
  const now = options.now ?? Date.now

  app.use(serveStatic({ root: view.publicFolder }))
  app.use(async (c, next) => {
    for (const [name, value] of Object.entries(view.pageHeaders)) c.header(name, value)
    const answer = await tiktok(c.req.raw)
    if (answer) return answer
    c.set('tiktok', await tiktok.signedIn(c.req.raw))
    await next()
    c.res = c.var.tiktok.apply(c.res)
  })

  app.get('/', (c) => {
    if (c.var.tiktok.openId !== undefined) return c.redirect('/profile')
    return c.html(view.loginPage({ ...page, notice: c.req.query('notice') }))
  })

  app.get('/profile', async (c) => (await tiktok.requireLogin(c.req.raw)) ?? profile(c))

  app.get('/videos', async (c) => {
    const answer = await tiktok.requireLogin(c.req.raw, { scope: ['video.list'] })
    if (answer) return answer
    const reply = await c.var.tiktok.fetch('/v2/video/list/?fields=id,title', view.videoListRequest)
    return profile(c, view.videosOf(await reply.json()))
  })

  app.get('/token', async (c) => {
    const answer = await tiktok.requireLogin(c.req.raw)
    return answer ?? c.json({ ...(await c.var.tiktok.status()), now: now() })
  })

  app.post('/refresh', async (c) => {
    const answer = await tiktok.requireLogin(c.req.raw)
    return (
      answer ?? c.redirect(`/profile?notice=${await view.renewNow(tiktok.tokens, c.var.tiktok.openId)}`, 303)
    )
  })

  app.onError(async (error, c) => {
    const answer = await tiktok.recover(error, c.req.raw)
    if (answer) return answer
    const status = isTikTokAuthError(error) ? error.status : 500
    return applyErrorHeaders(
      error,
      c.html(view.errorPage({ ...page, error }), status as ContentfulStatusCode),
    )
  })

  async function profile(c: Context<Env>, videos?: readonly view.VideoView[]): Promise<Response> {
    const user = await c.var.tiktok.userInfo()
    const grant = await c.var.tiktok.status()
    const notice = c.req.query('notice')
    return c.html(view.profilePage({ ...page, user, grant, videos, notice, wanted: scope, now: now() }))
  }

  return app
}
