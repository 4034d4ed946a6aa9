import { prepareSite, type ServeApp, type SiteApp } from '@tiktok-auth/conformance'
import { Hono } from 'hono'
import { applyErrorHeaders, errorResponse, tiktokAuth, type SignedInState } from '../../src/index.ts'
import { listen } from './listen.ts'
import { hooksOf, jsonOf } from './site-hooks.ts'

type Env = { Variables: { tiktok: SignedInState } }

/** Serves the sites of conformance cases with Hono. */
export const serveHono: ServeApp = async (setup) => {
  const site = prepareSite(setup)
  const failed = (error: unknown): Response =>
    site.recordsErrors ? applyErrorHeaders(error, jsonOf(site.failed(error))) : errorResponse(error)
  const app = new Hono()
  app.use(async (c, next) => {
    await next()
    for (const cookie of site.cookies) c.header('set-cookie', cookie, { append: true })
  })
  for (const one of site.apps) {
    // A mounted app sees what is left of the path.
    if (one.mountPath === '') app.route('/', fill(one, failed))
    else app.mount(one.mountPath, fill(one, failed).fetch)
  }
  return listen(app.fetch, { ownObjects: true })
}

function fill(one: SiteApp, failed: (error: unknown) => Response): Hono<Env> {
  const app = new Hono<Env>()
  const tiktok = tiktokAuth({ ...one.options, ...hooksOf(one) })
  app.use(async (c, next) => {
    const answer = await tiktok(c.req.raw)
    if (answer) return answer
    c.set('tiktok', await tiktok.signedIn(c.req.raw))
    await next()
    c.res = c.var.tiktok.apply(c.res)
  })
  for (const { method, path, requireLogin, handle } of one.routes) {
    app[method](path, async (c) => {
      const answer = requireLogin && (await tiktok.requireLogin(c.req.raw, requireLogin))
      return answer ?? jsonOf(await handle({ state: c.var.tiktok, header: (name) => c.req.header(name) }))
    })
  }
  app.onError(async (error, c) => (await tiktok.recover(error, c.req.raw)) ?? failed(error))
  return app
}
