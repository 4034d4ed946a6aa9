import { check, equal, present } from '../../check.ts'
import { parseSetCookie, type ParsedCookie } from '../cookie-jar.ts'
import { defineCase } from '../define.ts'
import type { Answer } from '../http.ts'
import { callbackWith, logIn, nobodyIn, somebodyIn, startLogin } from '../moves.ts'
import type { AdapterCase } from '../served-app.ts'

const theirs = ['theme=dark; Path=/', 'csrf=abcdef; Path=/; HttpOnly'] as const
const hour = 60 * 60_000

/** What cookies look like, which of them are there, and that nobody else's are lost. */
export const cookieCases: readonly AdapterCase[] = [
  defineCase(
    {
      name: 'keeps a transaction in a host-only, secure cookie that scripts cannot read',
      rule: 'CK-01, R-29',
    },
    async (rig) => {
      const { answer } = await startLogin(rig, rig.browser())
      const cookie = onlyCookie(answer)
      check(cookie.name.startsWith('__Host-'), 'The cookie has no __Host- prefix.')
      equal('attributes', attributesOf(cookie), ['httponly', 'max-age', 'path=/', 'samesite=Lax', 'secure'])
      const maxAge = Number(cookie.attributes.get('max-age'))
      check(maxAge > 0 && maxAge <= 600, `The cookie lives for ${maxAge} seconds.`)
    },
  ),
  defineCase(
    {
      name: 'keeps a session in a host-only, secure cookie that scripts cannot read',
      rule: 'CK-01, R-29',
      needs: ['session'],
    },
    async (rig) => {
      const answer = await logIn(rig, rig.browser())
      const cookie = present(
        'the session cookie',
        answer.cookies.map(parseSetCookie).find(({ value }) => value !== ''),
      )
      check(cookie.name.startsWith('__Host-'), 'The cookie has no __Host- prefix.')
      equal('attributes', attributesOf(cookie), ['httponly', 'max-age', 'path=/', 'samesite=Lax', 'secure'])
    },
  ),
  defineCase(
    {
      name: 'sets cookies that a browser keeps on loopback http',
      rule: 'R-14: loopback is the only plain http',
      site: { scheme: 'http' },
    },
    async (rig) => {
      const browser = rig.browser()
      const { answer, callback } = await startLogin(rig, browser)
      const cookie = onlyCookie(answer)
      check(!cookie.name.startsWith('__'), 'A browser drops this cookie over http.')
      equal('attributes', attributesOf(cookie), ['httponly', 'max-age', 'path=/', 'samesite=Lax'])
      equal('status', (await browser.open(callback)).status, 303)
      await somebodyIn(rig, browser)
    },
  ),
  ...(['success', 'failure'] as const).map((outcome) =>
    defineCase(
      {
        name: `removes the transaction cookie on ${outcome}, with the attributes it was set with`,
        rule: 'CK-17, R-02',
      },
      async (rig) => {
        const browser = rig.browser()
        const { answer, callback } = await startLogin(rig, browser, { cancel: outcome === 'failure' })
        const set = onlyCookie(answer)
        const done = await browser.open(callback)
        const removed = done.cookies.map(parseSetCookie).filter(({ name }) => name === set.name)
        equal('lines about the cookie', removed.length, 1)
        const [line] = removed
        equal('value', line?.value, '')
        equal('max-age', line?.attributes.get('max-age'), '0')
        equal('attributes', line && attributesOf(line), attributesOf(set))
        check(!browser.jar.all().has(set.name), 'A browser would keep the cookie.')
      },
    ),
  ),
  defineCase(
    {
      name: 'removes the session cookie with the attributes it was set with',
      rule: 'CK-17',
      needs: ['session', 'endRoutes'],
    },
    async (rig) => {
      const browser = rig.browser()
      const login = await logIn(rig, browser)
      const set = present(
        'the session cookie',
        login.cookies.map(parseSetCookie).find(({ value }) => value !== ''),
      )
      const logout = await browser.post('/auth/tiktok/logout')
      const removed = onlyCookie(logout)
      equal('name', removed.name, set.name)
      equal('attributes', attributesOf(removed), attributesOf(set))
      equal('cookies', [...browser.jar.all().keys()], [])
    },
  ),
  defineCase(
    { name: 'keeps the request header small after thirty abandoned logins', rule: 'CK-15: no 431' },
    async (rig) => {
      const browser = rig.browser()
      for (let count = 0; count < 30; count++) {
        equal('status', (await browser.open(`/auth/tiktok?returnTo=/${'x'.repeat(200)}`)).status, 303)
        if (count % 10 === 9) await rig.advance(1000)
      }
      const size = browser.jar.header()?.length ?? 0
      check(size <= 8 * 1024, `The browser sends ${size} bytes of cookies.`)
      equal(
        'where the next login ends',
        (await logIn(rig, browser, { at: '/auth/tiktok?returnTo=/me' })).location,
        '/me',
      )
      await somebodyIn(rig, browser)
    },
  ),
  defineCase(
    { name: 'keeps a transaction cookie small', rule: 'CK-13: a cookie that browsers keep' },
    async (rig) => {
      const { answer } = await startLogin(rig, rig.browser(), {
        at: `/auth/tiktok?returnTo=/${'x'.repeat(511)}`,
      })
      const [line = ''] = answer.cookies
      check(line.length <= 1024 + 128, `The cookie has ${line.length} bytes.`)
    },
  ),
  defineCase(
    {
      name: 'loses and doubles no cookie of other middleware',
      rule: 'Set-Cookie is added to, never replaced',
      site: { cookies: theirs },
    },
    async (rig) => {
      const browser = rig.browser()
      const { answer, callback } = await startLogin(rig, browser)
      const answers = { 'the start': answer, 'the callback': await browser.open(callback) }
      keepsTheirs({ ...answers, 'a page': await browser.api('/') })
      const other = rig.browser()
      keepsTheirs({
        'a denied login': await callbackWith(rig, other, ({ state }) => `error=access_denied&state=${state}`),
      })
    },
  ),
  defineCase(
    {
      name: 'loses no cookie of other middleware when it refuses, renews or ends a session',
      rule: 'Set-Cookie is added to, never replaced',
      needs: ['session', 'requireLogin', 'endRoutes'],
      site: { cookies: theirs },
    },
    async (rig) => {
      const browser = rig.browser()
      keepsTheirs({ 'a refused page': await browser.open('/me'), 'a refused call': await browser.api('/me') })
      await logIn(rig, browser)
      await rig.advance(5 * hour)
      const renewing = await browser.api('/')
      equal('cookies of a renewing answer', renewing.cookies.length, theirs.length + 1)
      keepsTheirs({ 'a renewing page': renewing, 'the logout': await browser.post('/auth/tiktok/logout') })
    },
  ),
  defineCase(
    { name: 'takes hostile Cookie headers for what they are: nobody', rule: 'nothing throws on input' },
    async (rig) => {
      for (const cookie of [
        ';;;',
        '=',
        'a',
        '__proto__=x; constructor=y; hasOwnProperty=z',
        `a=${'x'.repeat(6000)}`,
        Array.from({ length: 300 }, (_, index) => `c${index}=1`).join('; '),
        '__Host-tiktok-login-=x; __Host-tiktok-session-=y; tiktok-login-aaaaaa-bbbbbbbb=%',
        '\x80\xff=\xfe',
      ]) {
        const browser = rig.browser()
        const answer = await browser.api('/', { headers: { cookie } })
        equal('status', answer.status, 200)
        equal('who is signed in', answer.json(), { openId: null })
        equal('status of a login', (await browser.open('/auth/tiktok', { headers: { cookie } })).status, 303)
      }
    },
  ),
  defineCase(
    { name: 'finds its cookies among several Cookie headers', rule: 'HTTP/2 proxies split the header' },
    async (rig) => {
      const browser = rig.browser()
      const { callback } = await startLogin(rig, browser)
      const extraHeaders = [
        ['cookie', 'theme=dark'],
        ['cookie', browser.jar.header() ?? ''],
        ['cookie', 'z=1'],
      ] as const
      equal(
        'status',
        (await browser.open(callback, { headers: { cookie: undefined }, extraHeaders })).status,
        303,
      )
      await somebodyIn(rig, browser)
    },
  ),
  defineCase(
    {
      name: 'takes a transaction for no session and a session for no transaction',
      rule: 'ST-15, CVE-2023-48309',
      needs: ['session'],
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      const [[sessionName, session] = ['', '']] = browser.jar.all()
      const other = rig.browser()
      const { callback } = await startLogin(rig, other)
      const [[name, transaction] = ['', '']] = other.jar.all()
      const thief = rig.browser()
      thief.jar.plant(sessionName, transaction)
      await nobodyIn(thief)
      thief.jar.plant(sessionName, transaction.slice(transaction.indexOf('.') + 1))
      await nobodyIn(thief)
      for (const forged of [session, `${transaction.slice(0, transaction.indexOf('.'))}.${session}`]) {
        other.jar.plant(name, forged)
        equal('status', (await other.open(callback)).status, 400)
        await nobodyIn(other)
      }
    },
  ),
]

function onlyCookie({ cookies }: Answer): ParsedCookie {
  equal('cookies that are set', cookies.length, 1)
  return parseSetCookie(cookies[0] ?? '')
}

/** Attributes in a form to compare; for how long is another matter. */
function attributesOf({ attributes }: ParsedCookie): readonly string[] {
  return [...attributes]
    .map(([name, value]) => (name === 'max-age' || value === '' ? name : `${name}=${value}`))
    .filter((text) => !text.startsWith('expires='))
    .toSorted()
}

function keepsTheirs(answers: Readonly<Record<string, Answer>>): void {
  for (const [what, { cookies }] of Object.entries(answers)) {
    const found = cookies.filter((line) =>
      theirs.some((cookie) => line.startsWith(cookie.split('=')[0] ?? '')),
    )
    equal(`the app's own cookies on ${what}`, found.toSorted(), theirs.toSorted())
  }
}
