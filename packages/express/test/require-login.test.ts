import { logIn, tokenRequests } from '@tiktok-auth/test-rig'
import type { ErrorRequestHandler, Express } from 'express'
import { describe, expect, test } from 'vitest'
import type { TikTokMiddleware } from '../src/index.ts'
import { serve, versions } from './support/rig.ts'

const hours = 60 * 60 * 1000

function routes(app: Express, tiktok: TikTokMiddleware): void {
  app.use(tiktok)
  app.get('/page', tiktok.requireLogin(), (req, res) => void res.json({ scope: req.tiktok.scope }))
  app.get('/videos', tiktok.requireLogin({ scope: ['video.list'] }), (_req, res) => void res.send('videos'))
  app.get(
    '/token',
    tiktok.handler(async (req, res) => {
      res.json({ token: await req.tiktok.accessToken() })
    }),
  )
  app.post('/form', tiktok.requireLogin(), (_req, res) => void res.send('in'))
  app.use(tiktok.recover())
}

describe.each(versions)('requireLogin on %s', (_, express) => {
  test('sends a page to the login and brings the user back to it', async () => {
    const rig = await serve(express, {}, routes)
    const answer = await rig.browser.open('/page?tab=1')
    expect(answer).toMatchObject({ status: 303, location: '/auth/tiktok?returnTo=%2Fpage%3Ftab%3D1' })
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(await logIn(rig, { login: answer.location ?? '' })).toMatchObject({ location: '/page?tab=1' })
    expect((await rig.browser.open('/page')).json()).toEqual({ scope: ['user.info.basic', 'video.list'] })
  })

  test.each([
    ['a script', { headers: { accept: '*/*' } }],
    ['JSON', {}],
    ['a form', { method: 'POST' }],
  ])('answers 401 JSON to %s', async (name, visit) => {
    const rig = await serve(express, {}, routes)
    const answer = await rig.browser.api(name === 'a form' ? '/form' : '/page', visit)
    expect(answer).toMatchObject({ status: 401, location: undefined })
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.json()).toEqual({
      error: {
        code: 'reauthorization_required',
        reason: 'signed_out',
        message: expect.any(String) as string,
        loginPath: '/auth/tiktok',
      },
    })
  })

  test('asks for a scope that the user left out', async () => {
    const rig = await serve(express, {}, routes)
    await logIn(rig, { scope: ['user.info.basic'] })
    expect(await rig.browser.api('/videos')).toMatchObject({ status: 401 })
    expect((await rig.browser.api('/videos')).json()).toMatchObject({
      error: {
        reason: 'missing_scope',
        missingScope: ['video.list'],
        loginPath: '/auth/tiktok?scope=video.list',
      },
    })
    const answer = await rig.browser.open('/videos')
    expect(answer.location).toBe('/auth/tiktok?scope=video.list&returnTo=%2Fvideos')
    expect(await logIn(rig, { login: answer.location ?? '' })).toMatchObject({ location: '/videos' })
    expect((await rig.browser.open('/videos')).body).toBe('videos')
  })

  test('refuses at once a scope that the login would never ask for, and a session that nobody has', async () => {
    const { tiktok } = await serve(express, { optionalScope: ['video.upload'] })
    expect(() => tiktok.requireLogin({ scope: ['video.upload'] })).not.toThrow()
    expect(() => tiktok.requireLogin({ scope: ['video.publish'] })).toThrow(/optionalScope/)
    const without = await serve(express, { session: false })
    expect(() => without.tiktok.requireLogin()).toThrow(/session/)
  })

  test('lets nobody in whom TikTok has removed', async () => {
    const rig = await serve(express, {}, routes)
    await logIn(rig)
    const [grant] = rig.emulator.grants
    rig.emulator.removeApp(grant?.userId ?? '', 'awkey1')
    rig.emulator.advance(2 * hours)
    const answer = await rig.browser.open('/token')
    expect(answer).toMatchObject({ status: 303, location: '/auth/tiktok?returnTo=%2Ftoken' })
    expect((await rig.browser.api('/page')).json()).toMatchObject({
      error: { reason: 'refresh_token_rejected' },
    })
    expect(await logIn(rig, { login: answer.location ?? '' })).toMatchObject({ location: '/token' })
    expect((await rig.browser.open('/token')).status).toBe(200)
  })
})

describe.each(versions)('req.tiktok on %s', (_, express) => {
  test('rejects every method while nobody is signed in, and recover answers for it', async () => {
    const rig = await serve(express, {}, (app, tiktok) => {
      app.use(tiktok)
      app.get(
        '/all',
        tiktok.handler(async (req, res) => {
          const { tiktok: state } = req
          const calls = [
            state.accessToken(),
            state.fetch('/v2/user/info/'),
            state.userInfo(),
            state.status(),
            state.logout(),
            state.disconnect(),
          ]
          const codes = (await Promise.allSettled(calls)).map((result) =>
            result.status === 'rejected' ? (result.reason as { code: string }).code : 'ok',
          )
          res.json([...new Set(codes)])
        }),
      )
      routes(app, tiktok)
    })
    expect((await rig.browser.api('/all')).json()).toEqual(['reauthorization_required'])
    expect((await rig.browser.api('/token')).status).toBe(401)
    expect((await rig.browser.open('/token')).location).toBe('/auth/tiktok?returnTo=%2Ftoken')
  })

  test('hands out a living token, refreshed once when it has run out', async () => {
    const rig = await serve(express, {}, routes)
    await logIn(rig)
    const first = (await rig.browser.api('/token')).json()
    rig.emulator.advance(2 * hours)
    const later = await Promise.all([1, 2, 3].map(async () => (await rig.browser.api('/token')).json()))
    expect(new Set(later.map((reply) => JSON.stringify(reply))).size).toBe(1)
    expect(later[0]).not.toEqual(first)
    expect(tokenRequests(rig, 'refresh_token')).toBe(1)
  })

  test('reads the profile, calls the API, and ends session and grant', async () => {
    const rig = await serve(express, {}, (app, tiktok) => {
      app.use(tiktok)
      app.get(
        '/info',
        tiktok.handler(async (req, res) => void res.json(await req.tiktok.userInfo())),
      )
      app.get(
        '/list',
        tiktok.handler(async (req, res) => {
          const reply = await req.tiktok.fetch('/v2/video/list/?fields=id,title', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: '{}',
          })
          res.status(reply.status).json(await reply.json())
        }),
      )
      app.post(
        '/logout',
        tiktok.handler(async (req, res) => {
          await req.tiktok.logout()
          res.json({ openId: req.tiktok.openId ?? null })
        }),
      )
      app.post(
        '/leave',
        tiktok.handler(async (req, res) => void res.json(await req.tiktok.disconnect())),
      )
    })
    await logIn(rig)
    expect((await rig.browser.api('/info')).json()).toMatchObject({
      displayName: expect.any(String) as string,
    })
    expect((await rig.browser.api('/list')).json()).toMatchObject({ error: { code: 'ok' } })
    expect((await rig.browser.post('/logout')).json()).toEqual({ openId: null })
    expect(rig.browser.cookies.size).toBe(0)
    await logIn(rig)
    expect((await rig.browser.post('/leave')).json()).toEqual({ remote: 'revoked' })
    expect(rig.browser.cookies.size).toBe(0)
    expect(rig.emulator.grants.filter(({ state }) => state === 'active')).toEqual([])
  })

  test('can be made for a test without any login', async () => {
    const rig = await serve(express, {}, routes)
    await logIn(rig)
    const openId = rig.emulator.grants[0]?.openId ?? ''
    const cookie = await rig.tiktok.testCookie(openId)
    expect((await rig.newBrowser().api('/page', { headers: { cookie } })).status).toBe(200)
  })

  test('keeps an active session from going idle', async () => {
    const rig = await serve(express, {}, routes)
    await logIn(rig)
    for (let day = 0; day < 5; day++) {
      rig.emulator.advance(20 * hours)
      expect((await rig.browser.api('/page')).status).toBe(200)
    }
    rig.emulator.advance(25 * hours)
    expect((await rig.browser.api('/page')).status).toBe(401)
  })

  test('tells what is wrong when the middleware was never mounted', async () => {
    const rig = await serve(express, {}, (app, tiktok) => {
      app.get('/of', (req, res) => {
        expect(() => tiktok.of(req)).toThrow(/app\.use/)
        res.send('told')
      })
      app.get('/late', tiktok.requireLogin(), (_req, res) => void res.send('in'))
    })
    expect((await rig.browser.open('/of')).body).toBe('told')
    expect((await rig.browser.api('/late')).status).toBe(401)
  })
})

describe.each(versions)('handler on %s', (_, express) => {
  test('passes rejections and throws to the error handlers, and the process lives', async () => {
    const seen: string[] = []
    const rig = await serve(express, {}, (app, tiktok) => {
      app.use(tiktok)
      app.get(
        '/rejects/:what',
        tiktok.handler(async (req) => Promise.reject(new Error(String(req.params['what'])))),
      )
      app.get(
        '/throws',
        tiktok.handler(() => {
          throw new Error('sync')
        }),
      )
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- what careless code does
      app.get(
        '/nothing',
        tiktok.handler(async () => Promise.reject(undefined)),
      )
      app.use(tiktok.recover())
      const last: ErrorRequestHandler = (error: Error, _req, res, _next) => {
        seen.push(error.message)
        res.status(500).end()
      }
      app.use(last)
    })
    for (const path of ['/rejects/async', '/throws', '/nothing']) {
      expect((await rig.browser.open(path)).status).toBe(500)
    }
    expect(seen).toEqual(['async', 'sync', 'Not an error.'])
  })
})
