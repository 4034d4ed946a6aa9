import * as view from '@tiktok-auth/example-view'
import { tiktokAuth, type ExpressTikTokAuthOptions } from '@tiktok-auth/express'
import express, { type ErrorRequestHandler, type Express, type Request } from 'express'

const scope = ['user.info.basic', 'user.info.stats', 'video.list']

/** The example app. `demo` says where the emulator's dashboard is, when there is one. */
export function createApp(options: ExpressTikTokAuthOptions, demo?: view.DemoLinks): Express {
  const app = express()
  const tiktok = tiktokAuth({ scope, ...options })
  const page = { framework: 'Express', loginUrl: '/auth/tiktok?returnTo=/profile', demo }
  const now = options.now ?? Date.now

  app.disable('x-powered-by')
  app.use((_req, res, next) => {
    res.set(view.pageHeaders)
    next()
  })
  app.use(express.static(view.publicFolder))
  app.use(tiktok)

  app.get('/', (req, res) => {
    if (req.tiktok.openId !== undefined) return res.redirect('/profile')
    res.send(view.loginPage({ ...page, notice: req.query['notice'] }))
  })

  app.get('/profile', tiktok.requireLogin(), async (req, res) => {
    res.send(await profile(req))
  })

  app.get('/videos', tiktok.requireLogin({ scope: ['video.list'] }), async (req, res) => {
    const reply = await req.tiktok.fetch('/v2/video/list/?fields=id,title', view.videoListRequest)
    res.send(await profile(req, view.videosOf(await reply.json())))
  })

  app.get('/token', tiktok.requireLogin(), async (req, res) => {
    res.json({ ...(await req.tiktok.status()), now: now() })
  })

  app.post('/refresh', tiktok.requireLogin(), async (req, res) => {
    res.redirect(303, `/profile?notice=${await view.renewNow(tiktok.tokens, req.tiktok.openId)}`)
  })

  app.use(tiktok.recover())
  app.use(((error, _req, res, next) => {
    if (res.headersSent) return next(error)
    res.status(error.status ?? 500).send(view.errorPage({ ...page, error }))
  }) satisfies ErrorRequestHandler)

  async function profile(req: Request, videos?: readonly view.VideoView[]): Promise<string> {
    const user = await req.tiktok.userInfo()
    const grant = await req.tiktok.status()
    const { notice } = req.query
    return view.profilePage({ ...page, user, grant, videos, notice, wanted: scope, now: now() })
  }

  return app
}
