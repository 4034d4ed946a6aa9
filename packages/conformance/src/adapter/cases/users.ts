import type { ConsentOptions } from '@tiktok-auth/emulator'
import { check, equal, present } from '../../check.ts'
import { userHeaders, type IdentifyBehavior } from '../app-users.ts'
import type { Browser, Visit } from '../browser.ts'
import { defineCase } from '../define.ts'
import type { Answer } from '../http.ts'
import { logIn, nobodyIn, startLogin, tokenRequests, unshared } from '../moves.ts'
import type { Rig } from '../rig.ts'
import type { AdapterCase, AdapterFeature } from '../served-app.ts'

const needs: readonly AdapterFeature[] = ['identify']
const site = { app: { users: 'by-header' } } as const
const behaviors = ['throws', 'rejects'] as const

/** Users of the application's own: whom `identify` names, and what comes of it when it cannot. */
export const userCases: readonly AdapterCase[] = [
  defineCase(
    {
      name: 'knows whoever the application names, and begins no session of its own',
      rule: 'session: { identify }',
      needs: [...needs, 'state', 'requireLogin'],
      site,
    },
    async (rig) => {
      const browser = rig.browser()
      const openId = await link(rig, browser)
      equal('cookies', [...browser.jar.all().keys()], [])
      for (const behavior of [undefined, 'later'] as const) {
        const visit = as(openId, behavior)
        equal('who is signed in', (await browser.api('/', visit)).json(), { openId })
        equal('status of a protected page', (await browser.open('/me', visit)).status, 200)
        equal('status of a token', (await browser.api('/token', visit)).status, 200)
      }
      equal('who is signed in', (await browser.api('/', as('somebody-else'))).json(), {
        openId: 'somebody-else',
      })
      equal('status for a user without a grant', (await browser.api('/me', as('somebody-else'))).status, 401)
      await nobodyIn(browser)
    },
  ),
  defineCase(
    {
      name: 'knows nobody where the application names nobody',
      rule: 'session: { identify }',
      needs: [...needs, 'requireLogin'],
      site,
    },
    async (rig) => {
      const browser = rig.browser()
      for (const behavior of [undefined, 'null', 'empty'] as const) {
        const visit = as(undefined, behavior)
        equal('who is signed in', (await browser.api('/', visit)).json(), { openId: null })
        equal('status for a call', (await browser.api('/me', visit)).status, 401)
        const page = await browser.open('/me', visit)
        equal('status for a page', page.status, 303)
        const { callback } = await startLogin(rig, browser, { at: present('location', page.location) })
        equal('where the login ends', (await browser.open(callback, visit)).location, '/me')
      }
      equal(
        'protected pages that ran',
        (await rig.record()).handled.filter((path) => path !== '/'),
        [],
      )
    },
  ),
  defineCase(
    {
      name: 'asks the application once for each request, on its own routes and on others',
      rule: 'one request, one user',
      needs: [...needs, 'requireLogin'],
      site,
    },
    async (rig) => {
      const browser = rig.browser()
      const openId = await link(rig, browser)
      const asked = async (work: () => Promise<unknown>): Promise<number> => {
        const before = (await rig.record()).identified
        await work()
        // Reading the record is a request as well, and so may have been asked about.
        return (await rig.record()).identified - before
      }
      const alone = await asked(async () => undefined)
      let callback = ''
      const requests = {
        'a page': () => browser.api('/', as(openId)),
        'a protected page': () => browser.open('/me', as(openId)),
        'the login': async () => {
          const start = await browser.open('/auth/tiktok', as(openId))
          const { pathname, search } = await rig.emulator.consent(present('location', start.location))
          callback = pathname + search
        },
        'the callback': () => browser.open(callback, as(openId)),
        'a disconnect': () => browser.post('/auth/tiktok/disconnect', as(openId)),
      }
      for (const [what, send] of Object.entries(requests)) {
        equal(`how often it was asked for ${what}`, (await asked(send)) - alone, 1)
      }
    },
  ),
  defineCase(
    {
      name: 'lets nobody but the user whom the application names finish their login',
      rule: 'ST-13, R-10: bound without a word from onStart',
      needs,
      site,
    },
    async (rig) => {
      const browser = rig.browser()
      const openId = await link(rig, browser)
      for (const other of ['somebody-else', undefined]) {
        const callback = await startAs(rig, browser, as(openId))
        const answer = await browser.open(callback, as(other))
        check(answer.status >= 400 && answer.status < 500, `Expected a refusal, got ${answer.status}.`)
      }
      equal('code exchanges', tokenRequests(rig), 1)
      const callback = await startAs(rig, browser, as(openId))
      equal('status for the user who began', (await browser.open(callback, as(openId))).status, 303)
    },
  ),
  defineCase(
    {
      name: 'attaches no other account by a link of another site',
      rule: 'ST-22, R-31: linking an account',
      needs: [...needs, 'onLogin'],
      site: { app: { ...site.app, onLogin: 'remembers' } },
    },
    async (rig) => {
      const browser = rig.browser()
      const openId = await link(rig, browser)
      const visit = { headers: { ...as(openId).headers, 'sec-fetch-site': 'cross-site' } }
      const other = await browser.open(
        await startAs(rig, browser, { ...visit, consent: { user: 'noor' } }),
        as(openId),
      )
      check(other.status >= 400 && other.status < 500, `Expected a refusal, got ${other.status}.`)
      const same = await browser.open(await startAs(rig, browser, visit), as(openId))
      equal('status for the account that is linked', same.status, 303)
      equal('logins', new Set((await rig.record()).logins.map((login) => login.openId)), new Set([openId]))
    },
  ),
  defineCase(
    {
      name: 'disconnects whoever the application names, and has no logout for them',
      rule: 'the application ends its own sessions',
      needs: [...needs, 'endRoutes', 'requireLogin'],
      site,
    },
    async (rig) => {
      const browser = rig.browser()
      const openId = await link(rig, browser)
      equal('status of a logout', (await browser.post('/auth/tiktok/logout', as(openId))).status, 404)
      const state = (): unknown => rig.emulator.grants[0]?.state
      await browser.post('/auth/tiktok/disconnect')
      equal('grant after a disconnect by nobody', state(), 'active')
      equal('status', (await browser.post('/auth/tiktok/disconnect', as(openId))).status, 303)
      equal('grant', state(), 'removed')
      equal('status of a protected page', (await browser.api('/me', as(openId))).status, 401)
    },
  ),
  defineCase(
    {
      name: 'starts no login when the application cannot say who that is',
      rule: 'internal errors deny access',
      needs,
      site,
    },
    async (rig) => {
      const browser = rig.browser()
      for (const behavior of behaviors) {
        await fails(rig, 'the start', () => browser.open('/auth/tiktok', as(undefined, behavior)))
      }
    },
  ),
  defineCase(
    {
      name: 'ends a login when the application cannot say who that is, and clears its cookie',
      rule: 'internal errors deny access',
      needs,
      site,
    },
    async (rig) => {
      const browser = rig.browser()
      for (const behavior of behaviors) {
        const { callback } = await startLogin(rig, browser)
        check(
          [...browser.jar.all().keys()].some((name) => name.includes('tiktok-login')),
          'The login has no cookie to clear.',
        )
        await fails(rig, 'the callback', () => browser.open(callback, as(undefined, behavior)))
        equal('cookies', [...browser.jar.all().keys()], [])
      }
      equal('code exchanges', tokenRequests(rig), 0)
    },
  ),
  defineCase(
    {
      name: 'disconnects nobody when the application cannot say who that is',
      rule: 'internal errors deny access',
      needs: [...needs, 'endRoutes'],
      site,
    },
    async (rig) => {
      const browser = rig.browser()
      const openId = await link(rig, browser)
      for (const behavior of behaviors) {
        const visit = as(openId, behavior)
        await fails(rig, 'the disconnect', () => browser.post('/auth/tiktok/disconnect', visit))
      }
      equal('grant', rig.emulator.grants[0]?.state, 'active')
    },
  ),
  defineCase(
    {
      name: 'lets nobody in when the application cannot say who that is, and shows no login either',
      rule: 'internal errors deny access',
      needs: [...needs, 'requireLogin'],
      site,
    },
    async (rig) => {
      const browser = rig.browser()
      const openId = await link(rig, browser)
      for (const behavior of behaviors) {
        for (const path of ['/me', '/videos', '/token', '/']) {
          const before = await errorsOf(rig)
          const answer = await browser.open(path, as(openId, behavior))
          equal(`answer to ${path}`, [answer.status, answer.location, answer.cookies], [500, undefined, []])
          equal('errors', (await errorsOf(rig)).slice(before.length), ['application'])
        }
      }
      equal('pages that ran', (await rig.record()).handled, [])
    },
  ),
]

/** Says who a request belongs to, and how the application finds out. */
function as(openId: string | undefined, behavior?: IdentifyBehavior): Required<Pick<Visit, 'headers'>> {
  return { headers: { [userHeaders.user]: openId, [userHeaders.behavior]: behavior } }
}

/** Logs somebody in whom the application does not know yet; gives the account it links to them. */
async function link(rig: Rig, browser: Browser): Promise<string> {
  await logIn(rig, browser)
  return present('the grant', rig.emulator.grants[0]).openId
}

/** Starts a login for a user; gives the callback. */
async function startAs(
  rig: Rig,
  browser: Browser,
  { consent = {}, ...visit }: Visit & { readonly consent?: ConsentOptions },
): Promise<string> {
  const start = await browser.open('/auth/tiktok', visit)
  const { pathname, search } = await rig.emulator.consent(present('location', start.location), consent)
  return pathname + search
}

async function fails(rig: Rig, what: string, send: () => Promise<Answer>): Promise<void> {
  const before = await errorsOf(rig)
  const answer = await send()
  equal(`status of ${what}`, answer.status, 500)
  unshared(what, answer)
  equal(
    'cookies that were set',
    answer.cookies.filter((line) => !/^[^=]+=;/.test(line)),
    [],
  )
  equal('errors', (await errorsOf(rig)).slice(before.length), ['application'])
}

async function errorsOf(rig: Rig): Promise<readonly string[]> {
  return (await rig.record()).errors
}
