import { logIn, sessionsOf } from '@tiktok-auth/test-rig'
import { describe, expect, test } from 'vitest'
import type { KoaTikTokAuthOptions } from '../src/index.ts'
import { serve, versions } from './support/rig.ts'

type OnLogin = NonNullable<KoaTikTokAuthOptions['onLogin']>

const answers: readonly (readonly [string, OnLogin, number])[] = [
  ['redirects', (_login, ctx) => ctx.redirect('/welcome'), 302],
  ['sets a body', (_login, ctx) => void (ctx.body = { welcome: true }), 200],
  ['sets a stream', (_login, ctx) => void (ctx.body = new Blob(['welcome']).stream()), 200],
  ['sets a status', (_login, ctx) => void (ctx.status = 204), 204],
  [
    'sets a status after a while',
    async (_login, ctx) => {
      await new Promise((resolve) => setTimeout(resolve, 10))
      ctx.status = 202
    },
    202,
  ],
  ['says so where it cannot be seen', () => 'handled', 404],
  [
    'bypasses Koa',
    (_login, ctx) => {
      ctx.respond = false
      setTimeout(() => ctx.res.writeHead(201).end(), 10)
    },
    201,
  ],
]

describe.each(versions)('onLogin on %s', (version, Koa) => {
  // Koa 2 knows no web streams.
  const possible = answers.filter(([what]) => version !== 'Koa 2' || !what.includes('stream'))

  test.each(possible)('answers the login when it %s, and loses no cookie', async (_what, onLogin, status) => {
    let later = 0
    const rig = await serve(Koa, { onLogin }, (app, tiktok) => {
      app.use(tiktok)
      app.use(async (_ctx, next) => {
        later += 1
        await next()
      })
    })
    const before = later
    const answer = await logIn(rig)
    expect(answer.status).toBe(status)
    expect(answer.cookies).toHaveLength(2)
    expect(sessionsOf(answer)).toHaveLength(1)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(later).toBe(before)
    expect(rig.errors).toEqual([])
  })

  test('leaves the answer to us when it only looks, and when middleware in front had one ready', async () => {
    const names: (string | undefined)[] = []
    const onLogin: OnLogin = (login, ctx) => {
      names.push(login.user?.displayName)
      ctx.cookies.set('mine', '1')
    }
    const rig = await serve(Koa, { onLogin }, (app, tiktok) => {
      app.use(async (ctx, next) => {
        ctx.type = 'json'
        ctx.body = { nothing: 'found' }
        ctx.cookies.set('before', '1')
        await next()
        ctx.cookies.set('after', '1')
      })
      app.use(tiktok)
    })
    const answer = await logIn(rig)
    expect(answer).toMatchObject({ status: 303, location: '/', body: '' })
    expect(answer.headers['content-type']).toBeUndefined()
    expect(names).toEqual([rig.emulator.users.list()[0]?.displayName])
    expect(answer.cookies.map((cookie) => cookie.split('=', 1)[0]?.replace(/-[^-]*$/, ''))).toEqual([
      'before',
      expect.stringContaining('tiktok-login'),
      expect.stringContaining('tiktok-session'),
      'mine',
      'after',
    ])
  })

  test('signs nobody in when it throws after it has answered', async () => {
    const rig = await serve(Koa, {
      onLogin(_login, ctx) {
        ctx.cookies.set('mine', '1')
        ctx.body = 'Welcome'
        throw new Error('no place')
      },
    })
    const answer = await logIn(rig)
    expect(answer).toMatchObject({ status: 500, body: 'Internal Server Error' })
    expect(sessionsOf(answer)).toEqual([])
  })
})
