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

  app.use((_req, res, next) => void next(res.set(view.pageHeaders) && undefined))
  app.use(express.static(view.publicFolder))
  app.use(tiktok)

  app.get('/', (req, res) => {
    if (req.tiktok.openId === undefined) res.send(view.loginPage({ ...page, notice: req.query['notice'] }))
    else res.redirect('/profile')
  })

  app.get('/profile', tiktok.requireLogin(), async (req, res) => {
    res.send(await profile(req))
  })

  app.get('/videos', tiktok.requireLogin({ scope: ['video.list'] }), async (req, res) => {
    const list = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"max_count":10}' }
    const reply = await req.tiktok.fetch('/v2/video/list/?fields=id,title', list)
    res.send(await profile(req, view.videosOf(await reply.json())))
  })

  app.get('/token', tiktok.requireLogin(), async (req, res) => {
    res.json({ ...(await req.tiktok.status()), now: now() })
  })

  app.post('/refresh', tiktok.requireLogin(), async (req, res) => {
    const refusedAccessToken = await req.tiktok.accessToken()
    await tiktok.tokens.get(req.tiktok.openId ?? '', { refusedAccessToken })
    res.redirect(303, '/profile?notice=refreshed')
  })

  app.use(tiktok.recover())
  app.use(((error, _req, res, next) => {
    if (res.headersSent) return next(error)
    res.status(error.status ?? 500).send(view.errorPage({ ...page, error }))
  }) satisfies ErrorRequestHandler)

  async function profile(req: Request, videos?: readonly view.VideoView[]): Promise<string> {
    const [user, grant] = [await req.tiktok.userInfo(), await req.tiktok.status()]
    return view.profilePage({
      ...page,
      user,
      grant,
      wanted: scope,
      videos,
      now: now(),
      notice: req.query['notice'],
    })
  }
  return app
}
