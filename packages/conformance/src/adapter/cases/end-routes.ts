import { check, equal } from '../../check.ts'
import type { Visit } from '../browser.ts'
import { defineCase } from '../define.ts'
import { logIn, nobodyIn, somebodyIn, unshared } from '../moves.ts'
import type { AdapterCase } from '../served-app.ts'

const routes = { logout: '/auth/tiktok/logout', disconnect: '/auth/tiktok/disconnect' } as const

const forged: Readonly<Record<string, Visit['headers']>> = {
  'another site': { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
  'another site that claims to be this one': { 'sec-fetch-site': 'cross-site' },
  'a sibling domain': { 'sec-fetch-site': 'same-site', origin: 'https://other.example' },
  'an old browser on another site': { 'sec-fetch-site': undefined, origin: 'https://evil.example' },
  'an old browser without an origin': { 'sec-fetch-site': undefined, origin: undefined },
  'an old browser with an opaque origin': { 'sec-fetch-site': undefined, origin: 'null' },
  'an origin that only looks alike': { 'sec-fetch-site': undefined, origin: 'https://app.example.evil' },
}

/** Logout and disconnect: by a form of the site's own pages, and by nothing else. */
export const endRouteCases: readonly AdapterCase[] = [
  defineCase(
    {
      name: 'logs out by a form of its own pages, and leaves the grant alone',
      rule: 'R-32',
      needs: ['session', 'endRoutes'],
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      const answer = await browser.post(routes.logout)
      equal('answer', [answer.status, answer.location], [303, '/'])
      unshared('the logout', answer)
      await nobodyIn(browser)
      equal('grant', rig.emulator.grants[0]?.state, 'active')
    },
  ),
  defineCase(
    {
      name: 'logs out by a script of its own pages, without a redirect',
      rule: 'R-32',
      needs: ['session', 'endRoutes'],
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      const answer = await browser.api(routes.logout, { method: 'POST' })
      equal('status', answer.status, 204)
      unshared('the logout', answer)
      await nobodyIn(browser)
    },
  ),
  defineCase(
    {
      name: 'leads nowhere else after logout',
      rule: 'RD-01: one judge for every redirect',
      needs: ['session', 'endRoutes'],
    },
    async (rig) => {
      for (const [target, end] of [
        ['/videos', '/videos'],
        ['//evil.example', '/'],
        ['https://evil.example', '/'],
        ['/\\evil.example', '/'],
      ] as const) {
        const query = new URLSearchParams({ returnTo: target })
        equal(target, (await rig.browser().post(`${routes.logout}?${query}`)).location, end)
      }
    },
  ),
  defineCase(
    {
      name: 'disconnects: revokes at TikTok and ends every session of the connection',
      rule: 'R-32, RV-01',
      needs: ['session', 'endRoutes', 'requireLogin'],
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      const copied = rig.browser(browser.jar.copy())
      const answer = await browser.post(routes.disconnect)
      equal('status', answer.status, 303)
      unshared('the disconnect', answer)
      await nobodyIn(browser)
      equal('grant', rig.emulator.grants[0]?.state, 'removed')
      equal('status for a copied cookie', (await copied.api('/me')).status, 401)
      await logIn(rig, browser)
      equal('status after a new login', (await browser.api('/me')).status, 200)
      equal('status for the copied cookie then', (await copied.api('/me')).status, 401)
    },
  ),
  defineCase(
    {
      name: 'disconnects here although TikTok does not answer',
      rule: 'RV-01, RV-02',
      needs: ['session', 'endRoutes', 'requireLogin'],
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      const copied = rig.browser(browser.jar.copy())
      rig.emulator.faults.always('revoke', { kind: 'html', status: 502 })
      const answer = await browser.api(routes.disconnect, { method: 'POST' })
      equal('answer', [answer.status, answer.json()], [200, { remote: 'failed' }])
      await nobodyIn(browser)
      equal('status for a copied cookie', (await copied.api('/me')).status, 401)
    },
  ),
  ...Object.entries(routes).flatMap(([name, path]) => [
    defineCase(
      {
        name: `does not ${name} by GET`,
        rule: 'RV-04: no state change by GET',
        needs: ['session', 'endRoutes'],
      },
      async (rig) => {
        const browser = rig.browser()
        await logIn(rig, browser)
        for (const method of ['GET', 'HEAD', 'PUT', 'OPTIONS']) {
          equal('cookies', (await browser.open(path, { method })).cookies, [])
        }
        await somebodyIn(rig, browser)
        equal('grant', rig.emulator.grants[0]?.state, 'active')
      },
    ),
    ...Object.entries(forged).map(([who, headers]) =>
      defineCase(
        {
          name: `does not ${name} for ${who}`,
          rule: 'RV-04: cross-site request forgery',
          needs: ['session', 'endRoutes'],
        },
        async (rig) => {
          const browser = rig.browser()
          await logIn(rig, browser)
          const answer = await browser.post(path, headers && { headers })
          equal('status', answer.status, 403)
          equal('cookies', answer.cookies, [])
          await somebodyIn(rig, browser)
          equal('grant', rig.emulator.grants[0]?.state, 'active')
        },
      ),
    ),
  ]),
  defineCase(
    {
      name: 'trusts forms of the origins it was told to trust',
      rule: 'trustedOrigins',
      needs: ['session', 'endRoutes', 'options'],
      site: { options: { trustedOrigins: ['https://www.app.example'] } },
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      const headers = { 'sec-fetch-site': undefined, origin: 'https://www.app.example' }
      equal('status', (await browser.post(routes.logout, { headers })).status, 303)
      await nobodyIn(browser)
    },
  ),
  defineCase({ name: 'starts a login by a form of its own pages only', rule: 'R-31, ST-22' }, async (rig) => {
    const start = await rig.browser().post('/auth/tiktok?returnTo=/me')
    equal('status', start.status, 303)
    for (const headers of Object.values(forged)) {
      const answer = await rig.browser().post('/auth/tiktok', headers && { headers })
      check(answer.status >= 400 && answer.status < 500, `Expected a refusal, got ${answer.status}.`)
      equal('cookies', answer.cookies, [])
    }
  }),
]
