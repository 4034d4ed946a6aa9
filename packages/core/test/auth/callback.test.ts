import { describe, expect, it, vi } from 'vitest'
import type { AuthHooks } from '../../src/index.ts'
import { newKey } from '../hosts.ts'
import { createApp, createBrowser, createTikTok, tokenOutcomes } from './browser.ts'
import type { App, Browser } from './browser.ts'

const emptyVisit = { hooks: {} }
type Edit = (callback: string, browser: Browser) => string

function stateOf(callback: string): string {
  return String(new URL(callback, 'https://app.example').searchParams.get('state'))
}

/** Begins a login, alters the callback or the jar, and expects a refusal that leaves no trace. */
async function expectRefused(app: App, edit: Edit): Promise<unknown> {
  const browser = createBrowser(app)
  const callback = edit(await browser.begin(), browser)
  const before = app.emulator.requests.length
  const page = await browser.visit(callback)
  expect(page.answer).toBeUndefined()
  expect(page.error).toMatchObject({ code: 'transaction', status: 400 })
  expect(app.emulator.requests).toHaveLength(before)
  expect([...browser.jar.keys()].filter((name) => name.includes('session'))).toEqual([])
  expect(page.headers).toContainEqual(['cache-control', 'no-store'])
  return page.error
}

describe('a callback is refused', () => {
  const path = '/auth/tiktok/callback'
  it.each<[string, string, Edit]>([
    ['without a state', 'missing', (callback) => callback.replace(/&?state=[^&]*/, '')],
    ['with an empty state', 'missing', (callback) => callback.replace(/state=[^&]*/, 'state=')],
    ['with nothing at all', 'missing', () => path],
    ['of a stranger', 'missing', (callback, { jar }) => (jar.clear(), callback)],
    [
      'with a state too short to be ours',
      'missing',
      (callback) => callback.replace(/state=[^&]*/, 'state=abc'),
    ],
    ['with a state like ours', 'state_mismatch', (callback) => callback.replace(/(state=[^&]*)[^&]/, '$1')],
    ['with the state twice', 'malformed_callback', (callback) => `${callback}&state=${stateOf(callback)}`],
    ['with the state as a list', 'malformed_callback', (callback) => `${callback}&state[]=x`],
    ['with the state as an object', 'malformed_callback', (callback) => `${callback}&state[a]=b`],
    ['with two codes', 'malformed_callback', (callback) => `${callback}&code=b`],
    ['with codes as a list', 'malformed_callback', (callback) => `${callback}&code[]=`],
    ['with a code and an error', 'malformed_callback', (callback) => `${callback}&error=access_denied`],
    ['with neither code nor error', 'malformed_callback', (callback) => callback.replace(/code=[^&]*&?/, '')],
    [
      'with a code of 64 KiB',
      'missing',
      (callback) => callback.replace(/code=/, `code=${'x'.repeat(65536)}`),
    ],
    [
      'with a state of 1 MiB',
      'missing',
      (callback) => callback.replace(/state=/, `state=${'x'.repeat(2 ** 20)}`),
    ],
    ['with 10 000 parameters', 'missing', (callback) => `${callback}${'&a=1'.repeat(10_000)}`],
    ['with 100 parameters', 'malformed_callback', (callback) => `${callback}${'&a=1'.repeat(100)}`],
    [
      'with a cookie that was altered',
      'unreadable',
      (callback, { jar }) => {
        for (const [name, value] of jar)
          jar.set(name, `${value.slice(0, -1)}${value.endsWith('A') ? 'B' : 'A'}`)
        return callback
      },
    ],
    [
      'with a cookie of rubbish',
      'unreadable',
      (callback, { jar }) => {
        for (const name of jar.keys()) jar.set(name, '%E0%A4%A')
        return callback
      },
    ],
    [
      'with an empty cookie',
      'missing',
      (callback, { jar }) => {
        for (const name of jar.keys()) jar.set(name, '')
        return callback
      },
    ],
  ])('%s', async (_name, reason, edit) => {
    expect(await expectRefused(createApp(), edit)).toMatchObject({ reason })
  })

  it('from another browser, whichever way two are swapped', async () => {
    const app = createApp()
    const [one, two] = [createBrowser(app), createBrowser(app)]
    const [first, second] = [await one.begin(), await two.begin()]
    expect((await one.visit(second)).error).toMatchObject({ reason: 'missing' })
    expect((await two.visit(first)).error).toMatchObject({ reason: 'missing' })
    expect(tokenOutcomes(app.emulator)).toEqual([])
    expect((await one.visit(first)).location).toBe('/')
  })

  it('with an error that the state does not vouch for', async () => {
    const app = createApp()
    const refusal = expectRefused(app, (callback) =>
      callback.replace(/code=[^&]*/, 'error=access_denied').replace(/state=[^&]*/, 'state=AAAAAAAAAAAA'),
    )
    expect(await refusal).toMatchObject({ reason: 'missing' })
  })

  it('after ten minutes, whatever the browser says, and from the future', async () => {
    const app = createApp()
    for (const [ms, works] of [
      [599_000, true],
      [601_000, false],
    ] as const) {
      const browser = createBrowser(app)
      const callback = await browser.begin('/auth/tiktok')
      // Codes at TikTok may be over sooner than our attempt: only the attempt is looked at here.
      app.emulator.advance(ms)
      const { error } = await browser.visit(callback)
      const reason = (error as { reason?: string } | undefined)?.reason
      expect(reason === 'expired').toBe(!works)
    }
    let skew = 61_000
    const ahead = createApp({ ...app.options, now: () => app.emulator.now() + skew }, app.emulator)
    const browser = createBrowser(ahead)
    const callback = await browser.begin()
    skew = 0
    expect((await browser.visit(callback)).error).toMatchObject({ reason: 'expired' })
  })

  it('alike for the browser, whatever the reason', async () => {
    const app = createApp()
    const seen = new Set<string>()
    for (const edit of [
      (callback: string, { jar }: Browser) => (jar.clear(), callback),
      (callback: string, { jar }: Browser) => (jar.forEach((_, name) => jar.set(name, 'forged')), callback),
      (callback: string) => callback.replace(/(state=[^&]*)[^&]/, '$1'),
      (callback: string) => (app.emulator.advance(700_000), callback),
    ]) {
      const browser = createBrowser(app)
      const page = await browser.visit(edit(await browser.begin(), browser))
      const named = JSON.stringify(page.headers).replace(/login-\w{6}-[\w-]{8}=/, 'login=')
      seen.add(`${(page.error as { status: number }).status} ${named}`)
    }
    expect(seen.size).toBe(1)
  })

  it('and leaves every object as it was', async () => {
    const browser = createBrowser(createApp())
    browser.jar.set('__proto__', '1')
    browser.jar.set('constructor', '1')
    await browser.visit(`${await browser.begin()}&__proto__[x]=1&constructor[prototype][x]=1`)
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })
})

describe('sealed values', () => {
  it('of one kind are never taken for another', async () => {
    const app = createApp()
    const browser = createBrowser(app)
    await browser.logIn()
    const [[sessionName, session] = ['', '']] = [...browser.jar]
    const callback = await browser.begin()
    const pending = [...browser.jar].find(([name]) => name.includes('login'))
    expect(
      await app.auth.identify(`${sessionName}=${pending?.[1].split('.').slice(1).join('.')}`),
    ).toBeUndefined()
    browser.jar.clear()
    browser.jar.set(String(pending?.[0]), `abc.${session}`)
    expect((await browser.visit(callback)).error).toMatchObject({ reason: 'unreadable' })
  })

  it('survive a change of keys while the old one is kept', async () => {
    const [old, current] = [newKey(), newKey()]
    const app = createApp({ secret: old })
    const rotated = createApp({ ...app.options, secret: [current, old] }, app.emulator)
    const dropped = createApp({ ...app.options, secret: current }, app.emulator)
    const browser = createBrowser(app)
    const callback = await browser.begin()
    expect((await createBrowser(dropped, new Map(browser.jar)).visit(callback)).error).toMatchObject({
      reason: 'unreadable',
      status: 400,
    })
    expect((await createBrowser(rotated, browser.jar).visit(callback)).location).toBe('/')
  })

  it('belong to one client key and one redirect URI', async () => {
    const secret = newKey()
    const app = createApp({ secret })
    const uri = 'https://app.example/other'
    const other = createApp({ secret, redirectUri: uri, routes: { callback: '/other' } }, createTikTok(uri))
    const browser = createBrowser(app)
    const callback = (await browser.begin()).replace(/^[^?]*/, '/other')
    expect((await createBrowser(other, browser.jar).visit(callback)).error).toMatchObject({
      reason: 'unreadable',
    })
    expect(tokenOutcomes(other.emulator)).toEqual([])
  })
})

describe('methods', () => {
  it.each(['HEAD', 'OPTIONS', 'POST', 'PUT', 'get'])('other than GET use nothing up: %s', async (method) => {
    const app = createApp()
    const browser = createBrowser(app)
    const callback = await browser.begin()
    const page = await browser.visit(callback, { method, headers: {} })
    expect(page.answer).toMatchObject({ status: 405, headers: expect.arrayContaining([['allow', 'GET']]) })
    expect(page.cookies).toEqual([])
    expect((await browser.visit(callback)).location).toBe('/')
  })

  it('of the other routes are those that fit', async () => {
    const browser = createBrowser(createApp())
    expect((await browser.visit('/auth/tiktok/logout')).headers).toContainEqual(['allow', 'POST'])
    expect((await browser.visit('/auth/tiktok/disconnect')).headers).toContainEqual(['allow', 'POST'])
    expect((await browser.visit('/auth/tiktok', { method: 'PUT' })).headers).toContainEqual([
      'allow',
      'GET, POST',
    ])
  })
})

describe('a callback that comes again', () => {
  const sessions = (cookies: readonly string[]) => cookies.filter((line) => line.includes('-session-'))

  it('at once joins the first: one exchange, one login, and the answer that the browser shows is signed in', async () => {
    const app = createApp()
    const browser = createBrowser(app)
    const callback = await browser.begin('/auth/tiktok?returnTo=/videos')
    const onLogin = vi.fn<NonNullable<AuthHooks['onLogin']>>()
    const pages = await Promise.all(
      [1, 2, 3].map(async () => browser.visit(callback, { hooks: { onLogin } })),
    )
    for (const page of pages) {
      expect(page.location).toBe('/videos')
      expect(sessions(page.cookies)).toHaveLength(1)
    }
    expect(tokenOutcomes(app.emulator)).toEqual(['ok'])
    expect(onLogin).toHaveBeenCalledOnce()
    expect(app.events.filter(({ type }) => type === 'login_finished')).toHaveLength(1)
  })

  it('at once shares the failure of the first', async () => {
    const app = createApp()
    app.emulator.faults.next('token', { kind: 'html' })
    const browser = createBrowser(app)
    const callback = await browser.begin()
    const pages = await Promise.all([browser.visit(callback), browser.visit(callback)])
    for (const page of pages) expect(page.error).toMatchObject({ code: 'unexpected_response' })
    expect(tokenOutcomes(app.emulator)).toHaveLength(1)
  })

  it('later, with its cookie restored, gets no session and no second exchange', async () => {
    const app = createApp()
    const browser = createBrowser(app)
    const callback = await browser.begin('/auth/tiktok?returnTo=/videos')
    const restored = new Map(browser.jar)
    await browser.visit(callback)
    const page = await createBrowser(app, restored).visit(callback)
    expect(page.location).toBe('/videos')
    expect(sessions(page.cookies)).toEqual([])
    expect(tokenOutcomes(app.emulator)).toEqual(['ok'])
  })

  it('with its cookie restored after a minute is refused by TikTok', async () => {
    const app = createApp()
    const browser = createBrowser(app)
    const callback = await browser.begin()
    const restored = new Map(browser.jar)
    await browser.visit(callback)
    app.emulator.advance(61_000)
    const page = await createBrowser(app, restored).visit(callback)
    expect(page.error).toMatchObject({ code: 'oauth_response', error: 'invalid_grant', status: 502 })
    expect(restored.size).toBe(0)
  })

  it('from a browser that is signed in already leads to the default', async () => {
    const app = createApp({ defaultReturnTo: '/home' })
    const browser = createBrowser(app)
    const callback = await browser.begin('/auth/tiktok?returnTo=/videos')
    await browser.visit(callback)
    const session = new Map(browser.jar)
    expect((await browser.visit(callback)).location).toBe('/home')
    expect(browser.jar).toEqual(session)
  })

  it('from another user joins nothing', async () => {
    const app = createApp()
    const browser = createBrowser(app)
    const callback = await browser.begin()
    const stranger = { hooks: { onStart: () => ({ bind: 'other' }) } }
    const [first, second] = await Promise.all([
      browser.visit(callback, emptyVisit),
      browser.visit(callback, stranger),
    ])
    expect(first.location).toBe('/')
    expect(second.error).toMatchObject({ reason: 'binding' })
  })
})

describe('several attempts of one browser', () => {
  it.each([
    ['in order', [0, 1]],
    ['the other way round', [1, 0]],
  ])('end each at its own place, %s', async (_name, order) => {
    const browser = createBrowser(createApp())
    const callbacks = [
      await browser.begin('/auth/tiktok?returnTo=/one'),
      await browser.begin('/auth/tiktok?returnTo=/two'),
    ]
    for (const index of order) {
      expect((await browser.visit(String(callbacks[index]))).location).toBe(['/one', '/two'][index])
    }
  })

  it('stay five at most and under 8 KiB, and the newest one works', async () => {
    const browser = createBrowser(createApp())
    for (let count = 0; count < 30; count++) await browser.visit(`/auth/tiktok?returnTo=/${'x'.repeat(500)}`)
    expect(browser.jar.size).toBe(5)
    expect(browser.cookieHeader().length).toBeLessThan(8192)
    expect((await browser.logIn()).location).toBe('/')
  })
})

describe('the code', () => {
  it.each(['a*b!c.d', 'a+b', 'a%25b', 'a%2Bb', 'a/b='])(
    'reaches TikTok as it was issued: %s',
    async (code) => {
      const app = createApp()
      const browser = createBrowser(app)
      const callback = await browser.begin()
      await browser.visit(callback.replace(/code=[^&]*/, `code=${encodeURIComponent(code)}`))
      const request = app.emulator.requests.find(({ endpoint }) => endpoint === 'token')
      expect(request?.parameters.code).toBe(code)
      expect(request?.parameters.redirect_uri).toBe('https://app.example/auth/tiktok/callback')
    },
  )

  it('that TikTok refuses signs nobody in', async () => {
    const app = createApp()
    const browser = createBrowser(app)
    const callback = await browser.begin()
    const page = await browser.visit(callback.replace(/code=[^&]*/, 'code=made-up'))
    expect(page.error).toMatchObject({ code: 'oauth_response', error: 'invalid_grant' })
    expect(browser.jar.size).toBe(0)
  })

  it('grants what the token response says, not what the callback claims', async () => {
    const app = createApp({ scope: ['user.info.basic', 'video.list'] })
    const browser = createBrowser(app)
    const callback = await browser.begin('/auth/tiktok', { scope: ['user.info.basic'] })
    await browser.visit(callback.replace(/scopes=[^&]*/, 'scopes=user.info.basic,video.list'))
    const openId = String(app.emulator.grants[0]?.openId)
    expect((await app.auth.tokens.status(openId)).scope).toEqual(['user.info.basic'])
  })
})
