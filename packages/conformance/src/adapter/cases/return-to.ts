import { check, equal, present } from '../../check.ts'
import type { Browser } from '../browser.ts'
import { defineCase } from '../define.ts'
import type { Answer } from '../http.ts'
import { logIn, startLogin } from '../moves.ts'
import type { Rig } from '../rig.ts'
import type { AdapterCase } from '../served-app.ts'
import { hostileTargets } from './hostile-targets.ts'

const friend = 'https://friend.example'

/** Where a login may lead: the judge is the `Location` on the wire, read as a browser reads it. */
export const returnToCases: readonly AdapterCase[] = [
  defineCase(
    { name: 'leads back to a path of its own, query included', rule: 'returnTo inside' },
    async (rig) => {
      const browser = rig.browser()
      for (const target of [
        '/',
        '/videos',
        '/videos?page=2&q=a%20b',
        '/a%2Fb',
        '/%E2%9C%93',
        '/x?next=//evil.example',
      ]) {
        equal(target, (await logIn(rig, browser, { at: loginTo(target) })).location, target)
      }
    },
  ),
  defineCase(
    {
      name: 'leads back to a path of its own when that is spelled as an address',
      rule: 'returnTo inside',
    },
    async (rig) => {
      const target = `${rig.publicOrigin}/videos?page=2`
      const { location } = await logIn(rig, rig.browser(), { at: loginTo(target) })
      equal('where the login ends', new URL(present('location', location), rig.publicOrigin).href, target)
    },
  ),
  ...chunks(hostileTargets(), 4).map((targets, index, all) =>
    defineCase(
      {
        name: `never leaves the site by returnTo (${index + 1} of ${all.length})`,
        rule: 'RD-01 to RD-09: no open redirect',
      },
      async (rig) => {
        const browser = rig.browser()
        for (const target of targets) await staysInside(rig, browser, target)
      },
    ),
  ),
  defineCase(
    {
      name: 'leads to another origin only if that is allowed exactly',
      rule: 'RD-06: origins are compared whole',
      needs: ['options'],
      site: { options: { returnToOrigins: [friend] } },
    },
    async (rig) => {
      const browser = rig.browser()
      const allowed = await logIn(rig, browser, { at: loginTo(`${friend}/a?b=c`) })
      equal('where the login ends', allowed.location, `${friend}/a?b=c`)
      for (const target of [
        'https://friend.example.evil/',
        'https://friend.exampleevil/',
        'https://friend.example:444/',
        'http://friend.example/',
        'https://friend.example./',
        'https://sub.friend.example/',
        'https://user@friend.example/',
        'https://friend.example@evil.example/',
      ]) {
        await staysInside(rig, browser, target)
      }
    },
  ),
  defineCase(
    {
      name: 'checks the target once more at the end of the login',
      rule: 'RD-12: an origin that is no longer allowed',
      needs: ['options'],
      site: { options: { returnToOrigins: [friend] } },
    },
    async (rig) => {
      const browser = rig.browser()
      const { callback } = await startLogin(rig, browser, { at: loginTo(`${friend}/a`) })
      const stricter = await rig.serve({ options: { returnToOrigins: [] } })
      equal('where the login ends', (await stricter.browser(browser.jar).open(callback)).location, '/')
    },
  ),
  defineCase(
    { name: 'leads to none of the login routes themselves', rule: 'RD-13: no loop, no logout by redirect' },
    async (rig) => {
      for (const target of [
        '/auth/tiktok',
        '/auth/tiktok?returnTo=/auth/tiktok',
        '/auth/tiktok/callback?code=a&state=b',
        '/auth/tiktok/logout',
        '/auth/tiktok/disconnect',
        '/auth//tiktok/logout',
        '/auth/%74iktok/logout',
      ]) {
        equal(target, (await logIn(rig, rig.browser(), { at: loginTo(target) })).location, '/')
      }
    },
  ),
  defineCase(
    { name: 'logs in all the same when the target is too long to keep', rule: 'CK-14' },
    async (rig) => {
      const answer = await logIn(rig, rig.browser(), { at: loginTo(`/${'x'.repeat(8192)}`) })
      equal('where the login ends', answer.location, '/')
    },
  ),
  defineCase(
    { name: 'lets nobody write headers, by whatever it repeats', rule: 'RD-10: header injection' },
    async (rig) => {
      for (const text of lineBreaks) {
        const browser = rig.browser()
        const { answer, callback } = await startLogin(rig, browser, { at: `/auth/tiktok?returnTo=/${text}` })
        const answers = [
          answer,
          await browser.open(callback),
          await browser.open(`/auth/tiktok/callback?error=${text}&error_description=${text}&state=${text}`),
          await browser.open(`/me?${text}`),
        ]
        for (const each of answers) nothingInjected(browser, each)
      }
    },
  ),
  defineCase(
    {
      name: 'lets nobody write headers by where logging out leads',
      rule: 'RD-10: header injection',
      needs: ['session', 'endRoutes'],
    },
    async (rig) => {
      for (const text of lineBreaks) {
        const browser = rig.browser()
        await logIn(rig, browser)
        nothingInjected(browser, await browser.post(`/auth/tiktok/logout?returnTo=/${text}`))
      }
    },
  ),
]

const lineBreaks = [
  '%0d%0aset-cookie:%20injected=1',
  '%0aset-cookie:%20injected=1',
  '%E5%98%8A%E5%98%8Dx-injected:1',
]

function nothingInjected(browser: Browser, { headers, status }: Answer): void {
  check(status < 500, `A line break led to status ${status}.`)
  check(!headers.some(([name]) => name === 'x-injected'), 'A header was injected.')
  check(!browser.jar.all().has('injected'), 'A cookie was injected.')
}

function loginTo(target: string): string {
  return `/auth/tiktok?${new URLSearchParams({ returnTo: target })}`
}

async function staysInside(rig: Rig, browser: Browser, target: string): Promise<void> {
  const { location, headers } = await logIn(rig, browser, { at: loginTo(target) })
  check(
    URL.canParse(location ?? '', rig.publicOrigin),
    `The target ${JSON.stringify(target)} leads to no address.`,
  )
  const end = new URL(present('location', location), `${rig.publicOrigin}/auth/tiktok/callback`)
  equal(`the origin where ${JSON.stringify(target)} leads`, end.origin, rig.publicOrigin)
  equal('Location headers', headers.filter(([name]) => name === 'location').length, 1)
}

function chunks<T>(list: readonly T[], count: number): readonly (readonly T[])[] {
  const size = Math.ceil(list.length / count)
  return Array.from({ length: count }, (_, index) => list.slice(index * size, (index + 1) * size))
}
