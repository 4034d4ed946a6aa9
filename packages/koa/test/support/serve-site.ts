import Router from '@koa/router'
import {
  prepareSite,
  type SendReply,
  type ServeApp,
  type Site,
  type SiteApp,
  type SiteRequest,
  type SiteSession,
  type SiteSessionStore,
} from '@tiktok-auth/conformance'
import type { Login } from '@tiktok-auth/core'
import { listen } from '@tiktok-auth/test-rig'
import type Koa from 'koa'
import type { Context, Middleware } from 'koa'
import mount from 'koa-mount'
import { createSession } from 'koa-session'
import { tiktokAuth } from '../../src/index.ts'
import type { KoaModule } from './rig.ts'

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
    for (const one of site.apps) {
      // It puts `ctx.session` on the contexts of the app that listens, mounted apps included.
      if (one.sessions !== undefined) app.use(sessionIn(one.sessions, app))
      app.use(mount(one.mountPath || '/', fill(new KoaVersion(), one)))
    }
    return listen(app.callback())
  }
}

function fill(app: Koa, { options, onStart, onLogin, identify, routes }: SiteApp): Koa {
  const tiktok = tiktokAuth({
    ...options,
    ...(identify && { session: { identify: (ctx: Context) => identify(broughtBy(ctx)) } }),
    ...(onStart && { onStart: (ctx) => onStart(headerOf(ctx)) }),
    ...(onLogin && { onLogin: (login, ctx) => answered(onLogin, login, ctx) }),
  })
  const router = new Router()
  for (const { method, path, requireLogin, handle } of routes) {
    const gate: Middleware[] = requireLogin === undefined ? [] : [tiktok.requireLogin(requireLogin)]
    router[method](path, ...gate, async (ctx) => {
      const { status, json } = await handle({ state: tiktok.of(ctx), ...broughtBy(ctx) })
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
    const send: SendReply = ({ status, json }) => {
      ctx.status = status
      ctx.body = json
      resolve('handled')
    }
    onLogin(login, send, broughtBy(ctx).session).then((result) => {
      if (result === undefined) resolve(result)
    }, reject)
  })
}

function headerOf({ req }: { readonly req: Context['req'] }): (name: string) => string | undefined {
  return (name) => req.headers[name]?.toString()
}

function sessionIn(store: SiteSessionStore, app: Koa): Middleware {
  return createSession({ key: store.cookieName, store, signed: false }, app)
}

/** A context, of the router's or of Koa's own making. */
type AnyContext = Pick<Context, 'req'> & Koa.DefaultContext

function broughtBy(ctx: AnyContext): Omit<SiteRequest, 'state'> {
  return { header: headerOf(ctx), ...(ctx['session'] !== undefined && { session: sessionOf(ctx) }) }
}

/** The session of the app's own, begun as the README says. */
function sessionOf(ctx: AnyContext): SiteSession {
  return {
    read: (name) => ctx['session'][name] as string | undefined,
    write: (name, value) => void (ctx['session'][name] = value),
    async begin(content) {
      ctx['session'] = {}
      await ctx['session'].regenerate()
      Object.assign(ctx['session'], content)
      await ctx['session'].save()
    },
  }
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
