import { logIn, startLogin, tokenRequests } from '@tiktok-auth/test-rig'
import { memoryTokenStore } from '@tiktok-auth/core'
import type { RequestHandler } from 'express'
import session from 'express-session'
import { describe, expect, test } from 'vitest'
import { expressSession, hosts, infoOf, newest, serve, userOf, usualRoutes } from './support/rig.ts'

describe.each(hosts)('a login with %s', (_, host) => {
  test('signs somebody in', async () => {
    const rig = await serve(host)
    expect(await userOf(rig.browser)).toBeNull()
    const answer = await logIn(rig, { login: '/auth/tiktok?returnTo=/videos%3Fpage=2' })
    expect(answer).toMatchObject({ status: 303, location: '/videos?page=2' })
    expect(await userOf(rig.browser)).toEqual({ id: rig.emulator.grants[0]?.openId, name: 'Mia Sommer' })
    expect(tokenRequests(rig, 'authorization_code')).toBe(1)
  })

  test('sets a host-only, secure cookie that scripts cannot read, and removes it with the same attributes', async () => {
    const rig = await serve(host)
    const start = await rig.browser.open('/auth/tiktok')
    expect(start.cookies).toHaveLength(1)
    expect(start.cookies[0]).toMatch(/^__Host-[^;]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/)
    const { pathname, search } = await rig.emulator.consent(start.location ?? '')
    const answer = await rig.browser.open(pathname + search)
    const name = start.cookies[0]?.split('=')[0] ?? ''
    expect(answer.cookies).toContainEqual(`${name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure`)
    expect([...rig.browser.cookies.keys()]).toEqual(['connect.sid'])
  })

  test('keeps every answer out of caches and referrers', async () => {
    const rig = await serve(host)
    const start = await rig.browser.open('/auth/tiktok')
    const { pathname, search } = await rig.emulator.consent(start.location ?? '')
    const done = await rig.browser.open(pathname + search)
    const refused = await rig.newBrowser().open('/auth/tiktok/callback?code=a&state=b')
    const cancelled = await rig.browser.open(await startLogin(rig, { cancel: true }))
    for (const { headers } of [start, done, refused, cancelled]) {
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    }
    expect([refused.status, cancelled.status]).toEqual([400, 403])
  })

  test('begins a new session at the login: one planted before is worth nothing', async () => {
    const rig = await serve(host, {
      routes(site) {
        site.app.get('/visit', (req, res) => {
          Object.assign(req.session, { csrfToken: 'known to the attacker' })
          res.end()
        })
        site.app.get('/session', (req, res) => void res.json(req.session))
        usualRoutes(site)
      },
    })
    const attacker = rig.newBrowser()
    await attacker.open('/visit')
    for (const [name, value] of attacker.cookies) rig.browser.cookies.set(name, value)
    await logIn(rig)
    expect(await userOf(rig.browser)).not.toBeNull()
    expect(await userOf(attacker)).toBeNull()
    expect((await rig.browser.open('/session')).body).not.toContain('csrfToken')
  })

  test('survives a session store that loses everything between start and end', async () => {
    const store = new session.MemoryStore()
    const rig = await serve(host, { session: expressSession(store) })
    const callback = await startLogin(rig)
    await new Promise<void>((resolve) => store.clear(() => resolve()))
    expect((await rig.browser.open(callback)).status).toBe(303)
    expect(await userOf(rig.browser)).toMatchObject({ name: 'Mia Sommer' })
  })

  test('needs no session', async () => {
    const rig = await serve(host, {
      session: false,
      routes({ app, passport }) {
        const login = passport.authenticate('tiktok', { session: false }) as RequestHandler
        app.get('/auth/tiktok', login)
        app.get('/auth/tiktok/callback', login, (req, res) => void res.json({ user: req.user }))
      },
    })
    const answer = await logIn(rig)
    expect(answer.json()).toEqual({ user: { id: rig.emulator.grants[0]?.openId, name: 'Mia Sommer' } })
    expect(answer.cookies.filter((cookie) => !cookie.includes('Max-Age=0'))).toEqual([])
  })

  test.each([
    { callbackURL: 'https://app.example/auth/tiktok' },
    { callbackURL: 'https://app.example/login', loginPath: '/login' },
    { callbackURL: 'https://app.example/', loginPath: '/', defaultReturnTo: '/me' },
  ])('may start and end on one route: %j', async (options) => {
    const { pathname } = new URL(options.callbackURL)
    const rig = await serve(host, {
      options,
      routes({ app, passport }) {
        app.get('/me', (req, res) => void res.json(req.user))
        app.get(pathname, passport.authenticate('tiktok') as RequestHandler, (_req, res) =>
          res.redirect('/me'),
        )
      },
    })
    expect((await logIn(rig, { login: pathname })).location).toBe('/me')
    expect((await rig.browser.open('/me')).json()).toMatchObject({ name: 'Mia Sommer' })
  })

  test('honours successRedirect, failureRedirect and failureMessage', async () => {
    const rig = await serve(host, {
      routes({ app, passport }) {
        app.get('/auth/tiktok', passport.authenticate('tiktok') as RequestHandler)
        app.get(
          '/auth/tiktok/callback',
          passport.authenticate('tiktok', {
            successRedirect: '/welcome',
            failureRedirect: '/login',
            failureMessage: true,
          }) as RequestHandler,
        )
        app.get('/messages', (req, res) => void res.json(Reflect.get(req.session, 'messages')))
      },
    })
    const cancelled = await logIn(rig, { cancel: true })
    expect(cancelled).toMatchObject({ status: 302, location: '/login' })
    expect(cancelled.headers['cache-control']).toBe('no-store')
    expect((await rig.browser.open('/messages')).json()).toEqual(['The login with TikTok was cancelled.'])
    expect(await logIn(rig)).toMatchObject({ status: 302, location: '/welcome' })
  })

  test('honours successReturnToOrRedirect, with keepSessionInfo as Passport wants it', async () => {
    const rig = await serve(host, {
      routes({ app, passport }) {
        app.get('/private', (req, res) => {
          Object.assign(req.session, { returnTo: '/private' })
          res.redirect('/auth/tiktok')
        })
        app.get('/auth/tiktok', passport.authenticate('tiktok') as RequestHandler)
        app.get(
          '/auth/tiktok/callback',
          passport.authenticate('tiktok', {
            successReturnToOrRedirect: '/welcome',
            keepSessionInfo: true,
          }) as RequestHandler,
        )
      },
    })
    expect((await logIn(rig)).location).toBe('/welcome')
    await rig.browser.open('/private')
    expect((await logIn(rig)).location).toBe('/private')
  })

  test('asks for the scope of a route, and gives application data back', async () => {
    const rig = await serve(host, {
      routes({ app, passport }) {
        const [plan] = [{ plan: ['pro', 2] }]
        const options = { scope: 'user.info.basic user.info.stats', state: plan, forceConsent: true }
        app.get('/auth/tiktok', passport.authenticate('tiktok', options as object) as RequestHandler)
        app.get('/auth/tiktok/callback', (req, res, next) => {
          const done = (error: unknown, user: unknown, info: unknown): void => {
            if (error) next(error)
            else res.json({ user, info })
          }
          ;(passport.authenticate('tiktok', done) as RequestHandler)(req, res, next)
        })
      },
    })
    const start = await rig.browser.open('/auth/tiktok')
    const asked = new URL(start.location ?? '').searchParams
    expect(asked.get('scope')).toBe('user.info.basic,user.info.stats')
    expect(asked.get('disable_auto_auth')).toBe('1')
    expect(start.location).not.toContain('plan')
    const answer = (await logIn(rig, { scope: ['user.info.basic'] })).json()
    expect(answer).toMatchObject({
      info: {
        state: { plan: ['pro', 2] },
        returnTo: '/',
        openId: rig.emulator.grants[0]?.openId,
        scope: ['user.info.basic'],
        missingScope: ['user.info.stats'],
      },
    })
  })

  test('exchanges the code once for a double click, and signs in whichever answer the browser shows', async () => {
    const verified: string[] = []
    const rig = await serve(host, {
      verify: (_accessToken, _refreshToken, _params, profile, done) => {
        verified.push(profile.id)
        setTimeout(() => done(null, { id: profile.id }), 20)
      },
    })
    const callback = await startLogin(rig)
    const [first, second] = [rig.browser, rig.newBrowser()]
    for (const [name, value] of first.cookies) second.cookies.set(name, value)
    const answers = await Promise.all([first.open(callback), second.open(callback)])
    expect(answers.map(({ status }) => status)).toEqual([303, 303])
    expect(await userOf(first)).not.toBeNull()
    expect(await userOf(second)).not.toBeNull()
    expect([verified.length, tokenRequests(rig)]).toEqual([1, 1])
  })

  test('signs nobody in by a callback that is replayed with its cookie', async () => {
    const rig = await serve(host)
    const callback = await startLogin(rig)
    const later = rig.newBrowser()
    for (const [name, value] of rig.browser.cookies) later.cookies.set(name, value)
    await rig.browser.open(callback)
    expect(await later.open(callback)).toMatchObject({ status: 303, location: '/' })
    expect(await userOf(later)).toBeNull()
    rig.emulator.advance(61_000)
    expect((await later.open(callback)).status).toBeGreaterThanOrEqual(400)
    expect(await userOf(later)).toBeNull()
  })

  test('shows no error to somebody signed in who reloads the callback', async () => {
    const rig = await serve(host)
    const callback = await startLogin(rig)
    await rig.browser.open(callback)
    expect(await rig.browser.open(callback)).toMatchObject({ status: 303, location: '/' })
    expect(tokenRequests(rig)).toBe(1)
  })

  test.each([[[0, 1]], [[1, 0]]])('keeps two tabs apart in the order %j', async (order) => {
    const rig = await serve(host)
    const callbacks = [
      await startLogin(rig, { login: '/auth/tiktok?returnTo=/one' }),
      await startLogin(rig, { login: '/auth/tiktok?returnTo=/two' }),
    ]
    for (const tab of order) {
      expect(await rig.browser.open(callbacks[tab] ?? '')).toMatchObject({
        status: 303,
        location: ['/one', '/two'][tab],
      })
    }
  })
})

describe('with a store', () => {
  test('saves the grant and keeps its tokens alive', async () => {
    const rig = await serve(newest, { options: { store: memoryTokenStore() } })
    await logIn(rig)
    const openId = rig.emulator.grants[0]?.openId ?? ''
    const tokens = rig.strategy.tokens
    const first = await tokens?.get(openId)
    rig.emulator.advance(3 * 60 * 60 * 1000)
    const second = await tokens?.get(openId)
    expect(second?.accessToken).not.toBe(first?.accessToken)
    expect(tokenRequests(rig, 'refresh_token')).toBe(1)
  })

  test('fails the login when the grant cannot be kept', async () => {
    const store = { ...memoryTokenStore(), insert: () => Promise.reject(new Error('disk full')) }
    const rig = await serve(newest, { options: { store } })
    expect((await logIn(rig)).status).toBe(503)
    expect(await userOf(rig.browser)).toBeNull()
  })

  test('has no token manager without one', async () => {
    const rig = await serve(newest)
    await logIn(rig)
    expect(rig.strategy.tokens).toBeUndefined()
  })
})

test('hands the checked target over, and none outside the app', async () => {
  const rig = await serve(newest)
  for (const returnTo of ['//evil.example', 'https://evil.example', '/\\evil.example', '/auth/tiktok']) {
    const answer = await logIn(rig, { login: `/auth/tiktok?${new URLSearchParams({ returnTo })}` })
    expect(answer).toMatchObject({ status: 303, location: '/' })
  }
  expect(infoOf({}).returnTo).toBe('/')
})
