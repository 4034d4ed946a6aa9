import Router from '@koa/router'
import { prepareSite, type ServeApp, type Site, type SiteApp } from '@tiktok-auth/conformance'
import type { Login } from '@tiktok-auth/core'
import type Koa from 'koa'
import type { Context, Middleware } from 'koa'
import mount from 'koa-mount'
import { tiktokAuth } from '../../src/index.ts'
import { listen, type KoaModule } from './rig.ts'

/** Serves the sites of conformance cases with Koa. */
export function serveSite(KoaVersion: KoaModule): ServeApp {
  return async (setup) => {
    const site = prepareSite(setup)
    const app = new KoaVersion()
    app.use(async (ctx, next) => {
      for (const cookie of site.cookies) ctx.append('set-cookie', cookie)
      await next()
    })
    if (site.recordsErrors) app.use(recorder(site))
    for (const one of site.apps) app.use(mount(one.mountPath || '/', fill(new KoaVersion(), one)))
    const { port, close } = await listen(app.callback())
    return { origin: `http://127.0.0.1:${port}`, close }
  }
}

function fill(app: Koa, { options, onStart, onLogin, routes }: SiteApp): Koa {
  const tiktok = tiktokAuth({
    ...options,
    ...(onStart && { onStart: (ctx) => onStart(headerOf(ctx)) }),
    ...(onLogin && { onLogin: (login, ctx) => answered(onLogin, login, ctx) }),
  })
  const router = new Router()
  for (const { method, path, requireLogin, handle } of routes) {
    const gate: Middleware[] = requireLogin === undefined ? [] : [tiktok.requireLogin(requireLogin)]
    router[method](path, ...gate, async (ctx) => {
      const { status, json } = await handle({ state: tiktok.of(ctx), header: headerOf(ctx) })
      ctx.status = status
      ctx.body = json
    })
  }
  app.use(tiktok).use(tiktok.recover()).use(router.routes())
  return app
}

/** Koa answers when its middleware is done: an answer that comes later is waited for. */
function answered(
  onLogin: NonNullable<SiteApp['onLogin']>,
  login: Login,
  ctx: Context,
): Promise<'handled' | undefined> {
  return new Promise((resolve, reject) => {
    onLogin(login, ({ status, json }) => {
      ctx.status = status
      ctx.body = json
      resolve('handled')
    }).then((result) => {
      if (result === undefined) resolve(result)
    }, reject)
  })
}

function headerOf({ req }: { readonly req: Context['req'] }): (name: string) => string | undefined {
  return (name) => req.headers[name]?.toString()
}

function recorder(site: Site): Middleware {
  return async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      const { status, json } = site.failed(error)
      ctx.status = status
      ctx.body = json
    }
  }
}
