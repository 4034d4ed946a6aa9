import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EmulatorFaultError } from '../src/index.ts'
import type { EmulatorBehavior, Emulator } from '../src/index.ts'
import {
  authorizeUrl,
  base64url,
  desktopAuthorizeUrl,
  desktopClient,
  exchange,
  login,
  redirectUri,
  start,
  verifier,
  webClient,
} from './support.ts'

const open = (emulator: Emulator, url: string, cookie?: string) =>
  emulator.fetch(url, { redirect: 'manual', ...(cookie !== undefined && { headers: { cookie } }) })

describe('configuration faults stay on TikTok’s own page', () => {
  const draft = { ...webClient, clientKey: 'awdraft', approved: false }
  const strictWeb = { ...webClient, clientKey: 'awpkce', pkce: 'required' as const }
  const cases: { name: string; url: string; fault: [string, string, string | undefined] }[] = [
    {
      name: 'no client_key',
      url: authorizeUrl({ client_key: null }),
      fault: ['param_error', 'client_key', '10003'],
    },
    {
      name: 'client_id instead of client_key',
      url: authorizeUrl({ client_key: null, client_id: webClient.clientKey }),
      fault: ['param_error', 'client_key', '10003'],
    },
    {
      name: 'client_key with white space',
      url: authorizeUrl({ client_key: ` ${webClient.clientKey}` }),
      fault: ['param_error', 'client_key', '10003'],
    },
    {
      name: 'client_key twice',
      url: `${authorizeUrl()}&client_key=${webClient.clientKey}`,
      fault: ['param_error', 'client_key', '10003'],
    },
    {
      name: 'unknown client_key',
      url: authorizeUrl({ client_key: 'awother' }),
      fault: ['unauthorized_client', 'client_key', undefined],
    },
    {
      name: 'draft app',
      url: authorizeUrl({ client_key: 'awdraft' }),
      fault: ['unauthorized_client', 'client_key', undefined],
    },
    {
      name: 'redirect URI not registered',
      url: authorizeUrl({ redirect_uri: redirectUri.slice(0, -1) }),
      fault: ['invalid_request', 'redirect_uri', undefined],
    },
    {
      name: 'no redirect URI',
      url: authorizeUrl({ redirect_uri: null }),
      fault: ['invalid_request', 'redirect_uri', undefined],
    },
    {
      name: 'other response_type',
      url: authorizeUrl({ response_type: 'token' }),
      fault: ['unsupported_response_type', 'response_type', undefined],
    },
    { name: 'no scope', url: authorizeUrl({ scope: null }), fault: ['invalid_scope', 'scope', undefined] },
    {
      name: 'scopes joined by a space',
      url: authorizeUrl({ scope: 'user.info.basic user.info.profile' }),
      fault: ['invalid_scope', 'scope', undefined],
    },
    {
      name: 'one scope that is not approved',
      url: authorizeUrl({ scope: 'user.info.basic,research.data.basic' }),
      fault: ['invalid_scope', 'scope', undefined],
    },
    {
      name: 'desktop without a challenge',
      url: desktopAuthorizeUrl({ code_challenge: null, code_challenge_method: null }),
      fault: ['param_error', 'code_challenge', '10007'],
    },
    {
      name: 'desktop with plain',
      url: desktopAuthorizeUrl({ code_challenge_method: 'plain' }),
      fault: ['param_error', 'code_challenge_method', '10008'],
    },
    {
      name: 'web app that demands PKCE',
      url: authorizeUrl({ client_key: 'awpkce' }),
      fault: ['param_error', 'code_challenge', '10007'],
    },
  ]
  for (const { name, url, fault } of cases) {
    const [error, errorType, errCode] = fault
    test(`${name} → ${error}`, async () => {
      const emulator = start({ clients: [webClient, desktopClient, draft, strictWeb] })
      const reply = await open(emulator, url)
      const address = new URL(reply.headers.get('location') ?? '', url)
      expect(address.origin).toBe('https://www.tiktok.com')
      expect(address.searchParams.get('error')).toBe(error)
      expect(address.searchParams.get('error_type')).toBe(errorType)
      expect(address.searchParams.get('errCode') ?? undefined).toBe(errCode)
      expect(emulator.requests.at(-1)).toMatchObject({ endpoint: 'authorize', outcome: error })
      const page = await emulator.fetch(url)
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(await page.text()).toContain(errorType)
      const thrown = await emulator.consent(url).catch((failure: unknown) => failure)
      expect(thrown).toBeInstanceOf(EmulatorFaultError)
      expect(thrown).toMatchObject({ error, errorType, errCode })
    })
  }
})

test('requireChallengeMethod demands the method that TikTok’s SDKs leave out', async () => {
  const url = desktopAuthorizeUrl({ code_challenge_method: null })
  const emulator = start()
  expect((await emulator.consent(url)).searchParams.has('code')).toBe(true)
  emulator.setBehavior({ requireChallengeMethod: true })
  await expect(emulator.consent(url)).rejects.toMatchObject({ errCode: '10008' })
})

test('authorize takes any challenge text: base64url passes here', async () => {
  const url = desktopAuthorizeUrl({ code_challenge: base64url(verifier) })
  expect((await start().consent(url)).searchParams.has('code')).toBe(true)
})

test('redirectAllFaults calls a registered address back, and no other', async () => {
  const emulator = start({ behavior: { redirectAllFaults: true } })
  const callback = await emulator.consent(authorizeUrl({ scope: 'nonsense' }))
  expect(callback.href.startsWith(redirectUri)).toBe(true)
  expect(Object.fromEntries(callback.searchParams)).toMatchObject({
    error: 'invalid_scope',
    error_type: 'scope',
    state: 'state-1',
  })
  const elsewhere = authorizeUrl({ redirect_uri: 'https://elsewhere.example/' })
  await expect(emulator.consent(elsewhere)).rejects.toBeInstanceOf(EmulatorFaultError)
})

test('cancel comes back as access_denied, with the state', async () => {
  const emulator = start()
  const callback = await emulator.consent(authorizeUrl(), { cancel: true })
  expect(callback.searchParams.get('error')).toBe('access_denied')
  expect(callback.searchParams.get('error_description')).toBeTruthy()
  expect(callback.searchParams.get('state')).toBe('state-1')
  expect(callback.searchParams.has('code')).toBe(false)
  expect(emulator.requests.at(-1)).toMatchObject({ endpoint: 'consent', outcome: 'access_denied' })
})

test('a sandbox refuses who is not a target user, in the callback', async () => {
  const emulator = start({ clients: [{ ...webClient, sandbox: { targetUsers: ['mia.sommer'] } }] })
  const refused = await emulator.consent(authorizeUrl(), { user: 'noor' })
  expect(Object.fromEntries(refused.searchParams)).toMatchObject({
    error: 'access_denied',
    error_type: 'non_sandbox_target',
    state: 'state-1',
  })
  expect((await emulator.consent(authorizeUrl(), { user: 'mia' })).searchParams.has('code')).toBe(true)
})

test('a person may grant fewer scopes; callback and token say which', async () => {
  const emulator = start()
  const callback = await emulator.consent(authorizeUrl(), { scope: ['user.info.basic'] })
  expect(callback.searchParams.get('scopes')).toBe('user.info.basic')
  const { body } = await exchange(emulator, callback.searchParams.get('code') ?? '')
  expect(body.scope).toBe('user.info.basic')
  await expect(emulator.consent(authorizeUrl(), { scope: ['video.list'] })).rejects.toThrow(/video\.list/)
  await expect(emulator.consent(authorizeUrl(), { user: 'nobody' })).rejects.toThrow(/nobody/)
})

test('the state comes back unchanged, or not at all', async () => {
  const emulator = start()
  const state = 'a b&c=d%20+é*!\'"#'
  expect((await emulator.consent(authorizeUrl({ state }))).searchParams.get('state')).toBe(state)
  expect((await emulator.consent(authorizeUrl({ state: null }))).searchParams.has('state')).toBe(false)
})

test('every state comes back as it was', async () => {
  const emulator = start()
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (state) => {
      const callback = await emulator.consent(authorizeUrl({ state }))
      expect(callback.searchParams.get('state')).toBe(state)
    }),
    { numRuns: 50 },
  )
})

test('verifyWebChallenge refuses a method other than S256 from a web app too', async () => {
  const emulator = start()
  const url = authorizeUrl({ code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' })
  expect((await emulator.consent(url)).searchParams.get('code')).toBeTruthy()
  emulator.setBehavior({ verifyWebChallenge: true })
  await expect(emulator.consent(url)).rejects.toMatchObject({ errorType: 'code_challenge_method' })
  expect((await emulator.consent(authorizeUrl())).searchParams.get('code')).toBeTruthy()
})

test('codes need percent-encoding, unless plain ones are asked for', async () => {
  const emulator = start()
  const callback = await emulator.consent(authorizeUrl())
  expect(callback.href).toMatch(/code=[A-Za-z0-9]+%2A1%214608\.va&/)
  emulator.setBehavior({ plainCodes: true })
  expect((await emulator.consent(authorizeUrl())).searchParams.get('code')).toMatch(/^[A-Za-z0-9]+$/)
})

describe('a browser that is signed in and granted all of it before', () => {
  async function cookieOf(emulator: Emulator): Promise<string> {
    const listening = await emulator.listen()
    const page = await (
      await fetch(authorizeUrl().replace('https://www.tiktok.com', listening.origin))
    ).text()
    const request = /name="request"\s+value="([^"]+)"/.exec(page)?.[1] ?? ''
    const reply = await fetch(`${listening.origin}/_emulator/consent`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams([
        ['request', request],
        ['user', 'mia'],
        ['scope', 'user.info.profile'],
        ['decision', 'allow'],
      ]),
    })
    const code = new URL(reply.headers.get('location') ?? '').searchParams.get('code') ?? ''
    await exchange(emulator, code)
    await listening.close()
    return reply.headers.get('set-cookie')?.split(';')[0] ?? ''
  }

  test('skips the consent page, unless disable_auto_auth is 1, scopes are new or the app was removed', async () => {
    const emulator = start()
    const cookie = await cookieOf(emulator)
    const skips = async (changes: Record<string, string>) =>
      (await open(emulator, authorizeUrl(changes), cookie)).headers
        .get('location')
        ?.startsWith(redirectUri) ?? false
    expect(await skips({})).toBe(true)
    expect(await skips({ disable_auto_auth: '0' })).toBe(true)
    expect(await skips({ disable_auto_auth: '1' })).toBe(false)
    expect(await skips({ scope: 'user.info.basic,video.list' })).toBe(false)
    emulator.removeApp('mia', webClient.clientKey)
    expect(await skips({})).toBe(false)
    expect((await open(emulator, authorizeUrl())).status).toBe(200)
  })
})

test('ids: open_id differs by app, union_id by developer', async () => {
  const clients = [
    webClient,
    { ...webClient, clientKey: 'awweb2' },
    { ...webClient, clientKey: 'awweb3', developer: 'somebody else' },
  ]
  const emulator = start({ clients })
  await login(emulator, { user: 'mia' })
  const ids = await Promise.all(
    clients.map(async ({ clientKey }) => {
      const callback = await emulator.consent(authorizeUrl({ client_key: clientKey }), { user: 'mia' })
      await exchange(emulator, callback.searchParams.get('code') ?? '', { client_key: clientKey })
      const grant = emulator.grants.find((one) => one.clientKey === clientKey)
      return { openId: grant?.openId, unionId: grant?.unionId }
    }),
  )
  expect(new Set(ids.map(({ openId }) => openId)).size).toBe(3)
  expect(ids[0]?.unionId).toBe(ids[1]?.unionId)
  expect(ids[2]?.unionId).not.toBe(ids[0]?.unionId)
})

test('switches are checked when they are set', () => {
  const emulator = start()
  const wrong: Record<string, unknown> = { rotation: 'stricter' }
  expect(() => emulator.setBehavior(wrong)).toThrow(/behavior\.rotation/)
  expect(() => emulator.setBehavior({ rotation: { graceMs: -1 } })).toThrow(/behavior\.rotation/)
  const unknown: Partial<EmulatorBehavior> = JSON.parse('{"rotations":"strict"}')
  expect(() => start({ behavior: unknown })).toThrow(/behavior\.rotations: there is no such switch/)
})
