import { check, equal, present } from '../../check.ts'
import { defineCase } from '../define.ts'
import { logIn, nobodyIn, refused, somebodyIn, startLogin, tokenRequests } from '../moves.ts'
import type { AdapterCase } from '../served-app.ts'

const minute = 60_000

/** Login CSRF: a login ends in the browser that began it, once, in time, and nowhere else. */
export const transactionCases: readonly AdapterCase[] = [
  defineCase(
    { name: 'refuses a callback in a browser that started nothing', rule: 'ST-01: login CSRF' },
    async (rig) => {
      const { callback } = await startLogin(rig, rig.browser())
      const victim = rig.browser()
      await refused(victim, await victim.open(callback))
      equal('token requests', tokenRequests(rig), 0)
      equal('errors', (await rig.record()).errors, ['transaction'])
    },
  ),
  defineCase(
    { name: 'refuses a code without state and without cookie', rule: 'ST-02: absent never equals absent' },
    async (rig) => {
      for (const query of ['code=abcdefgh', 'code=abcdefgh&state=', 'code=abcdefgh&state']) {
        const browser = rig.browser()
        await refused(browser, await browser.open(`/auth/tiktok/callback?${query}`))
      }
      equal('token requests', tokenRequests(rig), 0)
    },
  ),
  defineCase(
    { name: 'refuses swapped callbacks of two browsers', rule: 'ST-05: login CSRF' },
    async (rig) => {
      const browsers = [rig.browser(), rig.browser()] as const
      const [first, second] = [await startLogin(rig, browsers[0]), await startLogin(rig, browsers[1])]
      await refused(browsers[0], await browsers[0].open(second.callback))
      await refused(browsers[1], await browsers[1].open(first.callback))
      equal('token requests', tokenRequests(rig), 0)
    },
  ),
  defineCase(
    { name: 'refuses a state that differs from the one that was sent', rule: 'state is compared whole' },
    async (rig) => {
      const browser = rig.browser()
      const { callback, url } = await startLogin(rig, browser)
      const state = present('state', url.searchParams.get('state'))
      // The beginning stays: it may be what the cookie is found by.
      const other = state.slice(0, -4) + (state.endsWith('AAAA') ? 'BBBB' : 'AAAA')
      await refused(browser, await browser.open(callback.replace(state, other)))
      equal('token requests', tokenRequests(rig), 0)
    },
  ),
  defineCase(
    {
      name: 'refuses an altered transaction cookie, whichever part was altered',
      rule: 'ST-09: sealed transactions',
    },
    async (rig) => {
      const browser = rig.browser()
      const { callback } = await startLogin(rig, browser)
      const [[name, value] = ['', '']] = browser.jar.all()
      const step = Math.max(1, Math.floor(value.length / 40))
      for (let place = value.indexOf('.') + 1; place < value.length; place += step) {
        const attacker = rig.browser()
        const altered = value[place] === 'A' ? 'B' : 'A'
        attacker.jar.plant(name, value.slice(0, place) + altered + value.slice(place + 1))
        await refused(attacker, await attacker.open(callback))
      }
      equal('token requests', tokenRequests(rig), 0)
    },
  ),
  defineCase(
    {
      name: 'refuses a transaction cookie that was cut, emptied or made up',
      rule: 'ST-09: sealed transactions',
    },
    async (rig) => {
      const browser = rig.browser()
      const { callback } = await startLogin(rig, browser)
      const [[name, value] = ['', '']] = browser.jar.all()
      for (const forged of [
        value.slice(0, -8),
        value.slice(8),
        '',
        '.',
        'e30',
        `${value}${value}`,
        '%00',
        '"',
      ]) {
        const attacker = rig.browser()
        attacker.jar.plant(name, forged)
        await refused(attacker, await attacker.open(callback))
      }
      equal('token requests', tokenRequests(rig), 0)
    },
  ),
  defineCase(
    {
      name: 'refuses a transaction cookie that a sibling domain has planted behind white space',
      rule: 'ST-13: a browser takes such a name for another one than __Host-…',
    },
    async (rig) => {
      const browser = rig.browser()
      const { callback } = await startLogin(rig, browser)
      const [[name, value] = ['', '']] = browser.jar.all()
      for (const space of ['\u00a0', '\u0085']) {
        const victim = rig.browser()
        victim.jar.plant(space + name, value)
        await refused(victim, await victim.open(callback))
      }
      equal('token requests', tokenRequests(rig), 0)
    },
  ),
  defineCase(
    { name: 'finishes a login that took nine minutes', rule: 'ST-11: a time limit that people can keep' },
    async (rig) => {
      const browser = rig.browser()
      const { url } = await startLogin(rig, browser)
      await rig.advance(9 * minute)
      const { pathname, search } = await rig.emulator.consent(url)
      equal('status', (await browser.open(pathname + search)).status, 303)
      await somebodyIn(rig, browser)
    },
  ),
  defineCase(
    {
      name: 'refuses a transaction that is over, whatever the browser keeps',
      rule: 'ST-11: expiry inside the seal',
    },
    async (rig) => {
      const browser = rig.browser()
      const { url } = await startLogin(rig, browser)
      await rig.advance(11 * minute)
      const { pathname, search } = await rig.emulator.consent(url)
      await refused(browser, await browser.open(pathname + search))
      equal('token requests', tokenRequests(rig), 0)
    },
  ),
  defineCase(
    { name: 'gives no second session to a callback that is replayed with its cookie', rule: 'ST-07: replay' },
    async (rig) => {
      const browser = rig.browser()
      const { callback } = await startLogin(rig, browser)
      const before = browser.jar.copy()
      await browser.open(callback)
      const atOnce = rig.browser(before.copy())
      await atOnce.open(callback)
      await nobodyIn(atOnce)
      await rig.advance(2 * minute)
      const later = rig.browser(before.copy())
      const answer = await later.open(callback)
      check(answer.status >= 400, 'A replay was taken for a login.')
      await nobodyIn(later)
    },
  ),
  ...(['first', 'last'] as const).map((which) =>
    defineCase(
      {
        name: `keeps two tabs apart when the ${which} one ends first`,
        rule: 'ST-06: one transaction per attempt',
      },
      async (rig) => {
        const browser = rig.browser()
        const tabs = [
          { page: '/videos', login: await startLogin(rig, browser, { at: '/auth/tiktok?returnTo=/videos' }) },
          { page: '/me', login: await startLogin(rig, browser, { at: '/auth/tiktok?returnTo=/me' }) },
        ]
        for (const { page, login } of which === 'first' ? tabs : tabs.toReversed()) {
          const answer = await browser.open(login.callback)
          equal('where the login ends', [answer.status, answer.location], [303, page])
        }
        await somebodyIn(rig, browser)
        equal('code exchanges', tokenRequests(rig), 2)
      },
    ),
  ),
  defineCase(
    { name: 'exchanges the code once when the callback is opened twice at a time', rule: 'a double click' },
    async (rig) => {
      const browser = rig.browser()
      const { callback } = await startLogin(rig, browser)
      const answers = await Promise.all([browser.open(callback), browser.open(callback)])
      equal(
        'statuses',
        answers.map(({ status }) => status),
        [303, 303],
      )
      equal('code exchanges', tokenRequests(rig), 1)
      await somebodyIn(rig, browser)
    },
  ),
  defineCase(
    { name: 'shows no error to somebody signed in who reloads the callback', rule: 'the back button' },
    async (rig) => {
      const browser = rig.browser()
      const { callback } = await startLogin(rig, browser, { at: '/auth/tiktok?returnTo=/me' })
      await browser.open(callback)
      const again = await browser.open(callback)
      equal('the second answer', [again.status, again.location], [303, '/'])
      await somebodyIn(rig, browser)
      equal('code exchanges', tokenRequests(rig), 1)
    },
  ),
  ...Object.entries({
    'a prefetch': { 'sec-purpose': 'prefetch' },
    'a prerender': { 'sec-purpose': 'prefetch;prerender' },
    'an image on another site': {
      'sec-fetch-mode': 'no-cors',
      'sec-fetch-dest': 'image',
      'sec-fetch-site': 'cross-site',
    },
    'a frame on another site': { 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'cross-site' },
    'a script': { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'same-origin' },
  }).map(([what, headers]) =>
    defineCase(
      { name: `starts no transaction for ${what}`, rule: 'ST-22: a login starts by an act of the user' },
      async (rig) => {
        const browser = rig.browser()
        const answer = await browser.open('/auth/tiktok', { headers })
        check(answer.status >= 400 && answer.status < 500, `Expected a refusal, got ${answer.status}.`)
        equal('cookies', answer.cookies, [])
        equal('location', answer.location, undefined)
      },
    ),
  ),
  defineCase(
    {
      name: 'keeps a transaction out of reach of the other app on the site',
      rule: 'R-09',
      needs: ['several'],
      site: { second: true },
    },
    async (rig) => {
      const browser = rig.browser()
      const first = await startLogin(rig, browser)
      const [[name, value] = ['', '']] = browser.jar.all()
      const other = rig.browser()
      const second = await startLogin(rig, other, { at: '/second/auth/tiktok' })
      const [[otherName] = ['']] = other.jar.all()
      const state = present('state', first.url.searchParams.get('state'))
      // The first app's transaction, under the name by which the second one would look for it.
      const attacker = rig.browser()
      attacker.jar.plant(name, value)
      attacker.jar.plant(otherName.slice(0, -8) + state.slice(0, 8), value)
      await refused(attacker, await attacker.open(`/second${first.callback}`), '/second/')
      equal('token requests', tokenRequests(rig), 0)
      equal('status', (await other.open(second.callback)).status, 303)
      equal('status', (await browser.open(first.callback)).status, 303)
    },
  ),
  defineCase(
    {
      name: 'keeps the sessions of two apps on one site apart',
      rule: 'CVE-2026-73419: bound to one app',
      needs: ['several', 'session'],
      site: { second: true },
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser, { user: 'mia' })
      await nobodyIn(browser, '/second/')
      const [[, value] = ['', '']] = browser.jar.all()
      const other = rig.browser()
      await logIn(rig, other, { user: 'noor', at: '/second/auth/tiktok' })
      const [[otherName] = ['']] = other.jar.all()
      browser.jar.plant(otherName, value)
      await nobodyIn(browser, '/second/')
      await somebodyIn(rig, browser)
    },
  ),
]
