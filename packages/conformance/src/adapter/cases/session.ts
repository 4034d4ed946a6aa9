import { check, equal, present } from '../../check.ts'
import { defineCase } from '../define.ts'
import { logIn, nobodyIn, somebodyIn, startLogin, tokenRequests, unshared, whoIs } from '../moves.ts'
import { randomText } from '../standard-setup.ts'
import type { AdapterCase } from '../served-app.ts'

const hour = 60 * 60_000

/** How long a session lasts, and what ends it. */
export const sessionCases: readonly AdapterCase[] = [
  defineCase(
    { name: 'keeps a session in use from going idle', rule: 'idle time', needs: ['session'] },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      for (let day = 0; day < 5; day++) {
        await rig.advance(20 * hour)
        await somebodyIn(rig, browser)
      }
    },
  ),
  defineCase(
    { name: 'marks an answer that renews a session as private', rule: 'R-33, LK-06', needs: ['session'] },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      await rig.advance(5 * hour)
      const answer = await browser.api('/')
      equal('cookies', answer.cookies.length, 1)
      unshared('the renewing answer', answer)
    },
  ),
  defineCase(
    { name: 'renews a session on an answer to an error too', rule: 'idle time', needs: ['session'] },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      await rig.advance(5 * hour)
      const answer = await browser.api('/fails')
      equal('status', answer.status, 500)
      equal('cookies', answer.cookies.length, 1)
      unshared('the renewing answer', answer)
    },
  ),
  defineCase(
    {
      name: 'ends a session that went idle, whatever the browser keeps',
      rule: 'CVE-2025-46344: expiry inside the seal',
      needs: ['session'],
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      await rig.advance(25 * hour)
      await nobodyIn(browser)
    },
  ),
  defineCase(
    {
      name: 'ends a session at its time however busy it was',
      rule: 'absolute lifetime',
      needs: ['session'],
      site: { options: { session: { lifetimeMs: 3 * hour, idleMs: 2 * hour } } },
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      for (let count = 0; count < 2; count++) {
        await rig.advance(hour)
        await somebodyIn(rig, browser)
      }
      await rig.advance(1.1 * hour)
      await nobodyIn(browser)
    },
  ),
  defineCase(
    {
      name: 'knows nobody by an altered session cookie, and answers as usual',
      rule: 'sealed sessions',
      needs: ['session'],
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      const [[name, value] = ['', '']] = browser.jar.all()
      const step = Math.max(1, Math.floor(value.length / 30))
      const forgeries = ['', 'x', '%', value.slice(0, -6), `${value}A`]
      for (let place = 0; place < value.length; place += step) {
        forgeries.push(value.slice(0, place) + (value[place] === 'A' ? 'B' : 'A') + value.slice(place + 1))
      }
      for (const forged of forgeries) {
        browser.jar.plant(name, forged)
        await nobodyIn(browser)
      }
    },
  ),
  defineCase(
    {
      name: 'opens sessions and logins of the secret before the newest',
      rule: 'ST-21: secrets can be rotated',
      needs: ['session'],
    },
    async (rig) => {
      const [signedIn, between] = [rig.browser(), rig.browser()]
      await logIn(rig, signedIn)
      const { callback } = await startLogin(rig, between)
      const rotated = await rig.serve({ options: { secret: [randomText(), ...secretsOf(rig.setup)] } })
      await somebodyIn(rig, rotated.browser(signedIn.jar))
      const browser = rotated.browser(between.jar)
      equal('status', (await browser.open(callback)).status, 303)
      await somebodyIn(rig, browser)
    },
  ),
  defineCase(
    {
      name: 'refuses politely what was sealed by a secret that is gone',
      rule: 'ST-21: secrets can be rotated',
    },
    async (rig) => {
      const [signedIn, between] = [rig.browser(), rig.browser()]
      await logIn(rig, signedIn)
      const { callback } = await startLogin(rig, between)
      const rotated = await rig.serve({ options: { secret: randomText() } })
      await nobodyIn(rotated.browser(signedIn.jar))
      equal('status', (await rotated.browser(between.jar).open(callback)).status, 400)
      equal('code exchanges', tokenRequests(rig), 1)
    },
  ),
  defineCase(
    {
      name: 'ends the session in a handler, on this browser only',
      rule: 'logout()',
      needs: ['session', 'state'],
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      const other = rig.browser(browser.jar.copy())
      const answer = await browser.post('/logout-here')
      equal('who is signed in afterwards', answer.json(), { openId: null })
      unshared('the answer that ends the session', answer)
      await nobodyIn(browser)
      await somebodyIn(rig, other)
      equal('grant', rig.emulator.grants[0]?.state, 'active')
    },
  ),
  defineCase(
    {
      name: 'disconnects in a handler: at TikTok, here, on every browser',
      rule: 'disconnect()',
      needs: ['session', 'state', 'requireLogin'],
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      const other = rig.browser(browser.jar.copy())
      const answer = await browser.post('/disconnect-here')
      equal('answer', answer.json(), { openId: null, remote: 'revoked' })
      await nobodyIn(browser)
      equal('status for a copied cookie', (await other.api('/me')).status, 401)
      equal('grant', rig.emulator.grants[0]?.state, 'removed')
    },
  ),
  defineCase(
    {
      name: 'ends the session of a user who removed the app at TikTok',
      rule: 'a session ends with its grant',
      needs: ['session', 'state', 'requireLogin'],
    },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      const { userId, clientKey } = present('the grant', rig.emulator.grants[0])
      rig.emulator.removeApp(userId, clientKey)
      await rig.advance(3 * hour)
      equal('status of a token', (await browser.api('/token')).status, 401)
      const page = await browser.open('/me')
      equal('status of a page', page.status, 303)
      await logIn(rig, browser, { at: present('location', page.location) })
      check((await browser.api('/token')).status === 200, 'A new login does not help.')
      check((await whoIs(browser)) !== null, 'Nobody is signed in.')
    },
  ),
]

function secretsOf({
  apps,
}: {
  readonly apps: readonly { readonly options: { readonly secret: string | readonly string[] } }[]
}): readonly string[] {
  return [apps[0]?.options.secret ?? []].flat()
}
