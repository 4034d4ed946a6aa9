import {
  prepareSite,
  type ServeApp,
  type Site,
  type SiteApp,
  type SiteRequest,
  type SiteSession,
  type SiteSessionStore,
} from '@tiktok-auth/conformance'
import { callbackStore, listen } from '@tiktok-auth/test-rig'
import type { ErrorRequestHandler, Express, Request, RequestHandler } from 'express'
import session from 'express-session'
import { promisify } from 'node:util'
import { tiktokAuth } from '../../src/index.ts'
import type { ExpressModule } from './rig.ts'

/** Serves the sites of conformance cases with Express. */
export function serveSite(express: ExpressModule): ServeApp {
  return async (setup) => {
    const site = prepareSite(setup)
    const app = express()
    app.use((_req, res, next) => {
      for (const cookie of site.cookies) res.append('set-cookie', cookie)
      next()
    })
    for (const one of site.apps) {
      const router = express.Router() as Express
      mount(router, one)
      app.use(one.mountPath || '/', router)
    }
    if (site.recordsErrors) app.use(recorder(site))
    return listen(app)
  }
}

function mount(router: Express, { options, onStart, onLogin, identify, sessions, routes }: SiteApp): void {
  if (sessions !== undefined) router.use(appSession(sessions))
  const tiktok = tiktokAuth({
    ...options,
    ...(identify && { session: { identify: (req: Request) => identify(broughtBy(req)) } }),
    ...(onStart && { onStart: (req: Request) => onStart(headerOf(req)) }),
    ...(onLogin && {
      onLogin: (login, req, res) => {
        return onLogin(login, ({ status, json }) => res.status(status).json(json), broughtBy(req).session)
      },
    }),
  })
  router.use(tiktok)
  for (const { method, path, requireLogin, handle } of routes) {
    const gate: RequestHandler[] = requireLogin === undefined ? [] : [tiktok.requireLogin(requireLogin)]
    const page: RequestHandler = async (req, res) => {
      const { status, json } = await handle({ state: tiktok.of(req), ...broughtBy(req) })
      res.status(status).json(json)
    }
    router[method](path, ...gate, tiktok.handler(page))
  }
  router.use(tiktok.recover())
}

function headerOf(req: Request): (name: string) => string | undefined {
  return (name) => req.get(name)
}

function broughtBy(req: Request): Omit<SiteRequest, 'state'> {
  return { header: headerOf(req), ...('session' in req && { session: sessionOf(req) }) }
}

function appSession(sessions: SiteSessionStore): RequestHandler {
  const store = Object.assign(new session.MemoryStore(), callbackStore(sessions))
  const { cookieName: name } = sessions
  return session({ name, store, secret: 'a secret', resave: false, saveUninitialized: false })
}

/** The session of the app's own, begun as the README says. */
function sessionOf(req: Request): SiteSession {
  return {
    read: (name) => Reflect.get(req.session, name) as string | undefined,
    write: (name, value) => void Reflect.set(req.session, name, value),
    async begin(content) {
      await promisify(req.session.regenerate).call(req.session)
      Object.assign(req.session, content)
      await promisify(req.session.save).call(req.session)
    },
  }
}

function recorder(site: Site): ErrorRequestHandler {
  return (error, _req, res, next) => {
    const { status, json } = site.failed(error)
    if (res.headersSent) return next(error)
    res.status(status).json(json)
  }
}
