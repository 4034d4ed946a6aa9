import { describe, expect, it } from 'vitest'
import { createApp, createBrowser, ownPost } from './browser.ts'

const post = { method: 'POST', headers: ownPost }
const postForJson = { method: 'POST', headers: { ...ownPost, accept: 'application/json' } }

async function signedIn(options: Parameters<typeof createApp>[0] = {}) {
  const app = createApp(options)
  const browser = createBrowser(app)
  await browser.logIn()
  return { app, browser, openId: String(app.emulator.grants[0]?.openId) }
}

describe('identify', () => {
  it('renews a session that would go idle, and says not to cache that answer', async () => {
    const { app, browser, openId } = await signedIn()
    app.emulator.advance(3 * 3_600_000)
    const found = await app.auth.identify(browser.cookieHeader())
    expect(found).toMatchObject({ openId })
    expect(found?.headers).toEqual([
      ['set-cookie', expect.stringMatching(/-session-.*Max-Age=86400;/)],
      ['cache-control', 'no-store'],
      ['referrer-policy', 'no-referrer'],
    ])
  })

  it('knows nobody without a cookie', async () => {
    const { app } = await signedIn()
    expect(await app.auth.identify(undefined)).toBeUndefined()
    expect(await app.auth.identify('a=b')).toBeUndefined()
  })
})

describe('testCookie', () => {
  it('signs in, tied to the stored grant if there is one', async () => {
    const { app, openId } = await signedIn()
    const { connectionId } = await app.auth.tokens.status(openId)
    expect(await app.auth.identify(await app.auth.testCookie(openId))).toMatchObject({ openId, connectionId })
    const stranger = await app.auth.identify(await app.auth.testCookie('nobody'))
    expect(stranger).toMatchObject({ openId: 'nobody', connectionId: undefined })
  })
})

describe('logging out', () => {
  it('ends the session on this browser and keeps the grant', async () => {
    const { app, browser, openId } = await signedIn()
    const page = await browser.visit('/auth/tiktok/logout?returnTo=/bye', post)
    expect(page).toMatchObject({ location: '/bye', answer: { status: 303 } })
    expect(page.headers).toContainEqual(['cache-control', 'no-store'])
    expect(browser.jar.size).toBe(0)
    expect(await app.auth.tokens.status(openId)).toMatchObject({ state: 'connected' })
    expect(app.events.at(-1)).toEqual({ type: 'logged_out', openId })
  })

  it('leads nowhere else, and answers scripts without a redirect', async () => {
    const { browser } = await signedIn()
    expect((await browser.visit('/auth/tiktok/logout?returnTo=//evil.example', post)).location).toBe('/')
    const page = await browser.visit('/auth/tiktok/logout', postForJson)
    expect(page).toMatchObject({ location: undefined, answer: { status: 204 } })
  })

  it('is no matter of a GET', async () => {
    const { browser } = await signedIn()
    const page = await browser.visit('/auth/tiktok/logout')
    expect(page.answer?.status).toBe(405)
    expect(browser.jar.size).toBe(1)
  })

  it('can be done by an adapter', async () => {
    const { app, openId } = await signedIn()
    expect(app.auth.endSession(openId)[0]).toEqual(['set-cookie', expect.stringContaining('Max-Age=0')])
    expect(app.events.at(-1)).toEqual({ type: 'logged_out', openId })
  })
})

describe('disconnecting', () => {
  it('revokes the grant at TikTok, removes it here and ends the session', async () => {
    const { app, browser, openId } = await signedIn()
    const page = await browser.visit('/auth/tiktok/disconnect', post)
    expect(page.location).toBe('/')
    expect(browser.jar.size).toBe(0)
    expect(await app.auth.tokens.status(openId)).toMatchObject({ state: 'needs_login', cause: 'revoked' })
    expect(app.emulator.requests.at(-1)).toMatchObject({ endpoint: 'revoke', outcome: 'ok' })
  })

  it('tells scripts what became of it', async () => {
    const { app, browser } = await signedIn()
    const jar = new Map(browser.jar)
    const page = await browser.visit('/auth/tiktok/disconnect', postForJson)
    expect(page.answer).toMatchObject({ status: 200, body: '{"remote":"revoked"}' })
    expect(page.headers).toContainEqual(['content-type', 'application/json; charset=utf-8'])
    const again = await createBrowser(app, jar).visit('/auth/tiktok/disconnect', postForJson)
    expect(again.answer?.body).toBe('{"remote":"nothing_to_revoke"}')
    const nobody = await createBrowser(app).visit('/auth/tiktok/disconnect', postForJson)
    expect(nobody.answer?.body).toBe('{"remote":"nothing_to_revoke"}')
  })

  it('is not for a session whose connection has ended', async () => {
    const { app, browser, openId } = await signedIn()
    const copied = createBrowser(app, new Map(browser.jar))
    await browser.visit('/auth/tiktok/disconnect', post)
    await browser.logIn()
    await copied.visit('/auth/tiktok/disconnect', post)
    expect(await app.auth.tokens.status(openId)).toMatchObject({ state: 'connected' })
    expect(copied.jar.size).toBe(0)
  })
})
