import { logIn, startLogin } from '@tiktok-auth/test-rig'
import cookieSession from 'cookie-session'
import { Router, type RequestHandler } from 'express'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { renewableSession } from './support/cookie-session-recipe.ts'
import { hosts, newest, serve, userOf, usualRoutes, type Site } from './support/rig.ts'

function cookies(...more: RequestHandler[]): RequestHandler {
  return Router().use(cookieSession({ name: 'site', keys: ['a key of the app'] }), ...more)
}

function routes(site: Site): void {
  const { app } = site
  app.get('/visit', (req, res) => {
    Object.assign(req.session, { csrfToken: 'known to the attacker', basket: 'two apples' })
    res.end()
  })
  app.get('/session', (req, res) => void res.json(req.session))
  app.post('/logout', (req, res, next) => {
    req.logout((error) => (error ? next(error) : res.redirect(303, '/')))
  })
  usualRoutes(site)
}

describe.each(hosts)('cookie-session with the recipe, on %s', (_, host) => {
  test('logs in and out', async () => {
    const rig = await serve(host, { session: cookies(renewableSession), routes })
    expect((await logIn(rig)).status).toBe(303)
    expect(await userOf(rig.browser)).toMatchObject({ name: 'Mia Sommer' })
    await rig.browser.post('/logout')
    expect(await userOf(rig.browser)).toBeNull()
  })

  test('keeps nothing that was in the session before the login, nor after the logout', async () => {
    const rig = await serve(host, { session: cookies(renewableSession), routes })
    await rig.browser.open('/visit')
    expect((await rig.browser.open('/session')).body).toContain('csrfToken')
    await logIn(rig)
    expect(Object.keys((await rig.browser.open('/session')).json() as object)).toEqual(['passport'])
    await rig.browser.post('/logout')
    expect((await rig.browser.open('/session')).json()).toEqual({})
  })

  test('adds nothing to the cookie, and writes none for a visitor', async () => {
    const rig = await serve(host, { session: cookies(renewableSession), routes })
    expect((await rig.browser.open('/')).cookies).toEqual([])
    await rig.browser.open('/visit')
    const value = Buffer.from(rig.browser.cookies.get('site') ?? '', 'base64').toString()
    expect(Object.keys(JSON.parse(value) as object)).toEqual(['csrfToken', 'basket'])
  })
})

test('without the recipe the login ends in an error of that request, not of the process', async () => {
  const rig = await serve(newest, { session: cookies(), routes })
  expect((await rig.browser.open(await startLogin(rig))).status).toBe(500)
  expect(await userOf(rig.browser)).toBeNull()
})

test('the README shows exactly this recipe', () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
  expect(read('../README.md')).toContain(read('./support/cookie-session-recipe.ts').trim())
})
