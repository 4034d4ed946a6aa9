import { check, equal, present } from '../../check.ts'
import { defineCase } from '../define.ts'
import { logIn, nobodyIn, refused, somebodyIn, startLogin, tokenRequests, unshared } from '../moves.ts'
import type { AdapterCase } from '../served-app.ts'

/** What the application may do in between. */
export const hookCases: readonly AdapterCase[] = [
  defineCase(
    {
      name: 'signs nobody in when onLogin throws',
      rule: 'internal errors deny access',
      needs: ['onLogin'],
      site: { app: { onLogin: 'throws' } },
    },
    async (rig) => {
      const browser = rig.browser()
      const { callback } = await startLogin(rig, browser)
      const answer = await browser.open(callback)
      equal('status', answer.status, 500)
      unshared('the error', answer)
      equal('errors', (await rig.record()).errors, ['application'])
      equal('cookies', [...browser.jar.all().keys()], [])
      equal(
        'cookies that were set',
        answer.cookies.filter((line) => !/^[^=]+=;/.test(line)),
        [],
      )
      await nobodyIn(browser)
    },
  ),
  defineCase(
    {
      name: 'answers each browser about its own login when two fail with one error',
      rule: 'nothing of one login reaches another browser',
      needs: ['onLogin', 'errorRequest'],
      site: { app: { onLogin: 'throws-together' } },
    },
    async (rig) => {
      const browsers = [rig.browser(), rig.browser()]
      const callbacks: string[] = []
      for (const browser of browsers) callbacks.push((await startLogin(rig, browser)).callback)
      const names = browsers.map(({ jar }) => [...jar.all().keys()])
      const answers = await Promise.all(browsers.map((browser, at) => browser.open(callbacks[at] ?? '')))
      for (const [at, answer] of answers.entries()) {
        equal('status', answer.status, 500)
        unshared('the error', answer)
        const removed = answer.cookies.map((line) => line.split('=', 1)[0])
        equal('cookies that the answer removes', removed, names[at])
      }
    },
  ),
  ...(['answers', 'answers-later'] as const).map((onLogin) =>
    defineCase(
      {
        name: `loses no cookie when onLogin answers itself${onLogin === 'answers' ? '' : ', later'}`,
        rule: 'an answer of the application carries the session',
        needs: ['onLogin'],
        site: { app: { onLogin } },
      },
      async (rig) => {
        const browser = rig.browser()
        const { callback } = await startLogin(rig, browser)
        const answer = await browser.open(callback)
        equal('answer', [answer.status, answer.json()], [200, { answered: 'by the application' }])
        unshared('the answer', answer)
        await somebodyIn(rig, browser)
        equal('cookies', browser.jar.all().size, 1)
        equal('errors', (await rig.record()).errors, [])
      },
    ),
  ),
  defineCase(
    {
      name: 'calls onLogin once for a double click, and not for a login that failed',
      rule: 'one login, one call',
      needs: ['onLogin'],
      site: { app: { onLogin: 'remembers' } },
    },
    async (rig) => {
      const browser = rig.browser()
      const { callback } = await startLogin(rig, browser)
      await Promise.all([browser.open(callback), browser.open(callback)])
      await browser.open(callback)
      const denied = await startLogin(rig, browser, { cancel: true })
      await browser.open(denied.callback)
      await rig.browser().open(callback)
      equal('logins', (await rig.record()).logins.length, 1)
    },
  ),
  defineCase(
    {
      name: 'gives onLogin no profile that belongs to somebody else',
      rule: 'identity comes from the exchange',
      needs: ['onLogin'],
      site: { app: { onLogin: 'remembers' } },
    },
    async (rig) => {
      rig.emulator.faults.next('user_info', {
        kind: 'set_field',
        field: 'data.user.open_id',
        value: 'somebody-else',
      })
      await logIn(rig, rig.browser())
      const { logins } = await rig.record()
      equal(
        'displayName',
        logins.map(({ displayName }) => displayName ?? null),
        [null],
      )
    },
  ),
  defineCase(
    {
      name: 'starts no login when onStart throws',
      rule: 'internal errors deny access',
      needs: ['onStart'],
      site: { app: { onStart: { kind: 'throws' } } },
    },
    async (rig) => {
      const answer = await rig.browser().open('/auth/tiktok')
      equal('status', answer.status, 500)
      equal('cookies', answer.cookies, [])
      equal('location', answer.location, undefined)
      equal('errors', (await rig.record()).errors, ['application'])
    },
  ),
  defineCase(
    {
      name: 'brings data from onStart to onLogin, sealed on the way',
      rule: 'application data is nobody else’s to read or write',
      needs: ['onStart', 'onLogin'],
      site: { app: { onStart: { kind: 'data', length: 100 }, onLogin: 'remembers' } },
    },
    async (rig) => {
      const browser = rig.browser()
      const { url, callback } = await startLogin(rig, browser)
      const clear = 'x'.repeat(20)
      check(!url.href.includes(clear) && !browser.jar.header()?.includes(clear), 'The data travels in clear.')
      await browser.open(callback)
      equal(
        'data',
        (await rig.record()).logins.map(({ data }) => data),
        ['x'.repeat(100)],
      )
    },
  ),
  defineCase(
    {
      name: 'says so when onStart gives more data than a cookie holds',
      rule: 'CK-14: a typed error before the redirect',
      needs: ['onStart'],
      site: { app: { onStart: { kind: 'data', length: 8192 } } },
    },
    async (rig) => {
      const answer = await rig.browser().open('/auth/tiktok')
      equal('status', answer.status, 500)
      equal('cookies', answer.cookies, [])
      equal('errors', (await rig.record()).errors, ['configuration'])
    },
  ),
  defineCase(
    {
      name: 'lets nobody finish a login that another user of the app began',
      rule: 'ST-13, R-10: cross-user session fixation',
      needs: ['onStart'],
      site: { app: { onStart: { kind: 'binds' } } },
    },
    async (rig) => {
      const start = async (user: string) => {
        const browser = rig.browser()
        const begun = await browser.open('/auth/tiktok', { headers: { 'x-app-user': user } })
        const { pathname, search } = await rig.emulator.consent(present('location', begun.location))
        return { browser, callback: pathname + search }
      }
      for (const other of ['victim', undefined]) {
        const { browser, callback } = await start('attacker')
        await refused(browser, await browser.open(callback, { headers: { 'x-app-user': other } }))
      }
      equal('token requests', tokenRequests(rig), 0)
      const { browser, callback } = await start('alice')
      equal('status', (await browser.open(callback, { headers: { 'x-app-user': 'alice' } })).status, 303)
    },
  ),
  defineCase(
    {
      name: 'starts a bound login by no link of another site',
      rule: 'ST-22, R-31: linking an account',
      needs: ['onStart'],
      site: { app: { onStart: { kind: 'binds' } } },
    },
    async (rig) => {
      for (const site of ['cross-site', 'same-site', undefined]) {
        const headers = { 'x-app-user': 'alice', 'sec-fetch-site': site }
        const answer = await rig.browser().open('/auth/tiktok', { headers })
        equal('status', answer.status, 403)
        equal('cookies', answer.cookies, [])
      }
    },
  ),
]
