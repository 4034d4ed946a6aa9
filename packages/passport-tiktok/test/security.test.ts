import { logIn, startLogin, tokenRequests } from '@tiktok-auth/test-rig'
import { createEmulator } from '@tiktok-auth/emulator'
import { memoryTokenStore, type TikTokAuthEvent } from '@tiktok-auth/core'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { TikTokStrategyOptions } from '../src/index.ts'
import { hosts, newest, serve, userOf, usualRoutes, type Site } from './support/rig.ts'

describe.each(hosts)('an attack on %s', (_, host) => {
  test('by a callback of another browser, or of another login, signs nobody in', async () => {
    const rig = await serve(host)
    const other = { ...rig, browser: rig.newBrowser() }
    const [mine, theirs] = [await startLogin(rig), await startLogin(other)]
    for (const [browser, callback] of [
      [rig.newBrowser(), mine],
      [rig.browser, theirs],
      [other.browser, mine],
    ] as const) {
      expect((await browser.open(callback)).status).toBe(400)
      expect(await userOf(browser)).toBeNull()
    }
    expect(tokenRequests(rig)).toBe(0)
  })

  test('by an altered cookie signs nobody in', async () => {
    const rig = await serve(host)
    const callback = await startLogin(rig)
    const [[name, value] = ['', '']] = [...rig.browser.cookies].filter(([each]) =>
      each.includes('tiktok-login'),
    )
    for (let place = value.indexOf('.') + 1; place < value.length; place += 5) {
      const attacker = rig.newBrowser()
      attacker.cookies.set(
        name,
        value.slice(0, place) + (value[place] === 'A' ? 'B' : 'A') + value.slice(place + 1),
      )
      expect((await attacker.open(callback)).status).toBe(400)
    }
    expect(tokenRequests(rig)).toBe(0)
  })

  test('by parameters of any shape or size is refused, and the process lives', async () => {
    const rig = await serve(host)
    const pending = await startLogin(rig)
    for (const query of [
      'code=a&code=b&state=c',
      'code[]=a&state[]=b',
      'code[a]=b&state[a]=b',
      '__proto__[x]=1&code=a',
      'constructor[prototype][x]=1&error=access_denied',
      `code=${'a'.repeat(8000)}&state=b`,
      'code=%E0%A4%A&state=%',
      `error=<script>&error_description=<img src=x>&state=b`
        .replaceAll('<', '%3C')
        .replaceAll('>', '%3E')
        .replaceAll(' ', '%20'),
    ]) {
      const answer = await rig.browser.open(`/auth/tiktok/callback?${query}`)
      expect([query, answer.status]).toEqual([query, 400])
      expect(answer.body).not.toContain('script')
      expect(answer.headers['cache-control']).toBe('no-store')
    }
    expect(Reflect.get({}, 'x')).toBeUndefined()
    expect((await rig.browser.open(pending)).status).toBe(303)
  })

  test('by thirty abandoned logins leaves a small cookie header and a working login', async () => {
    const rig = await serve(host)
    for (let login = 0; login < 30; login++)
      await rig.browser.open('/auth/tiktok?returnTo=/a-rather-long-target')
    const header = [...rig.browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    expect(header.length).toBeLessThan(8 * 1024)
    expect((await logIn(rig)).status).toBe(303)
  })

  test('by two strategies in one process: each keeps to its own', async () => {
    const rig = await serve(host)
    const other = await serve(host, { options: { callbackURL: 'https://app.example/other/callback' } })
    const callback = await startLogin(rig)
    const browser = other.browser
    for (const [name, value] of rig.browser.cookies) browser.cookies.set(name, value)
    expect((await browser.open(callback)).status).toBe(400)
    expect(tokenRequests(other)).toBe(0)
  })
})

describe('an error', () => {
  const recording = (errors: unknown[]) => {
    return (site: Site): void => {
      usualRoutes(site)
      site.app.use(((error: { status?: number }, _req, res, _next) => {
        errors.push(error)
        res.status(error.status ?? 500).end()
      }) satisfies ErrorRequestHandler)
    }
  }

  test.each(['html', 'truncated', 'drop_after'] as const)(
    'reaches the app’s handler once: %s',
    async (kind) => {
      const errors: unknown[] = []
      const rig = await serve(newest, { routes: recording(errors) })
      const callback = await startLogin(rig)
      rig.emulator.faults.next('token', { kind })
      const answer = await rig.browser.open(callback)
      expect(answer.status).toBeGreaterThanOrEqual(502)
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(rig.browser.cookies.size).toBe(0)
      expect(errors).toHaveLength(1)
    },
  )

  test('of the session, when it cannot begin anew, ends the login closed', async () => {
    const errors: unknown[] = []
    const broken: RequestHandler = (req, _res, next) => {
      const session = {
        regenerate: (done: (error: Error) => void) => done(new Error('The session store is down.')),
      }
      Object.assign(req, { session })
      next()
    }
    const rig = await serve(newest, { session: broken, routes: recording(errors) })
    expect((await logIn(rig)).status).toBe(500)
    expect(errors).toEqual([new Error('The session store is down.')])
  })

  test('of the app’s own callback is an error of that request', async () => {
    const errors: unknown[] = []
    const rig = await serve(newest, {
      routes(site) {
        site.app.get('/auth/tiktok', site.passport.authenticate('tiktok') as RequestHandler)
        site.app.get('/auth/tiktok/callback', (req, res, next) => {
          const done = (error: unknown): void => {
            if (error) return next(error)
            throw new Error('A bug of the app.')
          }
          ;(site.passport.authenticate('tiktok', done) as RequestHandler)(req, res, next)
        })
        recording(errors)({ ...site, app: site.app })
      },
    })
    expect((await logIn(rig)).status).toBe(500)
    expect(errors).toEqual([new Error('A bug of the app.')])
  })
})

test('the real transport goes over sockets, to TikTok only, and shows no secret anywhere', async () => {
  const callbackURL = 'https://app.example/auth/tiktok/callback'
  const client = { clientKey: 'awkey1', clientSecret: 'canary-client-secret-0123456789' }
  const emulator = createEmulator({ clients: [{ ...client, redirectUris: [callbackURL], platform: 'web' }] })
  const { close } = await emulator.listen()
  onTestFinished(() => close())
  const told: string[] = []
  const tell = (value: unknown): void =>
    void told.push(inspect(value, { depth: null, showHidden: true }), String(value))
  const options: TikTokStrategyOptions = {
    ...client,
    callbackURL,
    endpoints: emulator.endpoints,
    store: memoryTokenStore(),
    onEvent: (event: TikTokAuthEvent) => tell(event),
  }
  const rig = await serve(newest, {
    options: { ...options, fetch: undefined as never },
    routes(site) {
      usualRoutes(site)
      site.app.use(((error: { status?: number }, _req, res, _next) => {
        tell(error)
        res.status(error.status ?? 500).end()
      }) satisfies ErrorRequestHandler)
    },
  })
  const browsing = { ...rig, emulator }
  told.push((await logIn(browsing)).body)
  for (const kind of ['html', 'truncated', 'drop_before', 'drop_after'] as const) {
    const callback = await startLogin(browsing)
    emulator.faults.next('token', { kind })
    const { body, headers } = await rig.browser.open(callback)
    told.push(body, inspect(headers))
  }
  told.push((await logIn(browsing, { cancel: true })).body)
  told.push((await rig.newBrowser().open('/auth/tiktok/callback?code=a&state=b')).body)
  const secrets = [
    client.clientSecret,
    ...emulator.requests.flatMap(({ parameters }) =>
      ['code', 'refresh_token'].map((name) => parameters[name] ?? ''),
    ),
    ...emulator.requests.map(({ headers }) => (headers['authorization'] ?? '').replace('Bearer ', '')),
  ].filter((value) => value !== '')
  expect(secrets.length).toBeGreaterThan(5)
  const everything = told.join('\n')
  expect(secrets.filter((value) => everything.includes(value))).toEqual([])
  const addresses = emulator.requests.map(({ url }) => url).join(' ')
  expect(secrets.filter((value) => addresses.includes(value))).toEqual([])
})

test('a token endpoint that redirects is not followed', async () => {
  const asked: string[] = []
  const server = createServer((req, res) => {
    asked.push(req.url ?? '')
    res.writeHead(307, { location: '/elsewhere' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const rig = await serve(newest, {
    options: { fetch: undefined as never, endpoints: { tokenEndpoint: `${origin}/token/` } },
  })
  expect((await logIn(rig)).status).toBe(502)
  expect(asked).toEqual(['/token/'])
})
