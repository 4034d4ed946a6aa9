import { logIn, register, sessionsOf } from '@tiktok-auth/test-rig'
import Router from '@koa/router'
import Koa3 from 'koa'
import bodyParser from 'koa-bodyparser'
import mount from 'koa-mount'
import { createSession } from 'koa-session'
import { describe, expect, test } from 'vitest'
import { exchangeOf } from '../src/exchange.ts'
import { tiktokAuth } from '../src/index.ts'
import { serve, versions } from './support/rig.ts'

const underShop = {
  redirectUri: 'https://app.example/shop/auth/tiktok/callback',
  routes: { callback: '/auth/tiktok/callback' },
}

describe.each(versions)('mounted on %s', (_, Koa) => {
  test('below a prefix, as middleware', async () => {
    const rig = await serve(Koa, underShop, (app, tiktok) => {
      app.use(mount('/shop', tiktok))
      app.use(tiktok.requireLogin())
      app.use((ctx) => void (ctx.body = ctx.state.tiktok.openId))
    })
    const page = await rig.browser.open('/shop/page?a=1')
    expect(page.location).toBe('/shop/auth/tiktok?returnTo=%2Fshop%2Fpage%3Fa%3D1')
    const answer = await logIn(rig, { login: page.location ?? '' })
    expect(answer.location).toBe('/shop/page?a=1')
    expect((await rig.browser.open('/shop')).body).toBe(rig.emulator.grants[0]?.openId)
    // Outside of the mount path too: the session is the site's.
    expect((await rig.browser.open('/elsewhere')).body).toBe(rig.emulator.grants[0]?.openId)
    expect((await rig.browser.open('/auth/tiktok')).body).toBe(rig.emulator.grants[0]?.openId)
  })

  test('in an app inside an app inside an app', async () => {
    const rig = await serve(
      Koa,
      {
        redirectUri: 'https://app.example/a/b/auth/tiktok/callback',
        routes: { callback: '/auth/tiktok/callback' },
      },
      (app, tiktok) => {
        const inner = new Koa()
        inner.use(tiktok).use(tiktok.requireLogin())
        inner.use((ctx) => void (ctx.body = ctx.originalUrl))
        const middle = new Koa()
        middle.use(mount('/b', inner))
        app.use(mount('/a', middle))
      },
    )
    const page = await rig.browser.open('/a/b')
    expect(page.location).toBe('/a/b/auth/tiktok?returnTo=%2Fa%2Fb')
    expect((await logIn(rig, { login: page.location ?? '' })).location).toBe('/a/b')
    expect((await rig.browser.open('/a/b')).body).toBe('/a/b')
  })

  test('below a prefix that `routes` does not know of: says what to change', async () => {
    const rig = await serve(Koa, { redirectUri: underShop.redirectUri }, (app, tiktok) => {
      app.use(mount('/shop', tiktok))
    })
    expect((await rig.browser.open('/shop/auth/tiktok/callback?code=a&state=b')).status).toBe(500)
    expect(rig.errors).toMatchObject([{ code: 'configuration', option: 'routes.callback' }])
    expect(String(rig.errors[0])).toContain('`/shop`')
  })

  test('behind a proxy that cuts a prefix off', async () => {
    const rig = await serve(Koa, underShop, (app, tiktok) => {
      app.use(tiktok).use(tiktok.requireLogin())
      app.use((ctx) => void (ctx.body = 'in'))
    })
    const page = await rig.browser.open('/page')
    expect(page.location).toBe('/shop/auth/tiktok?returnTo=%2Fshop%2Fpage')
  })

  test('with a router that has a prefix', async () => {
    const rig = await serve(Koa, {}, (app, tiktok) => {
      const router = new Router({ prefix: '/shop' })
      router.get('/:id', tiktok.requireLogin(), (ctx) => void (ctx.body = [ctx.params['id'], ctx.url]))
      app.use(tiktok).use(tiktok.recover()).use(router.routes()).use(router.allowedMethods())
    })
    const page = await rig.browser.open('/shop/7?a=1')
    expect(page.location).toBe('/auth/tiktok?returnTo=%2Fshop%2F7%3Fa%3D1')
    await logIn(rig, { login: page.location ?? '' })
    expect((await rig.browser.open('/shop/7?a=1')).json()).toEqual(['7', '/shop/7?a=1'])
    const head = await rig.browser.open('/shop/7', { method: 'HEAD' })
    expect(head).toMatchObject({ status: 200, body: '' })
  })

  test('behind a body parser and a session, with users of the app’s own', async () => {
    const rig = await serve(
      Koa,
      {
        session: { identify: (ctx) => ctx['session'].openId as string | undefined },
        onStart: (ctx) => ({ bind: String(ctx['session'].userId) }),
        onLogin: async (login, ctx) => {
          ctx['session'] = {}
          await ctx['session'].regenerate()
          ctx['session'].openId = login.openId
          await ctx['session'].save()
        },
      },
      (app, tiktok) => {
        app.use(bodyParser()).use(createSession(app))
        app.use(async (ctx, next) => {
          ctx['session'].userId ??= 'ada'
          await next()
        })
        app.use(tiktok)
        app.use((ctx) => void (ctx.body = { openId: ctx.state.tiktok.openId ?? null }))
      },
    )
    expect((await rig.browser.open('/')).json()).toEqual({ openId: null })
    const start = await rig.browser.post('/auth/tiktok?returnTo=/in', { a: '1' })
    const { pathname, search } = await rig.emulator.consent(start.location ?? '')
    const answer = await rig.browser.open(pathname + search)
    expect(answer).toMatchObject({ status: 303, location: '/in' })
    expect(sessionsOf(answer)).toEqual([])
    expect((await rig.browser.open('/')).json()).toEqual({ openId: rig.emulator.grants[0]?.openId })
    const gone = await rig.browser.post('/auth/tiktok/disconnect', { a: '1' })
    expect(gone.status).toBe(303)
    expect(rig.emulator.grants.map(({ state }) => state)).not.toContain('active')
  })

  test('reads a body itself, and after a parser', async () => {
    const rig = await serve(Koa, {}, (app) => {
      const raw = new Koa()
      raw.use(async (ctx) => void (ctx.body = Buffer.from(await exchangeOf(rig.options, ctx).body())))
      app.use(mount('/raw', raw))
      app.use(bodyParser())
      app.use(mount('/parsed', raw))
    })
    for (const path of ['/raw', '/parsed']) {
      expect((await rig.browser.post(path, { a: 'b c', d: '&' })).body).toBe('a=b+c&d=%26')
    }
  })

  test('twice in one app, for two client keys', async () => {
    const studio = register({
      clientKey: 'awkey2',
      redirectUri: 'https://app.example/studio/callback',
      routes: { login: '/studio/login', logout: '/studio/logout', disconnect: '/studio/disconnect' },
    })
    const second = tiktokAuth(studio.options)
    const rig = await serve(Koa, {}, (app, tiktok) => {
      app.use(tiktok).use(second)
      app.use(mount('/studio/page', second.requireLogin()))
      app.use((ctx) => {
        ctx.body = [tiktok.of(ctx).openId ?? null, second.of(ctx).openId ?? null, ctx.state.tiktok.openId]
      })
    })
    await logIn(rig)
    const [mine] = rig.emulator.grants.map(({ openId }) => openId)
    const page = await rig.browser.open('/studio/page')
    expect(page.location).toBe('/studio/login?returnTo=%2Fstudio%2Fpage')
    await logIn({ ...rig, emulator: studio.emulator }, { login: page.location ?? '' })
    const [theirs] = studio.emulator.grants.map(({ openId }) => openId)
    expect((await rig.browser.open('/studio/page')).json()).toEqual([mine, theirs, theirs])
  })

  test('not at all: says so', async () => {
    const rig = await serve(Koa, {}, (app, tiktok) => {
      app.use((ctx) => void (ctx.body = tiktok.of(ctx)))
    })
    expect((await rig.browser.open('/')).status).toBe(500)
    expect(rig.errors).toMatchObject([{ code: 'configuration' }])
  })
})

test('an app under test is signed in by a cookie', async () => {
  const rig = await serve(Koa3, {}, (app, tiktok) => {
    app.use(tiktok)
    app.use((ctx) => void (ctx.body = ctx.state.tiktok.openId))
  })
  const cookie = await rig.tiktok.testCookie('ada')
  expect((await rig.browser.open('/', { headers: { cookie } })).body).toBe('ada')
})
