import { check, equal, present } from '../../check.ts'
import { defineCase } from '../define.ts'
import { logIn, nobodyIn, somebodyIn, startLogin, tokenRequests, whoIs } from '../moves.ts'
import type { AdapterCase } from '../served-app.ts'

/** What a login has to achieve when nobody attacks it. */
export const loginCases: readonly AdapterCase[] = [
  defineCase(
    { name: 'signs somebody in and knows them on the next request', rule: 'the happy path' },
    async (rig) => {
      const browser = rig.browser()
      await nobodyIn(browser)
      await logIn(rig, browser)
      equal('who is signed in', await whoIs(browser), rig.emulator.grants[0]?.openId)
      equal('code exchanges', tokenRequests(rig, 'authorization_code'), 1)
      await nobodyIn(rig.browser())
    },
  ),
  defineCase(
    {
      name: 'hands the finished login to onLogin, once, with the profile',
      rule: 'the happy path',
      needs: ['onLogin'],
      site: { app: { onLogin: 'remembers' } },
    },
    async (rig) => {
      await logIn(rig, rig.browser(), { at: '/auth/tiktok?returnTo=/videos' })
      const { logins } = await rig.record()
      equal('logins', logins.length, 1)
      const [login] = logins
      equal('displayName', login?.displayName, rig.emulator.users.list()[0]?.displayName)
      equal('openId', login?.openId, rig.emulator.grants[0]?.openId)
      equal('returnTo', login?.returnTo, '/videos')
      equal('missingScope', login?.missingScope, [])
    },
  ),
  defineCase(
    {
      name: 'signs in with the scopes that the user left ticked, and knows which',
      rule: 'granted scope is data, never assumed',
      needs: ['requireLogin', 'state'],
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser, { scope: ['user.info.basic'] })
      const answer = await browser.api('/me')
      equal('scope', (answer.json() as { scope: unknown }).scope, ['user.info.basic'])
    },
  ),
  defineCase(
    {
      name: 'refuses a login without a scope that the app requires',
      rule: 'granted scope is data, never assumed',
      needs: ['options'],
      site: { options: { requireScope: ['video.list'] } },
    },
    async (rig) => {
      const browser = rig.browser()
      const { callback } = await startLogin(rig, browser, { scope: ['user.info.basic'] })
      equal('status', (await browser.open(callback)).status, 403)
      equal('errors', (await rig.record()).errors, ['authorization_response'])
      await nobodyIn(browser)
    },
  ),
  defineCase(
    { name: 'answers 403 to a user who cancels, and nobody is signed in', rule: 'denial is an outcome' },
    async (rig) => {
      const browser = rig.browser()
      const { callback } = await startLogin(rig, browser, { cancel: true })
      equal('status', (await browser.open(callback)).status, 403)
      equal('errors', (await rig.record()).errors, ['authorization_response'])
      equal('token requests', tokenRequests(rig), 0)
      await nobodyIn(browser)
    },
  ),
  defineCase(
    { name: 'uses the transaction up when the user cancels', rule: 'R-02: a transaction dies at first use' },
    async (rig) => {
      const browser = rig.browser()
      const { callback } = await startLogin(rig, browser, { cancel: true })
      await browser.open(callback)
      equal('cookies', [...browser.jar.all().keys()], [])
      equal('status of a second try', (await browser.open(callback)).status, 400)
    },
  ),
  defineCase(
    { name: 'reports a fault that TikTok calls back with, and asks for no token', rule: 'typed errors' },
    async (rig) => {
      for (const [error, status] of [
        ['temporarily_unavailable', 503],
        ['server_error', 502],
        ['invalid_scope', 502],
      ] as const) {
        const browser = rig.browser()
        const { url } = await startLogin(rig, browser)
        const query = new URLSearchParams({ error, state: present('state', url.searchParams.get('state')) })
        equal(error, (await browser.open(`/auth/tiktok/callback?${query}`)).status, status)
        await nobodyIn(browser)
      }
      equal('errors', new Set((await rig.record()).errors), new Set(['authorization_response']))
      equal('token requests', tokenRequests(rig), 0)
    },
  ),
  defineCase(
    {
      name: 'sends each parameter of the authorization request once, whatever the query says',
      rule: 'RD-15',
    },
    async (rig) => {
      const query =
        'client_key=evil&redirect_uri=https://evil.example/&state=fixed&response_type=token&code_challenge=x&disable_auto_auth=1'
      const { url } = await startLogin(rig, rig.browser(), { at: `/auth/tiktok?${query}` })
      const names = [...url.searchParams.keys()].toSorted()
      equal('parameters', names, ['client_key', 'redirect_uri', 'response_type', 'scope', 'state'])
      equal('client_key', url.searchParams.get('client_key'), rig.setup.apps[0]?.options.clientKey)
      equal('response_type', url.searchParams.get('response_type'), 'code')
      check((url.searchParams.get('state') ?? '').length >= 22, 'The state is too short to be unguessable.')
    },
  ),
  defineCase(
    { name: 'uses the configured redirect URI, whatever host a request names', rule: 'CK-05, R-08, R-15' },
    async (rig) => {
      const browser = rig.browser()
      const redirectUri = present('redirectUri', rig.setup.apps[0]?.options.redirectUri)
      const headers = {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'http',
        forwarded: 'host=evil.example;proto=http',
      }
      const start = await browser.open('/auth/tiktok', { headers })
      const url = new URL(present('location', start.location))
      equal('redirect_uri', url.searchParams.get('redirect_uri'), redirectUri)
      const callback = await rig.emulator.consent(url)
      const answer = await browser.open(callback.pathname + callback.search, { headers })
      equal('where the login ends', answer.location, '/')
      const sent = rig.emulator.requests.filter(({ endpoint }) => endpoint === 'token')
      equal(
        'redirect_uri of the exchange',
        sent.map(({ parameters }) => parameters['redirect_uri']),
        [redirectUri],
      )
    },
  ),
  defineCase(
    {
      name: 'uses PKCE as TikTok wants it on desktop, with a verifier for each login',
      rule: 'R-03, PK-04',
      site: { scheme: 'http' },
    },
    async (rig) => {
      const verifiers = new Set<string | undefined>()
      for (const browser of [rig.browser(), rig.browser()]) {
        const { url } = await startLogin(rig, browser)
        check(
          /^[0-9a-f]{64}$/.test(url.searchParams.get('code_challenge') ?? ''),
          'There is no hex challenge.',
        )
        await logIn(rig, browser)
        verifiers.add(
          rig.emulator.requests.findLast(({ endpoint }) => endpoint === 'token')?.parameters['code_verifier'],
        )
        await somebodyIn(rig, browser)
      }
      equal('verifiers', verifiers.size, 2)
    },
  ),
  defineCase(
    { name: 'signs in although the profile cannot be had', rule: 'user info is no part of the login' },
    async (rig) => {
      const browser = rig.browser()
      rig.emulator.faults.next('user_info', { kind: 'html' })
      await logIn(rig, browser)
      await somebodyIn(rig, browser)
    },
  ),
  defineCase(
    {
      name: 'replaces who is signed in when another user logs in',
      rule: 'R-30: a login begins a new session',
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser, { user: 'mia' })
      await logIn(rig, browser, { user: 'noor' })
      const noor = rig.emulator.grants.find(({ userId }) => userId === 'noor')
      equal('who is signed in', await whoIs(browser), noor?.openId)
    },
  ),
]
