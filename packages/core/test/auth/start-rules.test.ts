import { describe, expect, it } from 'vitest'
import type { AuthHooks } from '../../src/index.ts'
import { createApp, createBrowser, navigation } from './browser.ts'

const refused = { code: 'transaction', reason: 'request_refused', status: 403 }

describe('a login by GET', () => {
  it.each([
    ['nothing is said', {}],
    ['a link was followed', { ...navigation, 'sec-fetch-site': 'cross-site' }],
    [
      'an own frame is navigated',
      { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'same-origin' },
    ],
  ])('starts when %s', async (_name, headers) => {
    const page = await createBrowser(createApp()).visit('/auth/tiktok', { headers })
    expect(page.answer?.status).toBe(303)
  })

  it.each<[string, Record<string, string>]>([
    ['a prefetch', { ...navigation, 'sec-purpose': 'prefetch' }],
    ['a prerendering', { ...navigation, 'sec-purpose': 'prefetch;prerender' }],
    ['an older prefetch', { purpose: 'prefetch' }],
    ['a preview', { 'x-purpose': 'preview' }],
    ['an old Firefox', { 'x-moz': 'prefetch' }],
    ['an image', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
    ['a script', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
    [
      'a frame of another site',
      { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'cross-site' },
    ],
    [
      'an embedded object',
      { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'object', 'sec-fetch-site': 'same-origin' },
    ],
  ])('does not start for %s', async (_name, headers) => {
    const app = createApp()
    const page = await createBrowser(app).visit('/auth/tiktok', { headers })
    expect(page.error).toMatchObject(refused)
    expect(page.cookies).toEqual([])
    expect(page.headers).toContainEqual(['cache-control', 'no-store'])
    expect(app.events).toEqual([])
  })
})

describe.each(['/auth/tiktok', '/auth/tiktok/logout', '/auth/tiktok/disconnect'])('a POST to %s', (path) => {
  const app = createApp({ trustedOrigins: ['https://www.example'] })
  const post = async (headers: Record<string, string>) =>
    createBrowser(app).visit(path, { method: 'POST', headers })

  it.each<[string, Record<string, string>]>([
    ['same-origin', { 'sec-fetch-site': 'same-origin' }],
    [
      'same-origin, under a referrer policy that hides the origin',
      { 'sec-fetch-site': 'same-origin', origin: 'null' },
    ],
    ['of the own origin, from an old browser', { origin: 'https://app.example' }],
    ['of a trusted origin, from an old browser', { origin: 'https://www.example' }],
  ])('is answered when it is %s', async (_name, headers) => {
    expect((await post(headers)).answer?.status).toBe(303)
  })

  it.each<[string, Record<string, string>]>([
    ['cross-site', { 'sec-fetch-site': 'cross-site', origin: 'https://app.example' }],
    ['same-site', { 'sec-fetch-site': 'same-site', origin: 'https://www.example' }],
    ['by nobody', { 'sec-fetch-site': 'none' }],
    ['without a word', {}],
    ['of no origin', { origin: 'null' }],
    ['of another origin', { origin: 'https://app.example.evil' }],
    ['of another scheme', { origin: 'http://app.example' }],
  ])('is refused when it is %s', async (_name, headers) => {
    const page = await post(headers)
    expect(page.error).toMatchObject(refused)
    expect(page.cookies).toEqual([])
    expect(page.headers).toContainEqual(['cache-control', 'no-store'])
  })
})

describe('a login that is bound to a user', () => {
  const hooks: AuthHooks = { onStart: () => ({ bind: 'user-1' }) }

  it.each<[string, Record<string, string>]>([
    ['a link of an own page', { ...navigation, 'sec-fetch-site': 'same-origin' }],
    ['an address that was typed', { ...navigation, 'sec-fetch-site': 'none' }],
  ])('starts by %s', async (_name, headers) => {
    expect((await createBrowser(createApp()).visit('/auth/tiktok', { headers, hooks })).answer?.status).toBe(
      303,
    )
  })

  it.each<[string, Record<string, string>]>([
    ['a link of another site', { ...navigation, 'sec-fetch-site': 'cross-site' }],
    ['a link of a sibling', { ...navigation, 'sec-fetch-site': 'same-site' }],
    ['a browser that does not say', {}],
  ])('does not start by %s', async (_name, headers) => {
    const page = await createBrowser(createApp()).visit('/auth/tiktok', { headers, hooks })
    expect(page.error).toMatchObject(refused)
  })

  it('ends only for the same user', async () => {
    const app = createApp()
    const own = { headers: { 'sec-fetch-site': 'same-origin' }, hooks }
    for (const bind of [undefined, 'user-2', 'user-10']) {
      const browser = createBrowser(app)
      const callback = await browser.begin('/auth/tiktok', {}, own)
      const page = await browser.visit(callback, {
        hooks: { onStart: () => (bind === undefined ? undefined : { bind }) },
      })
      expect(page.error).toMatchObject({ reason: 'binding', status: 400 })
    }
    const browser = createBrowser(app)
    const callback = await browser.begin()
    expect((await browser.visit(callback, { hooks })).error).toMatchObject({ reason: 'binding' })
    expect((await createBrowser(app).logIn('/auth/tiktok', {}, own)).location).toBe('/')
  })

  it.each<[string, unknown]>([
    ['data that is no JSON', { data: 1n }],
    ['data that would come back changed', { data: () => 1 }],
    ['data that a cookie cannot hold', { data: 'x'.repeat(8192) }],
    ['an empty bind', { bind: '' }],
    ['a bind that is no text', { bind: 7 }],
    ['a scope that is no list', { scope: 'video.list' }],
    ['no scope at all', { scope: [] }],
  ])('is refused at once for %s', async (_name, chosen) => {
    const page = await createBrowser(createApp()).visit('/auth/tiktok', {
      headers: { 'sec-fetch-site': 'same-origin' },
      hooks: { onStart: () => chosen as never },
    })
    expect(page.error).toMatchObject({ code: 'configuration' })
    expect(page.cookies).toEqual([])
  })
})

describe('an application with its own users', () => {
  const session = { identify: () => undefined }
  const own = { ...navigation, 'sec-fetch-site': 'same-origin' }

  it('gets no session of ours and no logout route', async () => {
    const app = createApp({ session })
    const browser = createBrowser(app)
    const page = await browser.logIn('/auth/tiktok', {}, { headers: own })
    expect(page.location).toBe('/')
    expect(browser.jar.size).toBe(0)
    expect(await app.auth.identify('x=y')).toBeUndefined()
    expect((await browser.visit('/auth/tiktok/logout', { method: 'POST' })).answer).toBeUndefined()
    await expect(app.auth.testCookie('user-1')).rejects.toMatchObject({
      code: 'configuration',
      option: 'session',
    })
    expect(app.auth.endSession('user-1')).toEqual([
      ['cache-control', 'no-store'],
      ['referrer-policy', 'no-referrer'],
    ])
  })

  it('binds a login to the linked account by default', async () => {
    const app = createApp({ session })
    const linked: AuthHooks = { identify: async () => 'open-1' }
    const browser = createBrowser(app)
    const callback = await browser.begin('/auth/tiktok', {}, { headers: own, hooks: linked })
    const stranger: AuthHooks = { identify: () => 'open-2' }
    expect((await browser.visit(callback, { hooks: stranger })).error).toMatchObject({ reason: 'binding' })
    const again = await browser.begin('/auth/tiktok', {}, { headers: own, hooks: linked })
    expect((await browser.visit(again, { hooks: linked })).location).toBe('/')
    const foreign = await browser.visit('/auth/tiktok', { hooks: linked })
    expect(foreign.error).toMatchObject(refused)
  })

  it('disconnects the account it names', async () => {
    const app = createApp({ session })
    await createBrowser(app).logIn('/auth/tiktok', {}, { headers: own })
    const openId = String(app.emulator.grants[0]?.openId)
    const page = await createBrowser(app).visit('/auth/tiktok/disconnect', {
      method: 'POST',
      headers: own,
      hooks: { identify: () => openId },
    })
    expect(page.location).toBe('/')
    expect(await app.auth.tokens.status(openId)).toMatchObject({ cause: 'revoked' })
  })

  it('may have no users at all', async () => {
    const app = createApp({ session: false })
    const browser = createBrowser(app)
    expect((await browser.logIn()).location).toBe('/')
    expect(browser.jar.size).toBe(0)
    expect((await browser.visit('/auth/tiktok/disconnect', { method: 'POST' })).answer).toBeUndefined()
  })
})
