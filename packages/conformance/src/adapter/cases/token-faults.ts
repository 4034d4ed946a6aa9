import type { Fault } from '@tiktok-auth/emulator'
import { check, equal } from '../../check.ts'
import { defineCase } from '../define.ts'
import { nobodyIn, somebodyIn, startLogin, tokenRequests, unshared } from '../moves.ts'
import type { AdapterCase } from '../served-app.ts'

interface TokenFault {
  readonly what: string
  readonly fault: Fault
  /** The code of the error. */
  readonly code: string
}

const elsewhere = 'https://evil.example/token'

const tokenFaults: readonly TokenFault[] = [
  { what: 'a web page with status 502', fault: { kind: 'html' }, code: 'unexpected_response' },
  { what: 'a web page with status 200', fault: { kind: 'html', status: 200 }, code: 'unexpected_response' },
  { what: 'half of its JSON', fault: { kind: 'truncated' }, code: 'network' },
  { what: 'nothing', fault: { kind: 'empty' }, code: 'unexpected_response' },
  {
    what: 'an error with status 200',
    fault: { kind: 'oauth_error', error: 'invalid_grant' },
    code: 'oauth_response',
  },
  {
    what: 'no access_token',
    fault: { kind: 'missing_field', field: 'access_token' },
    code: 'unexpected_response',
  },
  {
    what: 'an access_token that is a number',
    fault: { kind: 'set_field', field: 'access_token', value: 7 },
    code: 'unexpected_response',
  },
  { what: 'no open_id', fault: { kind: 'missing_field', field: 'open_id' }, code: 'unexpected_response' },
  { what: 'a redirect', fault: { kind: 'redirect', location: elsewhere }, code: 'unexpected_response' },
  { what: 'ten megabytes', fault: { kind: 'oversized' }, code: 'unexpected_response' },
  { what: 'a cut connection', fault: { kind: 'drop_after' }, code: 'network' },
  { what: 'status 503', fault: { kind: 'status', status: 503 }, code: 'unexpected_response' },
]

/** What TikTok's token endpoint may answer instead of tokens: no session, one request, a living process. */
export const tokenFaultCases: readonly AdapterCase[] = [
  ...tokenFaults.map(({ what, fault, code }) =>
    defineCase(
      {
        name: `signs nobody in when the token endpoint answers ${what}`,
        rule: 'TE-01 to TE-11: success is a token body',
      },
      async (rig) => {
        const browser = rig.browser()
        const { callback } = await startLogin(rig, browser)
        rig.emulator.faults.next('token', fault)
        const answer = await browser.open(callback)
        check(answer.status === 502 || answer.status === 503, `Expected 502 or 503, got ${answer.status}.`)
        unshared('the error', answer)
        equal('errors', (await rig.record()).errors, [code])
        equal('cookies', [...browser.jar.all().keys()], [])
        equal('token requests', tokenRequests(rig), 1)
        await nobodyIn(browser)
        const next = await startLogin(rig, browser)
        equal('status of the next login', (await browser.open(next.callback)).status, 303)
        await somebodyIn(rig, browser)
      },
    ),
  ),
  defineCase(
    {
      name: 'signs nobody in when the token endpoint never answers',
      rule: 'TE-07, TE-27: a deadline covers everything',
      site: { options: { timeoutMs: 300 } },
    },
    async (rig) => {
      const browser = rig.browser()
      const { callback } = await startLogin(rig, browser)
      rig.emulator.faults.next('token', { kind: 'hold' })
      equal('status', (await browser.open(callback)).status, 503)
      equal('errors', (await rig.record()).errors, ['network'])
      await nobodyIn(browser)
    },
  ),
  defineCase(
    {
      name: 'signs nobody in when the store takes no grant',
      rule: 'CK-11: fails closed',
      needs: ['options'],
      site: { app: { store: 'refuses' } },
    },
    async (rig) => {
      const browser = rig.browser()
      const { callback } = await startLogin(rig, browser)
      const answer = await browser.open(callback)
      equal('status', answer.status, 503)
      equal('errors', (await rig.record()).errors, ['store'])
      equal('cookies', [...browser.jar.all().keys()], [])
      await nobodyIn(browser)
    },
  ),
  defineCase({ name: 'signs nobody in by a code that was used before', rule: 'CB-18' }, async (rig) => {
    const [first, second] = [rig.browser(), rig.browser()]
    const { callback } = await startLogin(rig, first)
    await first.open(callback)
    const used = new URL(callback, rig.publicOrigin).searchParams.get('code') ?? ''
    const { url } = await startLogin(rig, second)
    const query = new URLSearchParams({ code: used, state: url.searchParams.get('state') ?? '' })
    const answer = await second.open(`/auth/tiktok/callback?${query}`)
    equal('status', answer.status, 502)
    equal('errors', (await rig.record()).errors, ['oauth_response'])
    await nobodyIn(second)
  }),
]
