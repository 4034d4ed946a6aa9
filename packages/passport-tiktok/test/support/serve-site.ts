import {
  prepareSite,
  type ServeApp,
  type Site,
  type SiteApp,
  type SiteReply,
  type SiteSession,
} from '@tiktok-auth/conformance'
import { isTikTokAuthError } from '@tiktok-auth/core'
import { callbackStore, listen } from '@tiktok-auth/test-rig'
import type { ErrorRequestHandler, Express, Request, RequestHandler, Response } from 'express'
import session from 'express-session'
import type { Authenticator } from 'passport'
import {
  TikTokStrategy,
  type TikTokAuthInfo,
  type TikTokFailure,
  type VerifyFunctionWithParams,
} from '../../src/index.ts'
import type { Host } from './rig.ts'

/** Serves the sites of conformance cases as Passport apps are usually made: with express-session. */
export function serveSite({ express, passport }: Host): ServeApp {
  return async (setup) => {
    const site = prepareSite(setup)
    const app = express()
    app.use((_req, res, next) => {
      for (const cookie of site.cookies) res.append('set-cookie', cookie)
      next()
    })
    for (const [index, one] of site.apps.entries()) {
      const router = express.Router({ strict: true, caseSensitive: true }) as Express
      const kept = keptIn(one.sessions) ?? { name: `site${index}.sid` }
      router.use(session({ secret: 'a secret', resave: false, saveUninitialized: false, ...kept }))
      mount(router, new passport.Passport(), one)
      app.use(one.mountPath || '/', router)
    }
    if (site.recordsErrors) app.use(recorder(site))
    return listen(app)
  }
}

function mount(router: Express, passport: Authenticator, one: SiteApp): void {
  const { pathname } = new URL(one.options.redirectUri)
  const { login = '/auth/tiktok', callback = pathname } = one.options.routes ?? {}
  const base = pathname.slice(0, pathname.length - callback.length)
  const { routes: _routes, session: _session, ...options } = one.options
  passport.use(
    new TikTokStrategy(
      {
        defaultReturnTo: `${base}/`,
        ...options,
        loginPath: base + login,
        bind: (req) => one.onStart?.((name) => req.get(name)).bind,
      },
      verifyWith(one),
    ),
  )
  passport.serializeUser((user, done) => done(null, user))
  passport.deserializeUser((user: Express.User, done) => done(null, user))
  router.use(passport.session() as RequestHandler)

  const state = (req: Request): unknown => one.onStart?.((name) => req.get(name)).data
  router.all(login, (req, res, next) => authenticate(passport, { state: state(req) })(req, res, next))
  router.all(callback, authenticate(passport, {}))
  for (const { method, path, handle } of one.routes) {
    router[method](path, (req, res, next) => {
      const openId = Reflect.get(req.user ?? {}, 'openId') as string | undefined
      handle({ state: { openId }, header: (name) => req.get(name), session: sessionOf(req) }).then(
        (reply) => void send(res, reply),
        next,
      )
    })
  }
}

/** Passport's counterpart of `onLogin`. What it wants to answer is answered when the session has begun. */
function verifyWith({ onLogin }: SiteApp): VerifyFunctionWithParams {
  return async (_accessToken, _refreshToken, params, profile, done) => {
    const { state, ...info } = params.info
    const user = profile._json && {
      openId: profile.id,
      displayName: profile.displayName,
      raw: profile._json,
    }
    let answer: (reply: SiteReply) => void = () => undefined
    const reply = new Promise<SiteReply>((resolve) => (answer = resolve))
    const handled = await onLogin?.({ ...info, tokenSet: params.tokenSet, user, data: state }, answer)
    done(null, { openId: profile.id }, handled === 'handled' ? { reply } : {})
  }
}

function keptIn(sessions: SiteApp['sessions']): { name: string; store: session.Store } | undefined {
  if (sessions === undefined) return undefined
  return {
    name: sessions.cookieName,
    store: Object.assign(new session.MemoryStore(), callbackStore(sessions)),
  }
}

/** The session of the app's own. Passport begins it, and says in it who is signed in. */
function sessionOf({ session }: Request): SiteSession {
  return {
    read: (name) => Reflect.get(session, name) as string | undefined,
    write: (name, value) => void Reflect.set(session, name, value),
    begin: async () => undefined,
  }
}

type Info = Partial<TikTokAuthInfo & TikTokFailure & { readonly reply: Promise<SiteReply> }>

function authenticate(passport: Authenticator, options: object): RequestHandler {
  return (req, res, next) => {
    const done = (error: unknown, user?: Express.User | false, info: Info = {}, status = 401): void => {
      if (error) return next(typed(error))
      if (!user) return info.error ? next(info.error) : void res.sendStatus(status)
      req.logIn(user, (failed: unknown) => {
        if (failed) return next(failed)
        if (info.reply === undefined) return res.redirect(303, info.returnTo ?? '/')
        info.reply.then((reply) => void send(res, reply), next)
      })
    }
    ;(passport.authenticate('tiktok', options, done) as RequestHandler)(req, res, next)
  }
}

/** Passport's errors carry the typed ones, by which adapters are compared. */
function typed(error: unknown): unknown {
  const cause: unknown = error instanceof Error ? error.cause : undefined
  return !isTikTokAuthError(error) && isTikTokAuthError(cause) ? cause : error
}

function send(res: Response, { status, json }: SiteReply): unknown {
  return res.status(status).json(json)
}

function recorder(site: Site): ErrorRequestHandler {
  return (error, _req, res, next) => {
    const reply = site.failed(error)
    if (res.headersSent) return next(error)
    send(res, reply)
  }
}
