import { logIn, tokenRequests } from '@tiktok-auth/test-rig'
import type { ErrorRequestHandler, Express } from 'express'
import { describe, expect, test } from 'vitest'
import type { ExpressTikTokAuthOptions, TikTokMiddleware } from '../src/index.ts'
import { serve, versions } from './support/rig.ts'

type Seen = { status: number; message: string }[]

function withErrors(seen: Seen): (app: Express, tiktok: TikTokMiddleware) => void {
  return (app, tiktok) => {
    app.use(tiktok)
    const last: ErrorRequestHandler = (error: { status?: number; message: string }, _req, res, _next) => {
      seen.push({ status: error.status ?? 500, message: error.message })
      res.status(error.status ?? 500).end('told')
    }
    app.use(last)
  }
}

const sessionCookies = (cookies: readonly string[]): readonly string[] =>
  cookies.filter((cookie) => /session.*=[^;]/.test(cookie))

describe.each(versions)('hooks on %s', (_, express) => {
  test('carry data and a user of the app through the login', async () => {
    const logins: unknown[] = []
    const rig = await serve(express, {
      onStart: (req) => ({ bind: req.get('x-user') ?? 'nobody', data: { plan: req.query['plan'] } }),
      onLogin: (login, req) => void logins.push([login.data, req.get('x-user')]),
    })
    const open = (path: string, user: string): ReturnType<typeof rig.browser.open> =>
      rig.browser.open(path, { headers: { 'x-user': user } })
    const start = await open('/auth/tiktok?plan=pro', 'ada')
    const { pathname, search } = await rig.emulator.consent(start.location ?? '')
    expect((await open(pathname + search, 'eve')).status).toBe(400)
    expect(tokenRequests(rig)).toBe(0)

    const again = await open('/auth/tiktok?plan=pro', 'ada')
    const back = await rig.emulator.consent(again.location ?? '')
    expect((await open(back.pathname + back.search, 'ada')).status).toBe(303)
    expect(logins).toEqual([[{ plan: 'pro' }, 'ada']])
  })

  test('may answer the login themselves, at once or later, and lose no cookie', async () => {
    const answers: readonly NonNullable<ExpressTikTokAuthOptions['onLogin']>[] = [
      (login, _req, res) => res.redirect(`/welcome/${login.openId}`),
      async (login, _req, res) => {
        await Promise.resolve()
        res.redirect(`/welcome/${login.openId}`)
      },
      (login, _req, res) => {
        setTimeout(() => res.redirect(`/welcome/${login.openId}`), 10)
        return 'handled'
      },
    ]
    for (const onLogin of answers) {
      const rig = await serve(express, { onLogin })
      const answer = await logIn(rig)
      expect(answer).toMatchObject({ status: 302, location: `/welcome/${rig.emulator.grants[0]?.openId}` })
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.cookies).toHaveLength(2)
      expect(sessionCookies(answer.cookies)).toHaveLength(1)
    }
  })

  test('see TikTok’s user, and set cookies of their own', async () => {
    const names: (string | undefined)[] = []
    const rig = await serve(express, {
      onLogin: (login, _req, res) => {
        names.push(login.user?.displayName)
        res.cookie('mine', '1')
      },
    })
    const answer = await logIn(rig)
    expect(names).toEqual([rig.emulator.users.list()[0]?.displayName])
    expect(answer.cookies.filter((cookie) => cookie.startsWith('mine='))).toHaveLength(1)
    expect(answer.cookies).toHaveLength(3)
  })

  test('end the login without a session when they throw, and keep the process alive', async () => {
    for (const onLogin of [
      () => {
        throw new Error('no place')
      },
      async () => Promise.reject(new Error('no place')),
    ]) {
      const seen: Seen = []
      const rig = await serve(express, { onLogin }, withErrors(seen))
      const answer = await logIn(rig)
      expect(answer).toMatchObject({ status: 500, body: 'told' })
      expect(sessionCookies(answer.cookies)).toEqual([])
      expect(answer.cookies.filter((cookie) => cookie.includes('Max-Age=0')).length).toBeGreaterThan(0)
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(seen).toEqual([{ status: 500, message: 'no place' }])
      expect((await rig.browser.open('/auth/tiktok')).status).toBe(303)
    }
  })

  test('stop a login before it starts', async () => {
    const seen: Seen = []
    const rig = await serve(
      express,
      {
        onStart: () => {
          throw Object.assign(new Error('not you'), { status: 403 })
        },
      },
      withErrors(seen),
    )
    const answer = await rig.browser.open('/auth/tiktok')
    expect(answer).toMatchObject({ status: 403, cookies: [] })
    expect(seen).toHaveLength(1)
  })

  test('answer a failed login, and what they throw themselves reaches the app once', async () => {
    const rig = await serve(express, {
      onError: (error, _req, res) => void res.status(418).json({ code: (error as { code: string }).code }),
    })
    const answer = await logIn(rig, { cancel: true })
    expect(answer.status).toBe(418)
    expect(answer.json()).toEqual({ code: 'authorization_response' })
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(rig.browser.cookies.size).toBe(0)

    const seen: Seen = []
    const broken = await serve(
      express,
      { onError: async () => Promise.reject(new Error('twice broken')) },
      withErrors(seen),
    )
    expect((await logIn(broken, { cancel: true })).status).toBe(500)
    expect(seen).toEqual([{ status: 500, message: 'twice broken' }])
  })

  test('have to be functions', async () => {
    for (const name of ['onStart', 'onLogin', 'onError']) {
      const wrong = JSON.parse(`{"${name}":"yes"}`) as object
      await expect(serve(express, wrong)).rejects.toMatchObject({ code: 'configuration', option: name })
    }
  })

  test('without any, give the error its status and the app’s error handlers the word, once', async () => {
    const seen: Seen = []
    const rig = await serve(express, {}, withErrors(seen))
    expect(await logIn(rig, { cancel: true })).toMatchObject({ status: 403, body: 'told' })
    expect((await rig.browser.open('/auth/tiktok/callback?code=x')).status).toBe(400)
    expect(seen.map(({ status }) => status)).toEqual([403, 400])
  })

  test('do nothing to an answer that somebody else has sent', async () => {
    const seen: unknown[] = []
    const rig = await serve(
      express,
      {
        onLogin: (_login, _req, res) => {
          res.status(503).end('too late')
          throw new Error('after the answer')
        },
      },
      (app, tiktok) => {
        app.use(tiktok)
        const last: ErrorRequestHandler = (error: Error, _req, res, _next) => {
          seen.push(error.message, res.headersSent)
        }
        app.use(last)
      },
    )
    expect((await logIn(rig)).body).toBe('too late')
    expect(seen).toEqual(['after the answer', true])
  })
})

describe.each(versions)('an app with its own users on %s', (_, express) => {
  /** Who is who, by the header that stands for the app's own session. */
  async function linked(): Promise<{
    rig: Awaited<ReturnType<typeof serve>>
    links: Map<string, string>
  }> {
    const links = new Map<string, string>()
    const rig = await serve(
      express,
      {
        session: { identify: async (req) => links.get(req.get('x-user') ?? '') },
        onStart: (req) => ({ bind: req.get('x-user') ?? '' }),
        onLogin: (login, req) => void links.set(req.get('x-user') ?? '', login.openId),
      },
      (app, tiktok) => {
        app.use(tiktok)
        app.get('/me', tiktok.requireLogin(), (req, res) => void res.json({ openId: req.tiktok.openId }))
      },
    )
    return { rig, links }
  }

  test('links an account and needs no session of ours', async () => {
    const { rig, links } = await linked()
    const headers = { 'x-user': 'ada' }
    expect((await rig.browser.api('/me', { headers })).status).toBe(401)
    const start = await rig.browser.open('/auth/tiktok', { headers })
    const back = await rig.emulator.consent(start.location ?? '')
    const answer = await rig.browser.open(back.pathname + back.search, { headers })
    expect(answer.status).toBe(303)
    expect(sessionCookies(answer.cookies)).toEqual([])
    expect(links.get('ada')).toBe(rig.emulator.grants[0]?.openId)
    expect((await rig.browser.api('/me', { headers })).json()).toEqual({ openId: links.get('ada') })
    expect((await rig.browser.api('/me', { headers: { 'x-user': 'eve' } })).status).toBe(401)
  })

  test('does not start to link by a link on somebody else’s page', async () => {
    const { rig } = await linked()
    const headers = { 'x-user': 'ada', 'sec-fetch-site': 'cross-site' }
    expect(await rig.browser.open('/auth/tiktok', { headers })).toMatchObject({ status: 403, cookies: [] })
  })

  test('tells the app when it cannot say who somebody is, and stays alive', async () => {
    const seen: Seen = []
    const rig = await serve(
      express,
      { session: { identify: async () => Promise.reject(new Error('database down')) } },
      withErrors(seen),
    )
    expect((await rig.browser.open('/anything')).status).toBe(500)
    expect((await rig.browser.open('/auth/tiktok')).status).toBe(500)
    expect(seen.map(({ message }) => message)).toEqual(['database down', 'database down'])
  })

  test('ends a login as other errors do when it then cannot say who somebody is', async () => {
    const down = Object.assign(new Error('database down'), { status: 503 })
    let broken = false
    const answered: unknown[] = []
    const rig = await serve(express, {
      session: { identify: () => (broken ? Promise.reject(down) : undefined) },
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
})
