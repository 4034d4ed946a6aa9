import { equal, present } from '../../check.ts'
import { defineCase } from '../define.ts'
import { logIn, nobodyIn, somebodyIn, startLogin } from '../moves.ts'
import type { AdapterCase } from '../served-app.ts'

/** Where an app lies: below a mount path, behind a proxy, beside another app; and what it may ask for. */
export const mountingCases: readonly AdapterCase[] = [
  defineCase(
    {
      name: 'logs in below a mount path',
      rule: 'paths are as the mounted app sees them',
      needs: ['mounting'],
      site: { mountPath: '/app' },
    },
    async (rig) => {
      const browser = rig.browser()
      equal('where the login ends', (await logIn(rig, browser, { at: '/app/auth/tiktok' })).location, '/app/')
      await somebodyIn(rig, browser, '/app/')
    },
  ),
  ...Object.entries({
    'a mount path': { mountPath: '/app' },
    'a proxy that cuts a prefix off': { proxyPrefix: '/app' },
  }).map(([what, site]) =>
    defineCase(
      {
        name: `sends people to the login and back through ${what}`,
        rule: 'addresses are as the browser knows them',
        needs: ['requireLogin', 'options', ...('mountPath' in site ? (['mounting'] as const) : [])],
        site,
      },
      async (rig) => {
        const browser = rig.browser()
        const page = await browser.open('/app/me?tab=1')
        const login = present('location', page.location)
        equal('the login route', new URL(login, rig.publicOrigin).pathname, '/app/auth/tiktok')
        equal('where the login ends', (await logIn(rig, browser, { at: login })).location, '/app/me?tab=1')
        equal('status', (await browser.open('/app/me')).status, 200)
      },
    ),
  ),
  defineCase(
    {
      name: 'serves two apps at once, each with its own users',
      rule: 'no state is shared',
      needs: ['several', 'session', 'endRoutes'],
      site: { second: true },
    },
    async (rig) => {
      const browser = rig.browser()
      const first = await startLogin(rig, browser, { user: 'mia' })
      const second = await startLogin(rig, browser, { user: 'noor', at: '/second/auth/tiktok' })
      await browser.open(second.callback)
      await browser.open(first.callback)
      await somebodyIn(rig, browser)
      await somebodyIn(rig, browser, '/second/')
      await browser.post('/second/auth/tiktok/logout')
      await nobodyIn(browser, '/second/')
      await somebodyIn(rig, browser)
    },
  ),
  defineCase(
    {
      name: 'asks for the login of the app whose page it is',
      rule: 'each requireLogin is its own',
      needs: ['several', 'requireLogin'],
      site: { second: true },
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      const page = await browser.open('/second/me')
      equal('the login route', new URL(page.location ?? '', rig.publicOrigin).pathname, '/second/auth/tiktok')
      await logIn(rig, browser, { user: 'noor', at: present('location', page.location) })
      const openIds = await Promise.all(
        ['/me', '/second/me'].map(async (path) => (await browser.api(path)).json()),
      )
      equal(
        'users',
        openIds.map((answer) => (answer as { openId: string }).openId),
        rig.emulator.grants.map(({ openId }) => openId),
      )
    },
  ),
  defineCase(
    {
      name: 'asks for an optional scope when a login names it, and for no other',
      rule: 'R-20: least scope',
      needs: ['options'],
      site: { options: { optionalScope: ['video.upload'] } },
    },
    async (rig) => {
      const browser = rig.browser()
      const scopeAt = async (at: string) =>
        (await startLogin(rig, browser, { at })).url.searchParams.get('scope')
      equal('scope', await scopeAt('/auth/tiktok'), 'user.info.basic,video.list')
      equal(
        'scope',
        await scopeAt('/auth/tiktok?scope=video.upload'),
        'user.info.basic,video.list,video.upload',
      )
      const answer = await rig.browser().open('/auth/tiktok?scope=video.publish')
      equal('answer', [answer.status, answer.location, answer.cookies], [400, undefined, []])
    },
  ),
  defineCase(
    {
      name: 'asks again for what was granted before, so that a login narrows nothing',
      rule: 'a new grant replaces the old one',
      needs: ['options', 'session'],
      site: { options: { optionalScope: ['video.upload'] } },
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser, { at: '/auth/tiktok?scope=video.upload' })
      const { url } = await startLogin(rig, browser)
      equal('scope', url.searchParams.get('scope'), 'user.info.basic,video.list,video.upload')
    },
  ),
]
