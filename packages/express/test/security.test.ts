import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import type { ErrorRequestHandler } from 'express'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { tiktokAuth } from '../src/index.ts'
import { createHttpBrowser, type Page } from './support/http-browser.ts'
import { listen, logIn, register, serve, startLogin, tokenRequests, versions } from './support/rig.ts'

const minutes = 60_000

describe.each(versions)('security on %s', (_, express) => {
  test('ends a pending login after ten minutes, whatever the browser keeps', async () => {
    const rig = await serve(express)
    const [early, late] = [await startLogin(rig), await startLogin(rig)]
    rig.emulator.advance(4 * minutes)
    expect((await rig.browser.open(early)).status).toBe(303)
    rig.emulator.advance(7 * minutes)
    const stranger = { ...rig, browser: rig.newBrowser() }
    for (const [name, value] of rig.browser.cookies) {
      if (!name.includes('session')) stranger.browser.cookies.set(name, value)
    }
    expect((await stranger.browser.open(late)).status).toBe(400)
    expect(tokenRequests(rig)).toBe(1)
  })

  test('gives no second session for a callback whose cookie is put back by hand', async () => {
    const rig = await serve(express)
    const callback = await startLogin(rig)
    const thief = rig.newBrowser()
    for (const [name, value] of rig.browser.cookies) thief.cookies.set(name, value)
    await rig.browser.open(callback)
    rig.emulator.advance(2 * minutes)
    const again = await thief.open(callback)
    expect(again.cookies.filter((cookie) => /session.*=[^;]/.test(cookie))).toEqual([])
    expect(rig.emulator.grants).toHaveLength(1)
  })

  test('tells browsers nothing about why a callback was refused', async () => {
    const silent = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => silent.mockRestore())
    const rig = await serve(express, {}, (app, tiktok) => {
      app.set('env', 'production')
      app.use(tiktok)
    })
    const callback = await startLogin(rig)
    const [name = '', value = ''] = [...rig.browser.cookies][0] ?? []
    const wrongState = callback.replace(/state=(.{8}).{4}/, 'state=$1AAAA')
    const attempts: readonly (readonly [string, string | undefined])[] = [
      [callback, undefined],
      [callback, `${name}=${value.slice(0, -8)}AAAAAAAA`],
      [callback, `${name}=`],
      [wrongState, `${name}=${value}`],
    ]
    const answers: Page[] = []
    for (const [path, cookie] of attempts) {
      answers.push(await rig.newBrowser().open(path, { headers: cookie === undefined ? {} : { cookie } }))
    }
    rig.emulator.advance(11 * minutes)
    answers.push(await rig.newBrowser().open(callback, { headers: { cookie: `${name}=${value}` } }))
    const shown = answers.map(({ status, body, headers, cookies }) =>
      JSON.stringify([status, body, Object.keys(headers).toSorted(), cookies]),
    )
    expect(new Set(shown).size).toBe(1)
    expect(answers[0]?.status).toBe(400)
    // Express logs what it answered in production, a little later.
    await new Promise((resolve) => setImmediate(resolve))
  })

  test('rotates its secret: what the old one sealed opens, until it is dropped', async () => {
    const [older, newer] = [secret(), secret()]
    const { emulator, options } = register({ secret: older })
    const serveWith = async (ring: readonly string[]): Promise<number> => {
      const app = express()
      const tiktok = tiktokAuth({ ...options, secret: ring })
      app.use(tiktok)
      app.get('/me', tiktok.requireLogin(), (req, res) => void res.json(req.tiktok.openId))
      return listen(app)
    }
    const [before, during, after] = [
      await serveWith([older]),
      await serveWith([newer, older]),
      await serveWith([newer]),
    ]
    const browser = createHttpBrowser(before)
    const callback = await startLogin({ browser, emulator })
    const moved = createHttpBrowser(during)
    for (const [name, value] of browser.cookies) moved.cookies.set(name, value)
    const dropped = createHttpBrowser(after)
    for (const [name, value] of browser.cookies) dropped.cookies.set(name, value)
    expect((await dropped.open(callback)).status).toBe(400)
    expect((await moved.open(callback)).status).toBe(303)
    expect((await moved.api('/me')).status).toBe(200)
  })

  test('keeps thirty abandoned logins from growing the cookie header', async () => {
    const rig = await serve(express)
    for (let index = 0; index < 30; index++) {
      expect((await rig.browser.open(`/auth/tiktok?returnTo=/${'x'.repeat(500)}`)).status).toBe(303)
    }
    const header = [...rig.browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    expect(header.length).toBeLessThan(8 * 1024)
    expect((await logIn(rig)).status).toBe(303)
  })

  test('shows no secret, code, verifier or token in logs, errors, events or addresses', async () => {
    const heard: unknown[] = []
    const print = (...values: unknown[]): void => void heard.push(values)
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      const spy = vi.spyOn(console, method).mockImplementation(print)
      onTestFinished(() => spy.mockRestore())
    }
    const rig = await serve(express, { onEvent: (event) => void heard.push(event) }, (app, tiktok) => {
      app.use(tiktok)
      app.get(
        '/token',
        tiktok.handler(async (req, res) => {
          await req.tiktok.accessToken()
          heard.push(req.tiktok, tiktok, tiktok.client, tiktok.tokens)
          res.end()
        }),
      )
      const last: ErrorRequestHandler = (error: Error, _req, res, _next) => {
        heard.push(error, JSON.stringify(error), String(error), error.stack)
        res.status(500).end()
      }
      app.use(last)
    })
    await logIn(rig)
    await rig.browser.open('/token')
    for (const kind of ['html', 'truncated', 'empty', 'drop_after'] as const) {
      rig.emulator.faults.next('token', { kind })
      await logIn({ ...rig, browser: rig.newBrowser() })
    }
    rig.emulator.advance(2 * 60 * minutes)
    rig.emulator.removeApp(rig.emulator.grants[0]?.userId ?? '', 'awkey1')
    await rig.browser.open('/token')

    const told = inspect(heard, {
      depth: null,
      showHidden: true,
      maxStringLength: null,
      maxArrayLength: null,
    })
    const secrets = [
      rig.options.clientSecret,
      String(rig.options.secret),
      ...rig.emulator.requests.flatMap(({ parameters }) =>
        ['code', 'refresh_token', 'code_verifier'].map((name) => parameters[name] ?? ''),
      ),
      ...rig.emulator.requests.map(({ headers }) => (headers['authorization'] ?? '').replace('Bearer ', '')),
    ].filter((value) => value !== '')
    expect(secrets.length).toBeGreaterThan(6)
    expect(secrets.filter((value) => told.includes(value))).toEqual([])
    const addresses = rig.emulator.requests.map(({ url }) => url).join(' ')
    expect(secrets.filter((value) => addresses.includes(value))).toEqual([])
  })

  test('re-checks where a login leads when the list of origins has changed meanwhile', async () => {
    const { emulator, options } = register({ returnToOrigins: ['https://studio.example'] })
    const [wide, narrow] = [express(), express()]
    wide.use(tiktokAuth(options))
    narrow.use(tiktokAuth({ ...options, returnToOrigins: [] }))
    const first = createHttpBrowser(await listen(wide))
    const login = `/auth/tiktok?${new URLSearchParams({ returnTo: 'https://studio.example/clips' })}`
    expect((await logIn({ browser: first, emulator }, { login })).location).toBe(
      'https://studio.example/clips',
    )

    const callback = await startLogin({ browser: first, emulator }, { login })
    const second = createHttpBrowser(await listen(narrow))
    for (const [name, value] of first.cookies) second.cookies.set(name, value)
    expect(await second.open(callback)).toMatchObject({ status: 303, location: '/' })
  })
})

function secret(): string {
  return randomBytes(32).toString('base64url')
}
