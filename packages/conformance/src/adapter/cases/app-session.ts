import { check, equal } from '../../check.ts'
import type { Browser } from '../browser.ts'
import { defineCase } from '../define.ts'
import { logIn, nobodyIn, somebodyIn, startLogin, whoIs } from '../moves.ts'
import type { AdapterCase, AdapterFeature } from '../served-app.ts'

const needs: readonly AdapterFeature[] = ['appSession']
const site = { app: { users: 'by-session' } } as const

/** A session of the application's own that a login begins. */
export const appSessionCases: readonly AdapterCase[] = [
  defineCase(
    {
      name: 'begins the app’s session under a new id, and the one before is worth nothing',
      rule: 'CK-08, R-30: session fixation',
      needs,
      site,
    },
    async (rig) => {
      const attacker = rig.browser()
      await keep(attacker, 'planted')
      equal('what the session holds before', await kept(attacker), 'planted')
      const victim = rig.browser(attacker.jar.copy())
      const planted = new Map(victim.jar.all())
      check(planted.size > 0, 'The session has no cookie.')
      await logIn(rig, victim)
      await somebodyIn(rig, victim)
      for (const [name, value] of planted) {
        check(victim.jar.all().get(name) !== value, `The cookie ${name} is the one from before the login.`)
      }
      await nobodyIn(attacker)
      equal('what the session from before holds', await kept(attacker), null)
    },
  ),
  defineCase(
    {
      name: 'brings nothing from the session before the login into the one after it',
      rule: 'CK-08: a CSRF token that was planted is gone',
      needs,
      site,
    },
    async (rig) => {
      const browser = rig.browser()
      await keep(browser, 'planted')
      await logIn(rig, browser)
      equal('what the new session holds', await kept(browser), null)
      await keep(browser, 'own')
      equal('what it holds when it is written to', await kept(browser), 'own')
      await somebodyIn(rig, browser)
    },
  ),
  defineCase(
    {
      name: 'begins a new session for each user who logs in on one browser',
      rule: 'R-30: nothing of one user is left to the next',
      needs,
      site,
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser, { user: 'mia' })
      await keep(browser, 'of mia')
      const [first, before] = [await whoIs(browser), browser.jar.copy()]
      // A login that is bound to somebody starts by a link of the site's own pages, and so does this one.
      await logIn(rig, browser, { user: 'noor' })
      check((await whoIs(browser)) !== first, 'The first user is still signed in.')
      equal('what the new session holds', await kept(browser), null)
      await nobodyIn(rig.browser(before))
    },
  ),
  ...(['destroy', 'set'] as const).map((fault) =>
    defineCase(
      {
        name: `signs nobody in when the app’s session store fails to ${fault === 'set' ? 'keep the new session' : 'end the old one'}`,
        rule: 'CK-11: internal errors deny access',
        needs,
        site,
      },
      async (rig) => {
        const browser = rig.browser()
        await keep(browser, 'planted')
        const planted = browser.jar.copy()
        const { callback } = await startLogin(rig, browser)
        await rig.failSessions(fault)
        const answer = await browser.open(callback)
        await rig.failSessions(undefined)
        equal('status', answer.status, 500)
        equal('location', answer.location, undefined)
        await nobodyIn(browser)
        await nobodyIn(rig.browser(planted))
        await logIn(rig, browser)
        await somebodyIn(rig, browser)
      },
    ),
  ),
]

async function keep(browser: Browser, text: string): Promise<void> {
  equal('status', (await browser.post('/keep', { headers: { 'x-keep': text } })).status, 200)
}

async function kept(browser: Browser): Promise<unknown> {
  return ((await browser.api('/kept')).json() as { readonly kept: unknown }).kept
}
