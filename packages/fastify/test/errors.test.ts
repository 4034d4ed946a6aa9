import { createHttpBrowser, logIn, register, sessionsOf } from '@tiktok-auth/test-rig'
import { fastify, type FastifyInstance } from 'fastify'
import { describe, expect, test } from 'vitest'
import { tiktokAuth, type TikTokPlugin } from '../src/index.ts'
import { inScope, listen, serve } from './support/rig.ts'

const throwing = (error: unknown) => (): never => {
  throw error
}

describe('errors', () => {
  test('reach Fastify’s own answer once, with status, cookies and privacy', async () => {
    const rig = await serve()
    const answer = await logIn(rig, { cancel: true })
    expect(answer.status).toBe(403)
    expect(answer.json()).toMatchObject({ statusCode: 403, code: 'authorization_response' })
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    expect(rig.browser.cookies.size).toBe(0)
    expect(rig.errors).toMatchObject([{ code: 'authorization_response' }])
  })

  test('of identify end a login as others do, and other pages without onError', async () => {
    const down = Object.assign(new Error('database down'), { status: 503 })
    let broken = false
    const answered: unknown[] = []
    const rig = await serve({
      session: { identify: () => (broken ? throwing(down)() : undefined) },
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
    expect(answered).toEqual([down])

    const page = await rig.browser.open('/anything')
    expect(page).toMatchObject({ status: 503, cookies: [] })
    expect(page.headers).not.toHaveProperty('cache-control')
    expect(answered).toEqual([down])
  })

  const handled = (app: FastifyInstance, seen: unknown[]): void => {
    app.setErrorHandler((error: { status?: number }, _request, reply) => {
      seen.push(error)
      return reply.code(error.status ?? 500).send('told')
    })
  }

  test.each([
    [
      'set before the plugin',
      async (app: FastifyInstance, tiktok: TikTokPlugin, seen: unknown[]) => {
        handled(app, seen)
        await app.register(tiktok)
      },
    ],
    [
      'set after the plugin',
      async (app: FastifyInstance, tiktok: TikTokPlugin, seen: unknown[]) => {
        await app.register(tiktok)
        handled(app, seen)
      },
    ],
    [
      'of the scope around',
      async (app: FastifyInstance, tiktok: TikTokPlugin, seen: unknown[]) => {
        handled(app, seen)
        await app.register(async (scope) => {
          await scope.register(tiktok)
          scope.setErrorHandler(tiktok.recover())
        })
      },
    ],
    [
      'of the scope around, set at last',
      async (app: FastifyInstance, tiktok: TikTokPlugin, seen: unknown[]) => {
        await app.register(inScope(tiktok))
        handled(app, seen)
      },
    ],
    [
      'given to recover',
      async (app: FastifyInstance, tiktok: TikTokPlugin, seen: unknown[]) => {
        await app.register(tiktok)
        app.setErrorHandler(
          tiktok.recover((error, _request, reply) => {
            seen.push(error)
            return reply.code((error as { status: number }).status).send('told')
          }),
        )
      },
    ],
  ])('reach an error handler once: one %s', async (_what, build) => {
    const seen: unknown[] = []
    const rig = await serve({}, (app, tiktok) => build(app, tiktok, seen))
    const answer = await logIn(rig, { cancel: true })
    expect(answer).toMatchObject({ status: 403, body: 'told' })
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(rig.browser.cookies.size).toBe(0)
    expect(seen).toMatchObject([{ code: 'authorization_response' }])
    expect(rig.errors).toHaveLength(1)
  })

  test('that a handler passes on are handled once more, by the scope around', async () => {
    const seen: string[] = []
    const rig = await serve({}, async (app, tiktok) => {
      app.setErrorHandler((error: { code?: string }, _request, reply) => {
        seen.push(`around ${error.code}`)
        return reply.code(500).send('told')
      })
      await app.register(async (scope) => {
        scope.setErrorHandler((error: Error & { code?: string }) => {
          seen.push(`inside ${error.code}`)
          throw error
        })
        await scope.register(tiktok)
      })
    })
    await logIn(rig, { cancel: true })
    expect(seen).toEqual(['inside authorization_response', 'around authorization_response'])
  })

  test.each([
    ['an error', Object.assign(new Error('no place'), { status: 409 }), 409],
    ['a frozen error', Object.freeze(Object.assign(new Error('frozen'), { statusCode: 409 })), 409],
    ['an object', { status: 409 }, 409],
    ['a word', 'no', 500],
    ['nothing', undefined, 500],
  ])('are answered when the app throws %s', async (_what, thrown, status) => {
    const rig = await serve({ onLogin: throwing(thrown) })
    const answer = await logIn(rig)
    expect(answer.status).toBe(status)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(sessionsOf(answer)).toEqual([])
    expect(rig.browser.cookies.size).toBe(0)
    expect(rig.errors).toHaveLength(1)
    expect((await rig.browser.open('/auth/tiktok')).status).toBe(303)
  })

  test('are the app’s to answer in onError, and what that throws goes Fastify’s way', async () => {
    const rig = await serve({
      onError: (error, _request, reply) => reply.code(418).send({ was: (error as { code: string }).code }),
    })
    const answer = await logIn(rig, { cancel: true })
    expect(answer.status).toBe(418)
    expect(answer.json()).toEqual({ was: 'authorization_response' })
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(rig.browser.cookies.size).toBe(0)
    expect(rig.errors).toEqual([])

    const broken = await serve({ onError: throwing(new Error('twice broken')) })
    const failed = await logIn(broken, { cancel: true })
    expect(failed.status).toBe(500)
    expect(failed.headers['cache-control']).toBe('no-store')
    expect(broken.browser.cookies.size).toBe(0)
    expect(broken.errors).toMatchObject([{ message: 'twice broken' }])
  })

  test('of other routes pass through untouched, and a grant that ended becomes a login', async () => {
    const rig = await serve({}, async (app, tiktok) => {
      await app.register(tiktok)
      app.setErrorHandler(tiktok.recover())
      app.get('/broken', throwing(Object.assign(new Error('mine'), { status: 402 })))
      app.get('/token', async (request) => request.tiktok.accessToken())
    })
    expect((await rig.browser.open('/broken')).status).toBe(402)
    expect((await rig.browser.open('/token')).location).toBe('/auth/tiktok?returnTo=%2Ftoken')
    expect((await rig.browser.api('/token')).status).toBe(401)
  })

  test('and requests are logged without code and state', async () => {
    const lines: string[] = []
    const { emulator, options } = register()
    const app = fastify({ logger: { level: 'trace', stream: { write: (line) => void lines.push(line) } } })
    await app.register(tiktokAuth(options))
    const { port, close } = await listen(app)
    try {
      const browser = createHttpBrowser(port)
      await logIn({ browser, emulator })
      emulator.faults.next('token', { kind: 'html' })
      expect((await logIn({ browser, emulator })).status).toBe(502)
    } finally {
      await close()
    }
    const said = lines.join('')
    expect(said.match(/"url":"\/auth\/tiktok\/callback"/g)?.length).toBeGreaterThan(1)
    expect(said).toMatch(/"method":"GET".*"host":"app\.example".*"remoteAddress":"127\.0\.0\.1"/)
    expect(said).not.toMatch(/code=|state=/)
  })
})
