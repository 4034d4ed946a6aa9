import { logIn, sessionsOf } from '@tiktok-auth/test-rig'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import helmet from '@fastify/helmet'
import session from '@fastify/session'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { describe, expect, test } from 'vitest'
import type { FastifyTikTokAuthOptions } from '../src/index.ts'
import { serve } from './support/rig.ts'

declare module 'fastify' {
  interface Session {
    userId?: string
    openId?: string
  }
}

/** Everything an app may have beside us, each with hooks of its own. */
async function furnish(app: FastifyInstance): Promise<void> {
  await app.register(helmet)
  await app.register(cookie)
  await app.register(session, { secret: 'x'.repeat(32), cookie: { secure: false } })
  await app.register(formbody)
  app.addHook('onSend', async (_request, reply, payload) => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    reply.header('x-sent', 'yes')
    return payload
  })
}

type OnLogin = NonNullable<FastifyTikTokAuthOptions['onLogin']>

describe('beside other plugins', () => {
  test('logs in, keeps their cookies and headers, and runs their hooks on every answer', async () => {
    const rig = await serve(
      {
        onLogin: (_login, request, reply) => {
          request.session.userId = 'ada'
          reply.setCookie('mine', '1')
        },
      },
      async (app, tiktok) => {
        await furnish(app)
        await app.register(tiktok)
        app.get('/me', { preHandler: tiktok.requireLogin() }, async (request) => [
          request.session.userId,
          request.tiktok.openId,
        ])
      },
    )
    for (const path of ['/me', '/auth/tiktok', '/auth/tiktok/callback']) {
      const answer = await rig.browser.open(path)
      expect(answer.headers).toMatchObject({ 'x-sent': 'yes', 'x-frame-options': 'SAMEORIGIN' })
    }
    const answer = await logIn(rig)
    expect(answer).toMatchObject({ status: 303, location: '/' })
    const names = answer.cookies.map((line) => line.split('=', 1)[0] ?? '')
    expect(names.toSorted()).toEqual([
      expect.stringContaining('tiktok-login'),
      expect.stringContaining('tiktok-session'),
      'mine',
      'sessionId',
    ])
    expect((await rig.browser.open('/me')).json()).toEqual(['ada', rig.emulator.grants[0]?.openId])
  })

  test.each([
    ['with a form parser', furnish],
    ['without one', () => undefined],
  ])('takes forms for its own routes %s', async (_what, prepare) => {
    const rig = await serve({}, async (app, tiktok) => {
      await prepare(app)
      await app.register(tiktok)
    })
    await logIn(rig)
    expect(await rig.browser.post('/auth/tiktok/logout?returnTo=/bye', { a: '1' })).toMatchObject({
      status: 303,
      location: '/bye',
    })
    expect((await rig.browser.post('/auth/tiktok', { a: '1' })).status).toBe(303)
  })

  const answers: readonly (readonly [string, OnLogin])[] = [
    ['redirects', (_login, _request, reply) => reply.redirect('/welcome')],
    ['redirects and waits', async (_login, _request, reply) => void (await reply.redirect('/welcome'))],
    [
      'redirects after a while',
      (_login, _request, reply) => {
        setTimeout(() => reply.redirect('/welcome'), 10)
        return 'handled'
      },
    ],
    [
      'promises to',
      async (_login, _request, reply): Promise<FastifyReply> => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        return reply.redirect('/welcome')
      },
    ],
  ]
  test.each(answers)('lets onLogin answer when it %s, and loses no cookie', async (_what, onLogin) => {
    let handled = 0
    const rig = await serve({ onLogin }, async (app, tiktok) => {
      await furnish(app)
      await app.register(tiktok)
      app.addHook('preHandler', async () => void (handled += 1))
    })
    const answer = await logIn(rig)
    expect(answer).toMatchObject({ status: 302, location: '/welcome' })
    expect(answer.headers).toMatchObject({ 'x-sent': 'yes', 'cache-control': 'no-store' })
    expect(sessionsOf(answer)).toHaveLength(1)
    expect([...rig.browser.cookies.keys()].filter((name) => name.includes('tiktok-login'))).toEqual([])
    expect(handled).toBe(0)
    expect(rig.errors).toEqual([])
  })
})

describe('requireLogin', () => {
  test.each(['onRequest', 'preHandler'] as const)(
    'in front of everything, as %s hook, leaves the login itself open',
    async (hook) => {
      const rig = await serve({}, async (app, tiktok) => {
        await app.register(tiktok)
        app.addHook(hook, tiktok.requireLogin())
        app.get('/me', async (request) => request.tiktok.openId)
      })
      const page = await rig.browser.open('/me')
      expect(page.location).toBe('/auth/tiktok?returnTo=%2Fme')
      await logIn(rig, { login: page.location ?? '' })
      expect((await rig.browser.open('/me')).body).toBe(rig.emulator.grants[0]?.openId)
    },
  )

  test('runs no handler for whom it refuses, and none of HEAD’s either', async () => {
    let ran = 0
    const rig = await serve({}, async (app, tiktok) => {
      await furnish(app)
      await app.register(tiktok)
      app.get('/me', { preHandler: tiktok.requireLogin() }, async () => void (ran += 1))
    })
    expect((await rig.browser.open('/me')).status).toBe(303)
    expect((await rig.browser.api('/me')).status).toBe(401)
    expect((await rig.browser.open('/me', { method: 'HEAD' })).status).toBe(303)
    expect(ran).toBe(0)
  })

  test('lets in whom a test has signed in, with inject', async () => {
    const rig = await serve({ session: { lifetimeMs: 60_000 } }, async (app, tiktok) => {
      await app.register(tiktok)
      app.get('/', async (request) => request.tiktok.openId)
    })
    const cookie = await rig.tiktok.testCookie('ada')
    expect((await rig.app.inject({ url: '/', headers: { cookie } })).body).toBe('ada')
  })
})
