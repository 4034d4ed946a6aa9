import { describe, expect, it } from 'vitest'
import { createRoutes } from '../../src/auth/routes.ts'
import type { RouteName } from '../../src/auth/routes.ts'
import { createApp, createBrowser, createTikTok, ownPost } from './browser.ts'

const all: RouteName[] = ['login', 'callback', 'logout', 'disconnect']
const uri = 'https://app.example/auth/tiktok/callback'

describe('createRoutes', () => {
  it('matches exact paths and nothing that only looks like them', () => {
    const routes = createRoutes(uri, {}, all)
    expect(routes.match('/auth/tiktok')).toEqual({ name: 'login', query: '' })
    expect(routes.match('/auth/tiktok?')).toEqual({ name: 'login', query: '' })
    expect(routes.match('/auth/tiktok/callback?a=1?b')).toEqual({ name: 'callback', query: 'a=1?b' })
    for (const url of [
      '/auth/tiktok/',
      '/Auth/tiktok',
      '//auth/tiktok',
      '/auth/%74iktok',
      '/auth/tiktok#x',
      '/auth/tiktok/callback/',
      '/x/../auth/tiktok',
      'https://app.example/auth/tiktok',
      '*',
      '',
    ]) {
      expect(routes.match(url)).toBeUndefined()
    }
  })

  it('finds the public base from the redirect URI', () => {
    const mounted = { login: '/login', callback: '/callback', logout: '/logout', disconnect: '/disconnect' }
    expect(createRoutes('https://app.example/api/auth/callback', mounted, all).paths).toEqual({
      base: '/api/auth',
      login: '/api/auth/login',
      callback: '/api/auth/callback',
      logout: '/api/auth/logout',
      disconnect: '/api/auth/disconnect',
    })
    expect(createRoutes(uri, {}, all).paths.base).toBe('')
    expect(createRoutes('http://127.0.0.1:3455', {}, all).paths).toMatchObject({ base: '', callback: '/' })
  })

  it.each<[string, Record<string, unknown>]>([
    ['routes.callback', { callback: '/other' }],
    ['routes.callback', { callback: '/ack' }],
    ['routes.login', { login: 'login' }],
    ['routes.login', { login: '//login' }],
    ['routes.login', { login: '/login?x' }],
    ['routes.login', { login: '/login#x' }],
    ['routes.login', { login: '/a/../login' }],
    ['routes.login', { login: '/lögin' }],
    ['routes.login', { login: 7 }],
    ['routes.logout', { logout: '/auth/tiktok' }],
    ['routes.callback', { login: '/auth/tiktok/callback' }],
  ])('refuses paths that cannot work: %s %j', (option, routes) => {
    expect(() => createRoutes(uri, routes, all)).toThrow(`\`${option}\``)
  })
})

describe('an application under a prefix', () => {
  const redirectUri = 'https://app.example/api/auth/callback'
  const routes = { login: '/login', callback: '/callback', logout: '/logout', disconnect: '/disconnect' }
  const setUp = () => {
    const app = createApp({ redirectUri, routes }, createTikTok(redirectUri))
    return { app, browser: createBrowser(app) }
  }

  it('answers the paths it sees and sends browsers to public ones', async () => {
    const { browser } = setUp()
    const callback = await browser.begin('/login?returnTo=/api/videos')
    expect(callback).toMatch(/^\/api\/auth\/callback\?/)
    expect((await browser.visit(callback)).answer).toBeUndefined()
    expect((await browser.visit(callback.slice('/api/auth'.length))).location).toBe('/api/videos')
    expect((await browser.visit('/logout', { method: 'POST', headers: ownPost })).location).toBe('/api/auth/')
  })

  it.each([
    '/api/auth/login',
    '/api/auth/callback',
    '/api/auth/logout',
    '/api/auth/LOGIN/',
    '//evil.example',
    'https://evil.example',
  ])('leads nobody into its own routes or away: %s', async (returnTo) => {
    const { browser } = setUp()
    const callback = await browser.begin(`/login?returnTo=${encodeURIComponent(returnTo)}`)
    expect((await browser.visit(callback.slice('/api/auth'.length))).location).toBe('/api/auth/')
  })
})

describe('targets on the wire', () => {
  it('an endless target still gives a working login', async () => {
    const browser = createBrowser(createApp())
    const page = await browser.logIn(`/auth/tiktok?returnTo=/${'x'.repeat(8192)}`)
    expect(page.location).toBe('/')
  })

  it('of two targets the first counts', async () => {
    const page = await createBrowser(createApp()).logIn('/auth/tiktok?returnTo=/a&returnTo=//evil.example')
    expect(page.location).toBe('/a')
  })

  it('never change the authorization request', async () => {
    const browser = createBrowser(createApp())
    const start = await browser.visit(
      `/auth/tiktok?returnTo=${encodeURIComponent('/?client_key=evil&scope=x')}&client_key=evil&state=evil&redirect_uri=evil`,
    )
    const query = new URL(String(start.location)).searchParams
    expect([...query.keys()]).toEqual([...new Set(query.keys())])
    expect(query.get('client_key')).toBe('awkey')
    expect(query.get('redirect_uri')).toBe('https://app.example/auth/tiktok/callback')
    expect(String(start.location)).not.toContain('evil')
  })

  it('cannot be given a header of their own', async () => {
    const browser = createBrowser(createApp())
    const page = await browser.logIn(`/auth/tiktok?returnTo=${encodeURIComponent('/\r\nSet-Cookie: a=b')}`)
    expect(page.location).toBe('/')
    const escaped = await browser.logIn('/auth/tiktok?returnTo=/%250d%250aSet-Cookie:x=1')
    expect(escaped.location).toBe('/%0d%0aSet-Cookie:x=1')
  })
})
