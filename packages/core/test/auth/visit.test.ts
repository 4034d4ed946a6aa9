import { describe, expect, test } from 'vitest'
import { createVisits, readBody } from '../../src/index.ts'
import type { AuthAnswer, AuthHooks, TikTokAuthOptions, Visit, Visits } from '../../src/index.ts'
import { createApp, createBrowser, navigation, ownPost, tokenOutcomes } from './browser.ts'
import type { App, Browser } from './browser.ts'

const minutes = 60_000
const page = { ...navigation, accept: 'text/html' }
const script = { 'sec-fetch-mode': 'cors', accept: 'application/json' }

interface Opening {
  readonly method?: string
  readonly url?: string
  readonly originalUrl?: string
  readonly mountPath?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly hooks?: Pick<AuthHooks, 'identify'>
}

interface Rig extends App {
  readonly browser: Browser
  readonly visits: Visits
  /** What handlers have put on the answer. */
  readonly sent: (readonly [string, string])[]
  open(opening?: Opening): Promise<Visit>
}

function createRig(options: Partial<TikTokAuthOptions> = {}): Rig {
  const app = createApp({ scope: ['user.info.basic', 'video.list'], ...options })
  const browser = createBrowser(app)
  const visits = createVisits(app.auth, app.options)
  const sent: (readonly [string, string])[] = []
  return {
    ...app,
    browser,
    visits,
    sent,
    open({ method = 'GET', url = '/page', headers = page, hooks, ...paths } = {}) {
      const all: Record<string, string | undefined> = { cookie: browser.cookieHeader(), ...headers }
      const request = {
        method,
        url,
        originalUrl: url,
        ...paths,
        header: (name: string) => all[name],
        body: async () => new Uint8Array(),
        setHeaders: (lines: AuthAnswer['headers']) => void sent.push(...lines),
      }
      return visits.open(request, hooks)
    },
  }
}

const locationOf = (answer: AuthAnswer | undefined): string | undefined =>
  answer?.headers.find(([name]) => name === 'location')?.[1]

const bodyOf = (answer: AuthAnswer | undefined): unknown => JSON.parse(answer?.body ?? 'null')

describe('a visit', () => {
  test('knows nobody at first, and rejects every method', async () => {
    const { state } = await createRig().open()
    expect(state.openId).toBeUndefined()
    expect(state.scope).toEqual([])
    const calls = [
      () => state.accessToken(),
      () => state.fetch('/v2/user/info/'),
      () => state.userInfo(),
      () => state.status(),
      () => state.logout(),
      () => state.disconnect(),
    ]
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({ code: 'reauthorization_required', reason: 'signed_out' })
    }
  })

  test('reads the grant once, however much is asked of it', async () => {
    const rig = createRig()
    await rig.browser.logIn()
    const { state } = await rig.open()
    expect(state.openId).toBe(rig.emulator.grants[0]?.openId)
    const token = await state.accessToken()
    expect(state.scope).toEqual(['user.info.basic', 'video.list'])
    expect(await state.accessToken()).toBe(token)
    expect(await state.status()).toMatchObject({ state: 'connected' })
    const reply = await state.fetch('/v2/user/info/?fields=open_id')
    expect(reply.status).toBe(200)
  })

  test('reads the profile, with one renewal when TikTok refuses the token', async () => {
    const rig = createRig()
    await rig.browser.logIn()
    rig.emulator.advance(2 * minutes)
    const { state } = await rig.open()
    rig.emulator.faults.next('user_info', { kind: 'oauth_error', error: 'access_token_invalid' })
    expect(await state.userInfo(['display_name'])).toMatchObject({ openId: state.openId })
    expect(tokenOutcomes(rig.emulator)).toEqual(['ok', 'ok'])
  })

  test('passes other faults of the profile on', async () => {
    const rig = createRig()
    await rig.browser.logIn()
    const { state } = await rig.open()
    rig.emulator.faults.next('user_info', { kind: 'html' })
    await expect(state.userInfo()).rejects.toMatchObject({ code: 'unexpected_response' })
  })

  test('asks for the fields that the options name', async () => {
    const rig = createRig({ userInfo: ['display_name'] })
    await rig.browser.logIn()
    const user = await (await rig.open()).state.userInfo()
    expect(user.avatarUrl).toBeUndefined()
    expect(user.displayName).toBeDefined()
  })

  test('ends the session, and is nobody’s from then on', async () => {
    const rig = createRig()
    await rig.browser.logIn()
    const { state } = await rig.open()
    await state.logout()
    expect(state.openId).toBeUndefined()
    expect(rig.sent).toContainEqual(['set-cookie', expect.stringContaining('Max-Age=0')])
    expect(rig.emulator.grants[0]?.state).toBe('active')
    await expect(state.accessToken()).rejects.toMatchObject({ reason: 'signed_out' })
  })

  test('disconnects, unless the session belongs to a connection that ended before', async () => {
    const rig = createRig()
    await rig.browser.logIn()
    const stale = createBrowser(rig, new Map(rig.browser.jar))
    await rig.browser.visit('/auth/tiktok/disconnect', { method: 'POST', headers: ownPost })
    await rig.browser.logIn()

    const old = await rig.open({ headers: { ...page, cookie: stale.cookieHeader() } })
    for (const call of [
      () => old.state.disconnect(),
      () => old.state.status(),
      () => old.state.accessToken(),
    ]) {
      await expect(call()).rejects.toMatchObject({ reason: 'signed_out' })
    }
    expect(await (await rig.open()).state.disconnect()).toEqual({ remote: 'revoked' })
    expect(rig.emulator.grants.filter(({ state }) => state === 'active')).toEqual([])
  })

  test('carries the headers that keep its session from going idle', async () => {
    const rig = createRig()
    await rig.browser.logIn()
    expect((await rig.open()).headers).toEqual([])
    rig.emulator.advance(5 * 60 * minutes)
    expect((await rig.open()).headers).toContainEqual(['set-cookie', expect.stringContaining('session')])
  })

  test('believes the application where that has its own users', async () => {
    const rig = createRig({ session: { identify: () => undefined } })
    expect((await rig.open({ hooks: { identify: () => undefined } })).state.openId).toBeUndefined()
    expect((await rig.open({ hooks: { identify: async () => 'ada' } })).state.openId).toBe('ada')
    for (const empty of ['', null] as unknown as string[]) {
      const visit = await rig.open({ hooks: { identify: () => empty } })
      expect(visit.state.openId).toBeUndefined()
      expect((await visit.requireLogin())?.status).toBe(303)
    }
  })
})

describe('requireLogin', () => {
  test('sends a page to the login, with the way back', async () => {
    const rig = createRig()
    const answer = await (await rig.open({ url: '/page?a=1&b=//x' })).requireLogin()
    expect(answer?.status).toBe(303)
    expect(locationOf(answer)).toBe('/auth/tiktok?returnTo=%2Fpage%3Fa%3D1%26b%3D%2F%2Fx')
    expect(answer?.headers).toContainEqual(['cache-control', 'no-store'])
  })

  test.each([
    ['a script', { headers: script }],
    ['a client that says nothing of itself', { headers: {} }],
    ['a form', { method: 'POST' }],
    ['an image', { headers: { ...page, 'sec-fetch-mode': 'no-cors' } }],
  ])('answers %s with 401 JSON', async (_, opening) => {
    const answer = await (await createRig().open(opening)).requireLogin()
    expect(answer?.status).toBe(401)
    expect(bodyOf(answer)).toEqual({
      error: {
        code: 'reauthorization_required',
        reason: 'signed_out',
        message: expect.any(String) as string,
        loginPath: '/auth/tiktok',
      },
    })
  })

  test('asks for the scopes that are missing', async () => {
    const rig = createRig({ optionalScope: ['video.upload'] })
    await rig.browser.logIn('/auth/tiktok', { scope: ['user.info.basic'] })
    const visit = await rig.open({ headers: script })
    expect(await visit.requireLogin({ scope: ['user.info.basic'] })).toBeUndefined()
    expect(bodyOf(await visit.requireLogin({ scope: ['video.list', 'video.upload'] }))).toMatchObject({
      error: {
        reason: 'missing_scope',
        missingScope: ['video.list', 'video.upload'],
        loginPath: '/auth/tiktok?scope=video.list%2Cvideo.upload',
      },
    })
    const opened = await (await rig.open()).requireLogin({ scope: ['video.list'] })
    expect(locationOf(opened)).toBe('/auth/tiktok?scope=video.list&returnTo=%2Fpage')
  })

  test('refuses what can never be met', () => {
    const { visits } = createRig({ optionalScope: ['video.upload'] })
    expect(() => visits.check({})).not.toThrow()
    expect(() => visits.check({ scope: ['video.upload'] })).not.toThrow()
    expect(() => visits.check({ scope: ['video.publish'] })).toThrow(/`scope` of `requireLogin`/)
    expect(() => visits.check({ scope: ['video.list,video.upload'] })).toThrow(/`scope` holds/)
    expect(() => createVisits(createApp().auth, {}).check({ scope: ['user.info.basic'] })).not.toThrow()
    expect(() => createRig({ session: false }).visits.check({})).toThrow(/`session`/)
  })

  test.each([
    ['refresh_token_rejected', true],
    ['no_grant', false],
  ])('says %s when the grant has ended', async (reason, removed) => {
    const rig = createRig()
    await rig.browser.logIn()
    const openId = rig.emulator.grants[0]?.openId ?? ''
    if (removed) {
      rig.emulator.removeApp(rig.emulator.grants[0]?.userId ?? '', 'awkey')
      rig.emulator.advance(3 * 60 * minutes)
      await rig.auth.tokens.get(openId).catch(() => undefined)
    } else {
      await rig.auth.tokens.revoke(openId)
    }
    expect(bodyOf(await (await rig.open({ headers: script })).requireLogin())).toMatchObject({
      error: { reason },
    })
  })

  test('lets a broken store’s error through', async () => {
    const rig = createRig()
    await rig.browser.logIn()
    const broken = {
      ...rig.auth,
      tokens: { ...rig.auth.tokens, status: async () => Promise.reject(new Error('down')) },
    }
    const visit = await createVisits(broken, rig.options).open({
      method: 'GET',
      url: '/',
      originalUrl: '/',
      header: (name) => (name === 'cookie' ? rig.browser.cookieHeader() : undefined),
      body: async () => new Uint8Array(),
      setHeaders: () => undefined,
    })
    await expect(visit.requireLogin()).rejects.toThrow('down')
    expect(visit.recover(new Error('down'))).toBeUndefined()
  })
})

describe('recover', () => {
  test('answers for a grant that has ended, and for nothing else', async () => {
    const { state, recover } = await createRig().open()
    const error: unknown = await state.accessToken().catch((reason: unknown) => reason)
    expect(locationOf(recover(error))).toBe('/auth/tiktok?returnTo=%2Fpage')
    expect(recover(new TypeError('a bug'))).toBeUndefined()
    expect(recover(undefined)).toBeUndefined()
  })
})

describe('paths', () => {
  const options = {
    redirectUri: 'https://app.example/shop/auth/tiktok/callback',
    routes: { callback: '/auth/tiktok/callback' },
  }

  test.each([
    ['mounted under the prefix', { originalUrl: '/shop/page', mountPath: '/shop' }, '/shop/page'],
    ['behind a proxy that cuts it off', { originalUrl: '/page', mountPath: '' }, '/shop/page'],
    ['outside of where it is mounted', { originalUrl: '/page' }, '/page'],
    ['mounted somewhere else altogether', { originalUrl: '/other/page', mountPath: '/other' }, '/other/page'],
  ])('lead back to the page: %s', async (_, opening, returnTo) => {
    const answer = await (await createRig(options).open(opening)).requireLogin()
    expect(locationOf(answer)).toBe(`/shop/auth/tiktok?${new URLSearchParams({ returnTo })}`)
  })

  test('tell that the callback is mounted elsewhere', async () => {
    const { visits } = createRig()
    const request = {
      method: 'GET',
      url: '/callback',
      header: () => undefined,
      body: async () => new Uint8Array(),
      setHeaders: () => undefined,
    }
    const original = '/auth/tiktok/callback'
    expect(() =>
      visits.checkMount({ ...request, originalUrl: `${original}?code=1`, mountPath: '/auth' }),
    ).toThrow(/`routes\.callback`.*`\/auth`/)
    expect(() => visits.checkMount({ ...request, originalUrl: original })).toThrow(/`routes\.callback`/)
    expect(() => visits.checkMount({ ...request, originalUrl: '/else' })).not.toThrow()
  })
})

describe('readBody', () => {
  async function* chunks(...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
    for (const [index, size] of sizes.entries()) yield new Uint8Array(size).fill(index + 1)
  }

  test('joins the chunks in order', async () => {
    expect([...(await readBody(chunks(2, 0, 1)))]).toEqual([1, 1, 3])
    expect(await readBody(chunks())).toHaveLength(0)
  })

  test('refuses more than 1 MiB, before it has read it all', async () => {
    expect(await readBody(chunks(1024 * 1024))).toHaveLength(1024 * 1024)
    await expect(readBody(chunks(1024 * 1024, 1))).rejects.toMatchObject({ code: 'transaction', status: 413 })
  })
})
