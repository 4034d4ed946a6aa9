import { logIn, sessionsOf } from '@tiktok-auth/test-rig'
import type Koa from 'koa'
import { describe, expect, test, vi } from 'vitest'
import { serve, versions, type Build } from './support/rig.ts'

/** An app that answers errors as Koa apps do. */
function catching(seen: unknown[]): Build {
  return (app, tiktok) => {
    app.use(async (ctx, next) => {
      try {
        await next()
      } catch (error) {
        seen.push(error)
        ctx.status = (error as { status?: number }).status ?? 500
        ctx.body = 'told'
      }
    })
    app.use(tiktok)
  }
}

const throwing = (error: unknown) => (): never => {
  throw error
}

describe.each(versions)('errors on %s', (_, Koa) => {
  test('reach Koa’s own answer once, with status, cookies and privacy', async () => {
    const rig = await serve(Koa)
    const answer = await logIn(rig, { cancel: true })
    expect(answer).toMatchObject({ status: 403, body: 'Forbidden' })
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    expect(answer.cookies).toHaveLength(1)
    expect(rig.browser.cookies.size).toBe(0)
    expect(rig.errors).toMatchObject([{ code: 'authorization_response', status: 403 }])
  })

  test('show their headers in no log', async () => {
    const rig = await serve(Koa)
    await logIn(rig, { cancel: true })
    expect(JSON.stringify(rig.errors)).not.toContain('tiktok-login')
    expect(Object.keys(rig.errors[0] as object)).not.toContain('headers')
  })

  test('reach an app that catches them once, and nobody else', async () => {
    const seen: unknown[] = []
    const rig = await serve(Koa, {}, catching(seen))
    const answer = await logIn(rig, { cancel: true })
    expect(answer).toMatchObject({ status: 403, body: 'told' })
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(rig.browser.cookies.size).toBe(0)
    expect(seen).toMatchObject([{ code: 'authorization_response' }])
    expect(rig.errors).toEqual([])
  })

  test('of the app’s own keep their headers, and gather none over many requests', async () => {
    const one = Object.assign(new Error('Not now.'), {
      status: 429,
      headers: { 'Retry-After': '7', 'Set-Cookie': 'mine=1' },
    })
    const rig = await serve(Koa, { onLogin: throwing(one) })
    for (const _attempt of [1, 2, 3]) {
      const answer = await logIn(rig)
      expect(answer.status).toBe(429)
      expect(answer.headers['retry-after']).toBe('7')
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.cookies.map((cookie) => /Max-Age=0/.test(cookie))).toEqual([false, true])
      expect(answer.cookies[0]).toBe('mine=1')
    }
    expect(rig.errors).toEqual([one, one, one])
  })

  test.each([
    ['a frozen error', Object.freeze(Object.assign(new Error('frozen'), { status: 409 })), 409],
    ['an object', { status: 409 }, 409],
    ['a word', 'no', 500],
    ['nothing', undefined, 500],
  ])('are answered when the app throws %s', async (_what, thrown, status) => {
    const rig = await serve(Koa, { onLogin: throwing(thrown) })
    const answer = await logIn(rig)
    expect(answer.status).toBe(status)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(sessionsOf(answer)).toEqual([])
    expect(rig.browser.cookies.size).toBe(0)
    expect(rig.errors).toHaveLength(1)
    expect((await rig.browser.open('/auth/tiktok')).status).toBe(303)
  })

  test('are the app’s to answer in onError, and what that throws goes Koa’s way', async () => {
    const rig = await serve(Koa, {
      onError: async (error, ctx) => {
        ctx.status = 418
        ctx.body = { code: (error as { code: string }).code }
      },
    })
    const answer = await logIn(rig, { cancel: true })
    expect(answer.status).toBe(418)
    expect(answer.json()).toEqual({ code: 'authorization_response' })
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(rig.browser.cookies.size).toBe(0)

    const broken = await serve(Koa, { onError: throwing(new Error('twice broken')) })
    const failed = await logIn(broken, { cancel: true })
    expect(failed.status).toBe(500)
    expect(failed.headers['cache-control']).toBe('no-store')
    expect(broken.browser.cookies.size).toBe(0)
    expect(broken.errors).toMatchObject([{ message: 'twice broken' }])
  })

  test('of identify end a login as others do, and other pages without onError', async () => {
    const down = (): Error => Object.assign(new Error('database down'), { status: 503 })
    let broken = false
    const answered: unknown[] = []
    const rig = await serve(Koa, {
      session: { identify: () => (broken ? throwing(down())() : undefined) },
      onStart: () => ({ bind: 'ada' }),
      onError(error) {
        answered.push(error)
        throw error
      },
    })
    const start = await rig.browser.open('/auth/tiktok', { headers: { 'sec-fetch-site': 'same-origin' } })
    const { pathname, search } = await rig.emulator.consent(start.location ?? '')
    expect(rig.browser.cookies.size).toBe(1)
    broken = true
    const answer = await rig.browser.open(pathname + search)
    expect(answer.status).toBe(503)
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    expect(rig.browser.cookies.size).toBe(0)
    expect(answered).toEqual([down()])

    const page = await rig.browser.open('/anything')
    expect(page).toMatchObject({ status: 503, cookies: [] })
    expect(page.headers).not.toHaveProperty('cache-control')
    expect(answered).toEqual([down()])
  })

  test('are as they were when the app throws them again for something else', async () => {
    const one = Object.assign(new Error('busy'), { status: 503 })
    const rig = await serve(Koa, { onLogin: throwing(one) }, (app, tiktok) => {
      app.use(tiktok).use(throwing(one) as Koa.Middleware)
    })
    expect((await logIn(rig)).headers['cache-control']).toBe('no-store')
    const page = await rig.browser.open('/page')
    expect(page).toMatchObject({ status: 503, cookies: [] })
    expect(page.headers).not.toHaveProperty('cache-control')
    expect(Object.keys(Object.getOwnPropertyDescriptors(one))).not.toContain('headers')
  })

  test('of other middleware pass through untouched', async () => {
    const own = Object.assign(new Error('mine'), { status: 402 })
    const rig = await serve(Koa, {}, (app, tiktok) => {
      app.use(tiktok)
      app.use(tiktok.recover())
      app.use(throwing(own) as Koa.Middleware)
    })
    expect((await rig.browser.open('/')).status).toBe(402)
    expect(rig.errors).toEqual([own])
    expect(own).not.toHaveProperty('headers')
  })

  test('that come after an answer has begun are not answered twice', async () => {
    const rig = await serve(Koa, {}, (app, tiktok) => {
      app.use(tiktok)
      app.use(tiktok.recover())
      app.use(async (ctx) => {
        ctx.respond = false
        ctx.res.end('begun')
        await ctx.state.tiktok.accessToken()
      })
    })
    expect(await rig.browser.open('/')).toMatchObject({ status: 404, body: 'begun' })
    expect(rig.errors).toMatchObject([{ code: 'reauthorization_required' }])
  })

  test('are told by Koa itself, and name no secret', async () => {
    const said: string[] = []
    const spy = vi.spyOn(console, 'error').mockImplementation((line: unknown) => void said.push(String(line)))
    try {
      const rig = await serve(Koa, {}, (app, tiktok) => {
        app.removeAllListeners('error')
        app.use(tiktok)
      })
      const answer = await rig.browser.open('/auth/tiktok/callback?code=secret-code&state=secret-state')
      expect(answer.status).toBe(400)
      expect(said.join('\n')).toContain('TransactionError')
      expect(said.join('\n')).not.toContain('secret-')
    } finally {
      spy.mockRestore()
    }
  })

  test('are thrown at once for hooks that are no functions', async () => {
    for (const name of ['onStart', 'onLogin', 'onError']) {
      const wrong = JSON.parse(`{"${name}":"yes"}`) as object
      await expect(serve(Koa, wrong)).rejects.toMatchObject({ code: 'configuration', option: name })
    }
  })
})
