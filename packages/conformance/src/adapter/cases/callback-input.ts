import { check, equal } from '../../check.ts'
import { defineCase } from '../define.ts'
import { callbackWith, nobodyIn, refused, somebodyIn, startLogin, tokenRequests } from '../moves.ts'
import type { AdapterCase } from '../served-app.ts'

type Query = (own: { readonly code: string; readonly state: string }) => string

/** What a callback's query may hold, and what it must not. */
export const callbackInputCases: readonly AdapterCase[] = [
  ...Object.entries<Query>({
    'two codes': ({ code, state }) => `code=${code}&code=${code}&state=${state}`,
    'two states': ({ code, state }) => `code=${code}&state=${state}&state=other`,
    'a state in brackets': ({ code, state }) => `code=${code}&state[]=${state}`,
    'a code in brackets': ({ code, state }) => `code[]=${code}&state=${state}`,
    'a code and an error': ({ code, state }) => `code=${code}&state=${state}&error=access_denied`,
    'neither a code nor an error': ({ state }) => `state=${state}`,
    'an empty code': ({ state }) => `code=&state=${state}`,
  }).map(([what, query]) =>
    defineCase(
      { name: `refuses a callback with ${what}`, rule: 'CB-01 to CB-04: parameters occur once' },
      async (rig) => {
        const browser = rig.browser()
        await refused(browser, await callbackWith(rig, browser, query))
        equal('token requests', tokenRequests(rig), 0)
        equal('errors', (await rig.record()).errors, ['transaction'])
      },
    ),
  ),
  defineCase(
    { name: 'ignores parameters that it does not know', rule: 'CB-15, CB-17, R-21' },
    async (rig) => {
      const browser = rig.browser()
      const extra =
        'scopes=user.info.basic%2Cvideo.publish&log_id=1&iss=https%3A%2F%2Fevil.example&open_id=me'
      const answer = await callbackWith(
        rig,
        browser,
        ({ code, state }) => `${extra}&code=${code}&state=${state}`,
      )
      equal('status', answer.status, 303)
      await somebodyIn(rig, browser)
    },
  ),
  defineCase(
    { name: 'is not impressed by names of object members', rule: 'CB-07: no prototype pollution' },
    async (rig) => {
      const browser = rig.browser()
      const extra = '__proto__[openId]=me&__proto__=x&constructor[prototype][openId]=me&toString=1'
      browser.jar.plant('__proto__', 'x')
      browser.jar.plant('constructor', 'x')
      const answer = await callbackWith(
        rig,
        browser,
        ({ code, state }) => `${extra}&code=${code}&state=${state}`,
      )
      equal('status', answer.status, 303)
      await somebodyIn(rig, browser)
      await nobodyIn(rig.browser())
    },
  ),
  defineCase(
    { name: 'refuses enormous values and lives on', rule: 'CB-09, R-37: limits on what a stranger can send' },
    async (rig) => {
      for (const size of [2, 12, 64]) {
        const long = 'x'.repeat(size * 1024)
        for (const query of [
          `code=${long}&state=abcdefgh`,
          `code=a&state=${long}`,
          `error=${long}`,
          '&a=1'.repeat(size * 256),
        ]) {
          const browser = rig.browser()
          const answer = await browser.open(`/auth/tiktok/callback?${query}`)
          check(answer.status >= 400 && answer.status < 500, `Expected a refusal, got ${answer.status}.`)
          check(answer.body.length < 4096, 'The answer repeats what was sent.')
          await nobodyIn(browser)
        }
      }
      equal('token requests', tokenRequests(rig), 0)
    },
  ),
  defineCase(
    { name: 'answers 4xx to malformed percent-encoding, wherever it stands', rule: 'CVE-2026-73418' },
    async (rig) => {
      for (const bad of ['%', '%zz', '%ff', '%c0%ae', '%00', '%u0041']) {
        const browser = rig.browser()
        browser.jar.plant('tiktok-session', bad)
        const callback = await browser.open(`/auth/tiktok/callback?code=${bad}&state=${bad}`)
        equal(`status of a callback with ${bad}`, Math.floor(callback.status / 100), 4)
        const page = await browser.open(`/me${bad}`)
        equal(`status of a page with ${bad}`, Math.floor(page.status / 100), 4)
        equal(
          `status of a login with ${bad}`,
          (await browser.open(`/auth/tiktok?returnTo=${bad}`)).status,
          303,
        )
      }
    },
  ),
  defineCase(
    { name: 'decodes a code exactly once', rule: 'CB-13: TikTok finds its own code' },
    async (rig) => {
      const browser = rig.browser()
      rig.emulator.faults.next('token', { kind: 'oauth_error', error: 'invalid_grant' })
      await callbackWith(rig, browser, ({ state }) => `code=a%2Bb%252Bc%2A%21%26d%3De+f&state=${state}`)
      const [request] = rig.emulator.requests.filter(({ endpoint }) => endpoint === 'token')
      equal('code', request?.parameters['code'], 'a+b%2Bc*!&d=e f')
    },
  ),
  defineCase(
    {
      name: 'believes no error callback whose state is not its own',
      rule: 'R-43: state first, then the error',
    },
    async (rig) => {
      const browser = rig.browser()
      const query = new URLSearchParams({
        error: 'access_denied',
        error_description: '<script>alert(1)</script>',
        state: 'made-up-by-somebody-else',
      })
      const answer = await browser.open(`/auth/tiktok/callback?${query}`)
      await refused(browser, answer)
      equal('errors', (await rig.record()).errors, ['transaction'])
    },
  ),
  ...(['HEAD', 'OPTIONS', 'POST', 'PUT'] as const).map((method) =>
    defineCase(
      { name: `consumes nothing on ${method} to the callback`, rule: 'CB-11: only GET finishes a login' },
      async (rig) => {
        const browser = rig.browser()
        const { callback } = await startLogin(rig, browser)
        const [path = '', query = ''] = callback.split('?')
        const early = await browser.open(callback, { method })
        equal('cookies', early.cookies, [])
        check(early.status !== 303, 'The request was taken for a callback.')
        if (method === 'POST') await browser.post(path, { body: query })
        equal('token requests', tokenRequests(rig), 0)
        equal('status of the real callback', (await browser.open(callback)).status, 303)
        await somebodyIn(rig, browser)
      },
    ),
  ),
  ...(['HEAD', 'OPTIONS', 'PUT'] as const).map((method) =>
    defineCase(
      { name: `starts nothing on ${method} to the login route`, rule: 'CB-11: only people start logins' },
      async (rig) => {
        const answer = await rig.browser().open('/auth/tiktok', { method })
        equal('cookies', answer.cookies, [])
        equal('location', answer.location, undefined)
      },
    ),
  ),
]
