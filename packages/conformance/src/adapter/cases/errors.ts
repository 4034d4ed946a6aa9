import { check, equal } from '../../check.ts'
import { defineCase } from '../define.ts'
import type { Answer } from '../http.ts'
import { callbackWith, logIn, nobodyIn, startLogin, unshared } from '../moves.ts'
import type { AdapterCase } from '../served-app.ts'

const minute = 60_000

/** How failures are told: to the framework, once, and to the browser without a word too many. */
export const errorCases: readonly AdapterCase[] = [
  defineCase(
    {
      name: 'gives each failure to the framework’s own error path exactly once',
      rule: 'one error, one report',
    },
    async (rig) => {
      const browser = rig.browser()
      const told = async (): Promise<readonly string[]> => (await rig.record()).errors
      await browser.open('/auth/tiktok/callback?code=a&state=b')
      equal('errors after a foreign callback', await told(), ['transaction'])
      await callbackWith(rig, browser, ({ state }) => `error=access_denied&state=${state}`)
      equal('errors after a denial', await told(), ['transaction', 'authorization_response'])
      rig.emulator.faults.next('token', { kind: 'oauth_error', error: 'invalid_client' })
      await callbackWith(rig, browser, ({ code, state }) => `code=${code}&state=${state}`)
      equal('errors after a failed exchange', (await told()).slice(2), ['oauth_response'])
      await browser.open('/fails')
      equal('errors after a page that fails', (await told()).slice(3), ['application'])
    },
  ),
  defineCase(
    { name: 'gives no error to the framework when all is well', rule: 'one error, one report' },
    async (rig) => {
      const browser = rig.browser()
      await logIn(rig, browser)
      await browser.api('/')
      await browser.open('/nowhere')
      equal('errors', (await rig.record()).errors, [])
    },
  ),
  defineCase(
    {
      name: 'answers a missing, a forged, a foreign and an expired transaction alike',
      rule: 'LK-13: no oracle',
    },
    async (rig) => {
      const answers: Answer[] = []
      const browser = rig.browser()
      const { callback } = await startLogin(rig, browser)
      const [[name, value] = ['', '']] = browser.jar.all()
      answers.push(await rig.browser().open(callback))
      const forger = rig.browser()
      forger.jar.plant(name, `${value.slice(0, -8)}AAAAAAAA`)
      answers.push(await forger.open(callback))
      answers.push(
        await callbackWith(
          rig,
          rig.browser(),
          ({ code, state }) => `code=${code}&state=${state.slice(0, 8)}${'A'.repeat(14)}`,
        ),
      )
      await rig.advance(11 * minute)
      answers.push(await browser.open(callback))
      equal('answers', new Set(answers.map(lookOf)).size, 1)
    },
  ),
  defineCase(
    {
      name: 'keeps status and headers when the framework answers errors by itself',
      rule: 'LK-06: errors included',
      site: { errors: 'default' },
    },
    async (rig) => {
      const browser = rig.browser()
      const { callback } = await startLogin(rig, browser, { cancel: true })
      const denied = await browser.open(callback)
      equal('status', denied.status, 403)
      unshared('the denial', denied)
      equal('cookies', [...browser.jar.all().keys()], [])
      const foreign = await browser.open('/auth/tiktok/callback?code=a&state=abcdefghij')
      equal('status', foreign.status, 400)
      unshared('the refusal', foreign)
      await nobodyIn(browser)
    },
  ),
  defineCase(
    {
      name: 'repeats nothing of a callback in an answer',
      rule: 'LK-08: errors are codes, not echoes',
      site: { errors: 'default' },
    },
    async (rig) => {
      const browser = rig.browser()
      const marker = 'cafe<i>babe'
      const answers = [
        await callbackWith(rig, browser, ({ state }) => {
          return `${new URLSearchParams({ error: 'access_denied', error_description: marker, log_id: marker, state })}`
        }),
        await browser.open(`/auth/tiktok/callback?${new URLSearchParams({ error: marker, state: marker })}`),
        await browser.open(`/auth/tiktok/callback?${new URLSearchParams({ code: marker, state: marker })}`),
        await browser.open(`/auth/tiktok?${new URLSearchParams({ scope: marker })}`),
      ]
      for (const { body, headers } of answers) {
        check(!body.includes(marker), 'The answer repeats the query.')
        check(!headers.some(([, value]) => value.includes('cafe')), 'A header repeats the query.')
      }
    },
  ),
  defineCase(
    { name: 'marks every answer of a login as private, errors included', rule: 'R-33, LK-06, LK-07' },
    async (rig) => {
      const browser = rig.browser()
      const { answer, callback } = await startLogin(rig, browser)
      unshared('the start', answer)
      unshared('the callback', await browser.open(callback))
      unshared('a repeated callback', await browser.open(callback))
      unshared('a foreign callback', await rig.browser().open(callback))
      unshared('a prefetch', await browser.open('/auth/tiktok', { headers: { 'sec-purpose': 'prefetch' } }))
      unshared('a wrong method', await browser.open('/auth/tiktok/callback', { method: 'PUT' }))
      unshared(
        'a denial',
        await callbackWith(rig, browser, ({ state }) => `error=access_denied&state=${state}`),
      )
      rig.emulator.faults.next('token', { kind: 'html' })
      unshared(
        'a failed exchange',
        await callbackWith(rig, browser, ({ code, state }) => `code=${code}&state=${state}`),
      )
      unshared(
        'a forged form',
        await browser.post('/auth/tiktok', { headers: { 'sec-fetch-site': 'cross-site' } }),
      )
    },
  ),
  defineCase(
    {
      name: 'redirects by 302 or 303, to TikTok or to a place without code and state',
      rule: 'R-16, RD-14, LK-07',
    },
    async (rig) => {
      const browser = rig.browser()
      const get = await startLogin(rig, browser)
      const post = await browser.post('/auth/tiktok')
      equal('status of a start by POST', post.status, 303)
      const done = await browser.open(get.callback)
      check([302, 303].includes(get.answer.status) && done.status === 303, 'A redirect repeats the request.')
      const end = new URL(done.location ?? '', rig.publicOrigin)
      check(!end.searchParams.has('code') && !end.searchParams.has('state'), 'The address keeps the code.')
    },
  ),
  defineCase(
    {
      name: 'leaves what is not its own to the application',
      rule: 'an adapter answers its routes and no others',
    },
    async (rig) => {
      const browser = rig.browser()
      for (const path of [
        '/nowhere',
        '/auth',
        '/auth/tiktok/',
        '/auth/tiktok/other',
        '/auth/tiktokx',
        '/AUTH/tiktok/callback',
      ]) {
        const answer = await browser.open(path)
        equal(`answer to ${path}`, [answer.status, answer.cookies], [404, []])
      }
      const page = await browser.api('/')
      equal('cookies of a page', page.cookies, [])
      equal('location of a page', page.location, undefined)
    },
  ),
]

/** What a browser, or somebody measuring, can tell answers apart by. */
function lookOf({ status, headers, body }: Answer): string {
  const names = headers.map(([name]) => name).toSorted()
  return JSON.stringify([status, names, body])
}
