import { describe, expect, test } from 'vitest'
import { logIn, serve, startLogin, tokenRequests, versions } from './support/rig.ts'

describe.each(versions)('a login on %s', (_, express) => {
  test('signs somebody in and puts them on every request', async () => {
    const rig = await serve(express, {}, (app, tiktok) => {
      app.use(tiktok)
      app.get('/me', (req, res) => void res.json({ openId: req.tiktok.openId ?? null }))
    })
    expect((await rig.browser.open('/me')).json()).toEqual({ openId: null })

    const answer = await logIn(rig, { login: '/auth/tiktok?returnTo=/videos%3Fpage=2' })

    expect(answer).toMatchObject({ status: 303, location: '/videos?page=2' })
    expect((await rig.browser.open('/me')).json()).toEqual({ openId: rig.emulator.grants[0]?.openId })
    expect(tokenRequests(rig, 'authorization_code')).toBe(1)
  })

  test('sets host-only, secure cookies that scripts cannot read, and removes the transaction', async () => {
    const rig = await serve(express)
    const start = await rig.browser.open('/auth/tiktok')
    expect(start.cookies).toHaveLength(1)
    expect(start.cookies[0]).toMatch(/^__Host-[^;]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/)

    const answer = await rig.browser.open(pathOf(await rig.emulator.consent(start.location ?? '')))

    const name = start.cookies[0]?.split('=')[0] ?? ''
    expect(answer.cookies).toContainEqual(`${name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure`)
    expect([...rig.browser.cookies.keys()]).toEqual([expect.stringMatching(/^__Host-tiktok-session/)])
  })

  test('keeps every answer out of caches and referrers', async () => {
    const rig = await serve(express)
    const start = await rig.browser.open('/auth/tiktok')
    const done = await rig.browser.open(pathOf(await rig.emulator.consent(start.location ?? '')))
    const refused = await rig.newBrowser().open('/auth/tiktok/callback?code=a&state=b')
    for (const { headers } of [start, done, refused]) {
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    }
    expect(refused.status).toBe(400)
  })

  test('goes on when the user leaves a scope out, and knows which', async () => {
    const missing: string[][] = []
    const rig = await serve(express, { onLogin: (login) => void missing.push([...login.missingScope]) })
    expect((await logIn(rig, { scope: ['user.info.basic'] })).status).toBe(303)
    expect(missing).toEqual([['video.list']])
  })

  test('ends with 403 when the user cancels, and uses the transaction up', async () => {
    const rig = await serve(express)
    const callback = await startLogin(rig, { cancel: true })
    const answer = await rig.browser.open(callback)
    expect(answer.status).toBe(403)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(rig.browser.cookies.size).toBe(0)
    expect((await rig.browser.open(callback)).status).toBe(400)
    expect(tokenRequests(rig)).toBe(0)
  })

  test('keeps several tabs apart, whichever ends first', async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const rig = await serve(express)
      const callbacks = [
        await startLogin(rig, { login: '/auth/tiktok?returnTo=/one' }),
        await startLogin(rig, { login: '/auth/tiktok?returnTo=/two' }),
      ]
      for (const tab of order) {
        const answer = await rig.browser.open(callbacks[tab] ?? '')
        expect(answer).toMatchObject({ status: 303, location: ['/one', '/two'][tab] })
      }
    }
  })

  test('signs in once when the callback is opened twice at a time', async () => {
    const logins: string[] = []
    const rig = await serve(express, { onLogin: (login) => void logins.push(login.openId) })
    const callback = await startLogin(rig)
    const answers = await Promise.all([rig.browser.open(callback), rig.browser.open(callback)])
    expect(answers.map(({ status }) => status)).toEqual([303, 303])
    expect(tokenRequests(rig)).toBe(1)
    expect(logins).toHaveLength(1)
  })

  test('shows no error to somebody signed in who goes back to the callback, and signs nobody in', async () => {
    const rig = await serve(express)
    const callback = await startLogin(rig)
    await rig.browser.open(callback)
    const again = await rig.browser.open(callback)
    expect(again).toMatchObject({ status: 303, location: '/' })
    expect(again.cookies.filter((cookie) => cookie.includes('session'))).toEqual([])
    expect(tokenRequests(rig)).toBe(1)
  })

  test('refuses the callback in a browser that started nothing, or another login', async () => {
    const rig = await serve(express)
    const other = { ...rig, browser: rig.newBrowser() }
    const [mine, theirs] = [await startLogin(rig), await startLogin(other)]
    for (const [browser, callback] of [
      [rig.newBrowser(), mine],
      [rig.browser, theirs],
      [other.browser, mine],
    ] as const) {
      const answer = await browser.open(callback)
      expect(answer.status).toBe(400)
      expect(answer.cookies.filter((cookie) => /session/.test(cookie))).toEqual([])
    }
    expect(tokenRequests(rig)).toBe(0)
  })

  test('starts for a person only: no prefetch, no image, no frame of another site', async () => {
    const rig = await serve(express)
    for (const headers of [
      { 'sec-purpose': 'prefetch' },
      { 'sec-purpose': 'prefetch;prerender' },
      { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image', 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'cross-site' },
    ]) {
      const answer = await rig.browser.open('/auth/tiktok', { headers })
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.cookies).toEqual([])
    }
  })

  test.each([
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\/evil.example',
    'https:evil.example',
    'https:///evil.example',
    'https://app.example@evil.example',
    'https://app.example.evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '/%09/evil.example',
    '/\t/evil.example',
    '/\r\nset-cookie: x=1',
    '@evil.example',
    '.evil.example',
    ':80@evil.example',
    '/auth/tiktok',
    '/auth/tiktok/logout',
  ])('never leaves the app by returnTo %j', async (returnTo) => {
    const rig = await serve(express)
    const answer = await logIn(rig, { login: `/auth/tiktok?${new URLSearchParams({ returnTo })}` })
    expect(answer.status).toBe(303)
    const target = new URL(answer.location ?? '', 'https://app.example')
    expect(target.origin).toBe('https://app.example')
    expect(target.pathname.startsWith('/auth/')).toBe(false)
    expect(answer.headers).not.toHaveProperty('x')
  })

  test('logs in all the same when returnTo is too long to keep', async () => {
    const rig = await serve(express)
    const returnTo = `/${'x'.repeat(8192)}`
    const answer = await logIn(rig, { login: `/auth/tiktok?${new URLSearchParams({ returnTo })}` })
    expect(answer).toMatchObject({ status: 303, location: '/' })
  })

  test('logs out by a form of its own pages only, and by POST only', async () => {
    const rig = await serve(express, {}, (app, tiktok) => {
      app.use(tiktok)
      app.get('/me', (req, res) => void res.json({ openId: req.tiktok.openId ?? null }))
    })
    await logIn(rig)
    const crossSite = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    expect((await rig.browser.open('/auth/tiktok/logout', { headers: crossSite })).status).toBe(405)
    expect(
      (await rig.browser.open('/auth/tiktok/logout', { method: 'POST', headers: crossSite })).status,
    ).toBe(403)
    expect((await rig.browser.open('/me')).json()).not.toEqual({ openId: null })

    expect(await rig.browser.post('/auth/tiktok/logout')).toMatchObject({ status: 303, location: '/' })
    expect((await rig.browser.open('/me')).json()).toEqual({ openId: null })
    expect(rig.emulator.grants[0]?.state).toBe('active')
  })

  test('disconnects: revokes at TikTok, forgets here, ends every session of the connection', async () => {
    const rig = await serve(express, {}, (app, tiktok) => {
      app.use(tiktok)
      app.get('/token', tiktok.requireLogin(), (_req, res) => void res.send('in'))
    })
    await logIn(rig)
    const copied = new Map(rig.browser.cookies)
    await rig.browser.post('/auth/tiktok/disconnect')
    expect(rig.emulator.grants.filter(({ state }) => state === 'active')).toEqual([])
    for (const [name, value] of copied) rig.browser.cookies.set(name, value)
    expect((await rig.browser.api('/token')).status).toBe(401)
  })
})

function pathOf(url: URL): string {
  return url.pathname + url.search
}
