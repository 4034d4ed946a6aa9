import { createHttpBrowser, listenForTest, logIn, register, tokenRequests } from '@tiktok-auth/test-rig'
import cookieParser from 'cookie-parser'
import type { ErrorRequestHandler, IRouter } from 'express'
import session from 'express-session'
import helmet from 'helmet'
import { describe, expect, test } from 'vitest'
import { tiktokAuth, type TikTokMiddleware } from '../src/index.ts'
import { serve, versions } from './support/rig.ts'

const callback = { routes: { callback: '/auth/tiktok/callback' } }

function me(app: IRouter, tiktok: TikTokMiddleware): void {
  app.get('/me', tiktok.requireLogin(), (req, res) => void res.json({ openId: req.tiktok.openId }))
}

describe.each(versions)('mounted on %s', (_, express) => {
  test('under a prefix', async () => {
    const options = { ...callback, redirectUri: 'https://app.example/api/auth/tiktok/callback' }
    const rig = await serve(express, options, (app, tiktok) => {
      app.use('/api', tiktok)
      me(app, tiktok)
      app.get('/api/me', tiktok.requireLogin(), (req, res) => void res.json({ openId: req.tiktok.openId }))
    })
    expect((await rig.browser.open('/auth/tiktok')).status).toBe(404)
    // One page below the mount path, one outside of it.
    for (const path of ['/api/me?x=1', '/me']) {
      const { location } = await rig.browser.open(path)
      expect(location).toBe(`/api/auth/tiktok?${new URLSearchParams({ returnTo: path })}`)
      expect(await logIn(rig, { login: location ?? '' })).toMatchObject({ location: path })
      expect((await rig.browser.open(path)).status).toBe(200)
      await rig.browser.post('/api/auth/tiktok/logout')
    }
  })

  test('under a prefix that `routes` does not know of: says what to change', async () => {
    const errors: string[] = []
    const options = { redirectUri: 'https://app.example/api/auth/tiktok/callback' }
    const rig = await serve(express, options, (app, tiktok) => {
      app.use('/api', tiktok)
      const last: ErrorRequestHandler = (error: Error, _req, res, _next) => {
        errors.push(error.message)
        res.end()
      }
      app.use(last)
    })
    await logIn(rig, { login: '/api/auth/tiktok' })
    expect(errors).toEqual([expect.stringMatching(/`routes\.callback`.*`\/api`/)])
    expect(tokenRequests(rig)).toBe(0)
  })

  test('in nested routers', async () => {
    const options = { ...callback, redirectUri: 'https://app.example/v1/users/auth/tiktok/callback' }
    const rig = await serve(express, options, (app, tiktok) => {
      const [v1, users] = [express.Router(), express.Router()]
      users.use(tiktok)
      me(users, tiktok)
      users.use(tiktok.recover())
      v1.use('/users', users)
      app.use('/v1', v1)
    })
    const { location } = await rig.browser.open('/v1/users/me')
    expect(location).toBe('/v1/users/auth/tiktok?returnTo=%2Fv1%2Fusers%2Fme')
    expect(await logIn(rig, { login: location ?? '' })).toMatchObject({ location: '/v1/users/me' })
    expect((await rig.browser.open('/v1/users/me')).status).toBe(200)
  })

  test('in an app inside an app', async () => {
    const options = { ...callback, redirectUri: 'https://app.example/shop/auth/tiktok/callback' }
    const rig = await serve(express, options, (app, tiktok) => {
      const inner = express()
      inner.use(tiktok)
      me(inner, tiktok)
      app.use('/shop', inner)
    })
    const { location } = await rig.browser.open('/shop/me')
    expect(await logIn(rig, { login: location ?? '' })).toMatchObject({ location: '/shop/me' })
    expect((await rig.browser.open('/shop/me')).status).toBe(200)
  })

  test('behind a proxy that cuts a prefix off', async () => {
    const options = { ...callback, redirectUri: 'https://app.example/shop/auth/tiktok/callback' }
    const rig = await serve(express, options, (app, tiktok) => {
      app.use(tiktok)
      me(app, tiktok)
    })
    const { location } = await rig.browser.open('/me')
    expect(location).toBe('/shop/auth/tiktok?returnTo=%2Fshop%2Fme')
    const start = await rig.browser.open((location ?? '').slice('/shop'.length))
    const back = await rig.emulator.consent(start.location ?? '')
    expect(back.pathname).toBe('/shop/auth/tiktok/callback')
    const answer = await rig.browser.open(back.pathname.slice('/shop'.length) + back.search)
    expect(answer).toMatchObject({ status: 303, location: '/shop/me' })
  })

  test('never looks at the host a request claims', async () => {
    const rig = await serve(express)
    for (const headers of [
      { host: 'evil.example' },
      { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' },
    ]) {
      const { location } = await rig.browser.open('/auth/tiktok', { headers })
      expect(new URL(location ?? '').searchParams.get('redirect_uri')).toBe(rig.options.redirectUri)
    }
  })

  test('next to body parsers, a cookie parser, sessions of its own and helmet', async () => {
    const rig = await serve(express, {}, (app, tiktok) => {
      app.use(helmet())
      app.use(
        session({ secret: 'app secret', resave: false, saveUninitialized: true, cookie: { secure: false } }),
      )
      app.use(cookieParser('another'), express.json(), express.urlencoded({ extended: true }), express.text())
      app.use((_req, res, next) => {
        res.cookie('mine', '1')
        next()
      })
      app.use(tiktok)
      me(app, tiktok)
    })
    const answer = await logIn(rig, { login: '/auth/tiktok?returnTo=/me' })
    expect(answer).toMatchObject({ status: 303, location: '/me' })
    expect(answer.cookies.map((cookie) => cookie.split('=')[0])).toEqual(
      expect.arrayContaining(['mine', expect.stringMatching(/^__Host-tiktok-session/)]),
    )
    expect((await rig.browser.open('/me')).status).toBe(200)
    expect(await rig.browser.post('/auth/tiktok/logout', { returnTo: '/bye' })).toMatchObject({ status: 303 })
    expect((await rig.browser.api('/me')).status).toBe(401)
    expect(rig.browser.cookies.has('connect.sid')).toBe(true)
  })

  test('waits for a slow session store before it answers', async () => {
    const store = new session.MemoryStore()
    const set = store.set.bind(store)
    let saved = 0
    store.set = (sid, data, done) => {
      setTimeout(() => {
        saved += 1
        set(sid, data, done)
      }, 100)
    }
    const options = {
      onLogin: (login: { openId: string }, req: { session: object }): void =>
        void Object.assign(req.session, { user: login.openId }),
    }
    const rig = await serve(express, options, (app, tiktok) => {
      app.use(session({ store, secret: 'app secret', resave: false, saveUninitialized: false }))
      app.use(tiktok)
      app.get('/app', (req, res) => void res.json({ user: 'user' in req.session }))
    })
    await logIn(rig)
    expect(saved).toBeGreaterThan(0)
    expect((await rig.browser.open('/app')).json()).toEqual({ user: true })
  })

  test('twice in one process, for two client keys', async () => {
    const one = register({ routes: { login: '/one/login', logout: '/one/logout', disconnect: '/one/leave' } })
    const two = register({
      clientKey: 'awkey2',
      redirectUri: 'https://app.example/two/callback',
      routes: { login: '/two/login', logout: '/two/logout', disconnect: '/two/leave' },
    })
    const [first, second] = [tiktokAuth(one.options), tiktokAuth(two.options)]
    const app = express()
    app.use(first, second)
    app.get('/both', (req, res) => {
      res.json([first.of(req).openId ?? null, second.of(req).openId ?? null, req.tiktok === second.of(req)])
    })
    app.get('/first', first.requireLogin(), (req, res) => void res.json(req.tiktok === first.of(req)))
    app.get('/second', second.requireLogin(), (req, res) => void res.json(req.tiktok === second.of(req)))
    app.use(first.recover(), second.recover())
    const browser = createHttpBrowser(await listenForTest(app))

    await logIn({ browser, emulator: one.emulator }, { login: '/one/login' })
    expect((await browser.open('/first')).json()).toBe(true)
    expect((await browser.open('/second')).location).toBe('/two/login?returnTo=%2Fsecond')
    await logIn({ browser, emulator: two.emulator }, { login: '/two/login' })
    const [openId1, openId2] = [one.emulator.grants[0]?.openId, two.emulator.grants[0]?.openId]
    expect((await browser.open('/both')).json()).toEqual([openId1, openId2, true])
    await browser.post('/one/logout')
    expect((await browser.open('/both')).json()).toEqual([null, openId2, true])
  })
})
