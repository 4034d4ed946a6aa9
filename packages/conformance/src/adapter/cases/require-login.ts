import { check, equal, present } from '../../check.ts'
import { defineCase } from '../define.ts'
import { logIn, somebodyIn, tokenRequests, unshared } from '../moves.ts'
import type { AdapterCase, AdapterFeature } from '../served-app.ts'

const hour = 60 * 60_000
const needs: readonly AdapterFeature[] = ['requireLogin', 'state']

/** `requireLogin`, `recover`, and what handlers get of the user. */
export const requireLoginCases: readonly AdapterCase[] = [
  defineCase(
    {
      name: 'sends somebody who opens a page to the login and back to that page',
      rule: 'requireLogin',
      needs,
    },
    async (rig) => {
      const browser = rig.browser()
      const answer = await browser.open('/me?tab=1&x=%2F%2Fevil')
      equal('status', answer.status, 303)
      unshared('the redirect to the login', answer)
      const login = present('location', answer.location)
      equal(
        'where the login ends',
        (await logIn(rig, browser, { at: login })).location,
        '/me?tab=1&x=%2F%2Fevil',
      )
      equal('status afterwards', (await browser.open('/me')).status, 200)
    },
  ),
  ...Object.entries({
    'a script': { method: 'GET', path: '/me', headers: { accept: '*/*' } },
    'a call for JSON': { method: 'GET', path: '/me', headers: {} },
    'a form': {
      method: 'POST',
      path: '/form',
      headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate' },
    },
    'a client that says nothing': {
      method: 'GET',
      path: '/me',
      headers: {
        accept: undefined,
        'sec-fetch-mode': undefined,
        'sec-fetch-site': undefined,
        'sec-fetch-dest': undefined,
      },
    },
  }).map(([who, { method, path, headers }]) =>
    defineCase(
      { name: `answers 401 and no redirect to ${who}`, rule: 'requireLogin for calls', needs },
      async (rig) => {
        const answer = await rig.browser().api(path, { method, headers })
        equal('answer', [answer.status, answer.location], [401, undefined])
        unshared('the refusal', answer)
        check(
          answer.header('content-type')?.startsWith('application/json') === true,
          'The answer is no JSON.',
        )
        const { error } = answer.json() as { error: { code: string; loginPath: string } }
        equal('error', [error.code, error.loginPath], ['reauthorization_required', '/auth/tiktok'])
      },
    ),
  ),
  defineCase(
    {
      name: 'runs no handler for somebody who is not signed in',
      rule: 'requireLogin stands in front',
      needs,
    },
    async (rig) => {
      const browser = rig.browser()
      for (const path of ['/me', '/videos']) {
        await browser.open(path)
        await browser.api(path)
      }
      await browser.post('/form')
      equal('handlers that have run', (await rig.record()).handled, [])
      equal('API calls', rig.emulator.requests.filter(({ endpoint }) => endpoint === 'api').length, 0)
    },
  ),
  defineCase(
    {
      name: 'asks for the scope that a page needs and the user left out',
      rule: 'requireLogin({ scope })',
      needs,
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser, { scope: ['user.info.basic'] })
      const call = await browser.api('/videos')
      equal('status', call.status, 401)
      equal('missing', (call.json() as { error: { missingScope: unknown } }).error.missingScope, [
        'video.list',
      ])
      const page = await browser.open('/videos')
      const answer = await logIn(rig, browser, { at: present('location', page.location) })
      equal('where the login ends', answer.location, '/videos')
      equal('status afterwards', (await browser.api('/videos')).status, 200)
    },
  ),
  defineCase(
    {
      name: 'calls the API with a token of the user, which no page shows',
      rule: 'the state of a request',
      needs,
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      equal('titles', (await browser.api('/videos')).json(), { titles: rig.emulator.users.list()[0]?.videos })
      const profile = (await browser.api('/profile')).json() as { displayName: string }
      equal('displayName', profile.displayName, rig.emulator.users.list()[0]?.displayName)
      equal('state', (await browser.api('/status')).json(), { state: 'connected' })
    },
  ),
  defineCase(
    { name: 'refreshes a token once for all who ask at a time', rule: 'single flight', needs },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      await rig.advance(3 * hour)
      const answers = await Promise.all(Array.from({ length: 8 }, () => browser.api('/token')))
      equal('statuses', new Set(answers.map(({ status }) => status)), new Set([200]))
      equal('refreshes', tokenRequests(rig, 'refresh_token'), 1)
    },
  ),
  defineCase(
    { name: 'turns a missing login inside a handler into a login, or 401', rule: 'recover', needs },
    async (rig) => {
      const browser = rig.browser()
      equal('status of a call', (await browser.api('/token')).status, 401)
      const page = await browser.open('/token?a=1')
      equal('status of a page', page.status, 303)
      unshared('the redirect to the login', page)
      equal(
        'where the login ends',
        (await logIn(rig, browser, { at: present('location', page.location) })).location,
        '/token?a=1',
      )
    },
  ),
  defineCase(
    {
      name: 'leaves errors of the application to the framework',
      rule: 'recover mends only what a login mends',
      needs,
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      equal('status', (await browser.open('/fails')).status, 500)
      equal('errors', (await rig.record()).errors, ['application'])
    },
  ),
  ...[
    { form: 'absolute form', target: 'http://evil.example/me?x=1', end: '/me?x=1' },
    { form: 'absolute form, with the site’s own origin', target: 'https://app.example/me', end: '/me' },
  ].map(({ form, target, end }) =>
    defineCase(
      {
        name: `takes nothing but the path of a request target in ${form}`,
        rule: 'RFC 9112, 3.2.2: the host of a request is input',
        needs,
      },
      async (rig) => {
        const browser = rig.browser()
        const page = await browser.open(target)
        equal('location', page.location, `/auth/tiktok?returnTo=${encodeURIComponent(end)}`)
        const at = new URL(present('location', page.location), 'http://evil.example').href
        equal('where the login ends', (await logIn(rig, browser, { at })).location, end)
        await somebodyIn(rig, browser)
      },
    ),
  ),
  defineCase(
    {
      name: 'does not leave the site by the address of a protected page',
      rule: 'the saved address is input',
      needs,
    },
    async (rig) => {
      for (const target of [
        '/me?returnTo=//evil.example',
        '/me?x=https://evil.example',
        '//evil.example/me',
      ]) {
        const browser = rig.browser()
        const page = await browser.open(target)
        if (page.location === undefined) continue
        const login = new URL(page.location, rig.publicOrigin)
        equal(`the origin where ${target} leads`, login.origin, rig.publicOrigin)
        const { location } = await logIn(rig, browser, { at: login.pathname + login.search })
        equal(
          'the origin where the login ends',
          new URL(location ?? '', rig.publicOrigin).origin,
          rig.publicOrigin,
        )
        await somebodyIn(rig, browser)
      }
    },
  ),
]
