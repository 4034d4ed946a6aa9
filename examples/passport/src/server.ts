import { isTikTokAuthError, userInfoFieldsFor, type TokenStore } from '@tiktok-auth/core'
import * as view from '@tiktok-auth/example-view'
import {
  TikTokStrategy,
  type TikTokAuthInfo,
  type TikTokFailure,
  type TikTokStrategyOptions,
} from '@tiktok-auth/passport-tiktok'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import session from 'express-session'
import { randomBytes } from 'node:crypto'
import { Passport } from 'passport'

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- the way to tell Passport's types what a user is
  namespace Express {
    interface User {
      openId: string
    }
  }
}

type LoginInfo = TikTokAuthInfo & TikTokFailure

const scope = ['user.info.basic', 'user.info.stats', 'video.list']

type Options = TikTokStrategyOptions & { readonly store: TokenStore }

/** The example app. `demo` says where the emulator's dashboard is, when there is one. */
export function createApp(options: Options, demo?: view.DemoLinks): Express {
  const app = express()
  const passport = new Passport()
  const tiktok = new TikTokStrategy({ scope, ...options }, (_access, _refresh, profile, done) => {
    done(null, { openId: profile.id })
  })
  const tokens = tiktok.tokens!
  const page = { framework: 'Passport', loginUrl: '/auth/tiktok?returnTo=/profile', demo }
  const now = options.now ?? Date.now

  passport.use(tiktok)
  passport.serializeUser((user, done) => done(null, user.openId))
  passport.deserializeUser((openId: string, done) => done(null, { openId }))

  app.disable('x-powered-by')
  app.use((_req, res, next) => {
    res.set(view.pageHeaders)
    next()
  })
  app.use(express.static(view.publicFolder))
  const secret = randomBytes(32).toString('hex')
  app.use(session({ secret, resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } }))
  app.use(passport.session())

  app.get('/auth/tiktok', passport.authenticate('tiktok'))
  app.get('/auth/tiktok/callback', (req, res, next) => {
    const done = (error: unknown, user?: Express.User | false, info: Partial<LoginInfo> = {}): void => {
      if (!user) return next(error ?? info.error)
      req.logIn(user, (failed) => (failed ? next(failed) : res.redirect(303, info.returnTo ?? '/')))
    }
    passport.authenticate('tiktok', done)(req, res, next)
  })
  app.post('/auth/tiktok/logout', leave('logged-out'))
  app.post('/auth/tiktok/disconnect', signedIn, async (req, res, next) => {
    await tokens.revoke(req.user!.openId)
    leave('disconnected')(req, res, next)
  })

  app.get('/', (req, res) => {
    if (req.user) return res.redirect('/profile')
    res.send(view.loginPage({ ...page, notice: req.query['notice'] }))
  })
  app.get('/profile', signedIn, async ({ user, query }, res) => {
    res.send(await profile(user!, { notice: query['notice'] }))
  })
  app.get('/videos', signedIn, async ({ user }, res) => {
    const granted = await tokens.status(user!.openId)
    if (!granted.scope.includes('video.list')) return res.redirect('/auth/tiktok?returnTo=/videos')
    const reply = await tokens.fetch(user!.openId, '/v2/video/list/?fields=id,title', view.videoListRequest)
    res.send(await profile(user!, { videos: view.videosOf(await reply.json()) }))
  })
  app.get('/token', signedIn, async ({ user }, res) => {
    res.json({ ...(await tokens.status(user!.openId)), now: now() })
  })
  app.post('/refresh', signedIn, async ({ user }, res) => {
    res.redirect(303, `/profile?notice=${await view.renewNow(tokens, user!.openId)}`)
  })

  app.use(((error, _req, res, next) => {
    if (res.headersSent) return next(error)
    // The grant has ended: the user is asked once more.
    if (error.code === 'reauthorization_required') return res.redirect(303, page.loginUrl)
    res.status(error.status ?? 500).send(view.errorPage({ ...page, error: typed(error) }))
  }) satisfies ErrorRequestHandler)

  async function profile({ openId }: Express.User, more: object): Promise<string> {
    const { accessToken, scope: granted } = await tokens.get(openId)
    const user = await tiktok.client.userInfo(accessToken, userInfoFieldsFor(granted))
    const grant = await tokens.status(openId)
    return view.profilePage({ ...page, user, grant, ...more, wanted: scope, now: now() })
  }

  return app
}

const signedIn: RequestHandler = (req, res, next) => {
  if (req.user) return next()
  if (req.accepts('html'))
    return res.redirect(`/auth/tiktok?${new URLSearchParams({ returnTo: req.originalUrl })}`)
  res.sendStatus(401)
}

/** Passport's errors carry ours, which say what to change, as their cause. */
function typed(error: { readonly cause?: unknown }): unknown {
  return isTikTokAuthError(error) ? error : (error.cause ?? error)
}

function leave(notice: string): RequestHandler {
  return (req, res, next) => {
    req.logout((error) => {
      if (error) return next(error)
      res.clearCookie('connect.sid').redirect(303, `/?notice=${notice}`)
    })
  }
}
