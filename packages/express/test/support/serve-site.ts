import { prepareSite, type ServeApp, type Site, type SiteApp } from '@tiktok-auth/conformance'
import type { ErrorRequestHandler, Express, Request, RequestHandler } from 'express'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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

function mount(router: Express, { options, onStart, onLogin, routes }: SiteApp): void {
  const tiktok = tiktokAuth({
    ...options,
    ...(onStart && { onStart: (req: Request) => onStart(headerOf(req)) }),
    ...(onLogin && {
      onLogin: (login, _req, res) => onLogin(login, ({ status, json }) => res.status(status).json(json)),
    }),
  })
  router.use(tiktok)
  for (const { method, path, requireLogin, handle } of routes) {
    const gate: RequestHandler[] = requireLogin === undefined ? [] : [tiktok.requireLogin(requireLogin)]
    const page: RequestHandler = async (req, res) => {
      const { status, json } = await handle({ state: tiktok.of(req), header: headerOf(req) })
      res.status(status).json(json)
    }
    router[method](path, ...gate, tiktok.handler(page))
  }
  router.use(tiktok.recover())
}

function headerOf(req: Request): (name: string) => string | undefined {
  return (name) => req.get(name)
}

function recorder(site: Site): ErrorRequestHandler {
  return (error, _req, res, next) => {
    const { status, json } = site.failed(error)
    if (res.headersSent) return next(error)
    res.status(status).json(json)
  }
}

async function listen(app: Express): Promise<{ origin: string; close(): Promise<void> }> {
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
