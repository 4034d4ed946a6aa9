import { describe, expect, test } from 'vitest'
import type { Emulator, EmulatorBehavior } from '../src/index.ts'
import {
  authorizeUrl,
  base64url,
  credentials,
  desktopAuthorizeUrl,
  desktopCredentials,
  desktopRedirectUri,
  exchange,
  hex,
  login,
  post,
  refresh,
  start,
  token,
  userInfo,
  verifier,
} from './support.ts'

const form = 'application/x-www-form-urlencoded'
const path = '/v2/oauth/token/'
const clientToken = { ...credentials, grant_type: 'client_credentials' }

describe('the form of the request', () => {
  test('the content type is exactly that of a form', async () => {
    const emulator = start()
    const error = async (type: string) => {
      const { body } = await post(emulator, path, clientToken, { 'content-type': type })
      return [body.error, body.error_description]
    }
    expect(await error(form)).toEqual([undefined, undefined])
    expect(await error(`${form};charset=UTF-8`)).toEqual([
      'invalid_request',
      'The request parameters are malformed.',
    ])
    expect(await error('application/json')).toEqual(['invalid_request', expect.stringContaining(form)])
    expect(await error(`${form}, ${form}`)).toEqual(['invalid_request', expect.stringContaining(form)])
  })

  test('what fetch sends by itself for URLSearchParams is refused', async () => {
    const emulator = start()
    const body = new URLSearchParams(clientToken)
    const reply = await emulator.fetch(`https://open.tiktokapis.com${path}`, { method: 'POST', body })
    expect(await reply.json()).toMatchObject({ error: 'invalid_request' })
    expect(emulator.requests.at(-1)?.headers['content-type']).toBe(`${form};charset=UTF-8`)
    const bare = await emulator.fetch(`https://open.tiktokapis.com${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': form },
    })
    expect(await bare.json()).toMatchObject({ token_type: 'Bearer' })
  })

  test('Basic credentials are refused', async () => {
    const basic = `Basic ${btoa(`${credentials.client_key}:${credentials.client_secret}`)}`
    const emulator = start()
    const grant = { grant_type: 'client_credentials' }
    expect((await post(emulator, path, grant, { authorization: basic })).body.error).toBe('invalid_request')
    expect((await post(emulator, path, clientToken, { authorization: basic })).body.error).toBe(
      'invalid_request',
    )
    emulator.setBehavior({ contentType: 'lenient' })
    expect((await post(emulator, path, grant, { authorization: basic })).body.error).toBeUndefined()
  })

  test('lenient takes a charset and JSON, and still no nonsense', async () => {
    const emulator = start({ behavior: { contentType: 'lenient' } })
    const send = async (type: string, body: string) => {
      const headers = { 'content-type': type }
      const reply = await emulator.fetch(`https://open.tiktokapis.com${path}`, {
        method: 'POST',
        headers,
        body,
      })
      return reply.json()
    }
    expect(await send(`${form};charset=UTF-8`, new URLSearchParams(clientToken).toString())).toHaveProperty(
      'access_token',
    )
    expect(await send('application/json', JSON.stringify(clientToken))).toHaveProperty('access_token')
    expect(await send('application/json', '{')).toMatchObject({ error: 'invalid_request' })
    expect(await send('application/json', 'null')).toMatchObject({ error: 'invalid_request' })
  })

  test('credentials count in the body only, under their own names, without white space', async () => {
    const emulator = start()
    const error = async (parameters: Record<string, string>, query = '') =>
      (await post(emulator, path + query, { grant_type: 'client_credentials', ...parameters })).body.error
    const { client_key, client_secret } = credentials
    expect(await error({}, `?${new URLSearchParams(credentials)}`)).toBe('invalid_request')
    expect(await error({ client_id: client_key, client_secret })).toBe('invalid_request')
    expect(await error({ client_key, client_secret: `${client_secret}\n` })).toBe('invalid_request')
    expect(await error({ client_key: ` ${client_key}`, client_secret })).toBe('invalid_request')
    expect(await error({ client_key, client_secret: 'wrong' })).toBe('invalid_client')
    expect(await error({ client_key: 'awother', client_secret })).toBe('invalid_client')
    const missing = await post(emulator, path, { client_key })
    expect(missing.body.error_description).toBe('Client secret is missed in request.')
  })

  test('a parameter sent twice is malformed', async () => {
    const emulator = start()
    const reply = await emulator.fetch(`https://open.tiktokapis.com${path}`, {
      method: 'POST',
      headers: { 'content-type': form },
      body: `${new URLSearchParams(clientToken)}&client_key=other`,
    })
    expect(await reply.json()).toMatchObject({ error: 'invalid_request' })
  })

  test('unknown grant types are refused', async () => {
    const emulator = start()
    expect((await token(emulator, { grant_type: 'password' })).body.error).toBe('unsupported_grant_type')
    expect((await token(emulator, {})).body.error).toBe('invalid_request')
  })

  test('the trailing slash matters, unless told otherwise', async () => {
    const emulator = start()
    const status = async (where: string) =>
      (await emulator.fetch(`https://open.tiktokapis.com${where}`, { method: 'POST' })).status
    expect(await status('/v2/oauth/token')).toBe(404)
    expect(emulator.requests.at(-1)).toMatchObject({ endpoint: 'unknown', outcome: 'not_found' })
    expect(await status('/v2/oauth/revoke')).toBe(404)
    emulator.setBehavior({ trailingSlash: 'lenient' })
    expect(await status('/v2/oauth/token')).toBe(200)
    expect(await status('/v2/oauth/token/')).toBe(200)
    expect(
      (await emulator.consent(authorizeUrl().replace('authorize/?', 'authorize?'))).searchParams.has('code'),
    ).toBe(true)
  })

  test('only POST', async () => {
    const reply = await start().fetch(`https://open.tiktokapis.com${path}`)
    expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'POST'])
  })
})

describe('errors', () => {
  test('come at status 200 with a log_id, and each reply carries x-tt-logid', async () => {
    const emulator = start({ now: () => Date.UTC(2026, 10, 5, 1, 2, 3) })
    const { status, headers, body } = await token(emulator, {
      grant_type: 'refresh_token',
      refresh_token: 'rft.x',
    })
    expect(status).toBe(200)
    expect(body).toEqual({
      error: 'invalid_grant',
      error_description: expect.any(String),
      log_id: expect.stringMatching(/^20261105010203[0-9A-F]{20}$/),
    })
    expect(headers.get('x-tt-logid')).toBe(body.log_id)
    expect(emulator.requests.at(-1)?.logId).toBe(body.log_id)
    expect((await token(emulator, { grant_type: 'client_credentials' })).headers.get('x-tt-logid')).toMatch(
      /^2026/,
    )
  })

  test('come at 400 and 401 when told so', async () => {
    const emulator = start({ behavior: { errorStatus: '4xx' } })
    const { client_key } = credentials
    expect((await token(emulator, { grant_type: 'refresh_token', refresh_token: 'rft.x' })).status).toBe(400)
    expect((await post(emulator, path, { client_key, client_secret: 'wrong' })).status).toBe(401)
  })
})

describe('the code', () => {
  async function newCode(emulator: Emulator): Promise<string> {
    return (await emulator.consent(authorizeUrl())).searchParams.get('code') ?? ''
  }

  test('works once', async () => {
    const emulator = start()
    const code = await newCode(emulator)
    expect((await exchange(emulator, code)).body.error).toBeUndefined()
    expect((await exchange(emulator, code)).body.error).toBe('invalid_grant')
    expect(emulator.requests.slice(-2).map(({ replay }) => replay)).toEqual([false, true])
  })

  test('is refused while still percent-encoded', async () => {
    const emulator = start()
    const callback = await emulator.consent(authorizeUrl())
    const raw = /code=([^&]+)/.exec(callback.search)?.[1] ?? ''
    expect((await exchange(emulator, raw)).body.error).toBe('invalid_grant')
    expect((await exchange(emulator, decodeURIComponent(raw))).body.error).toBeUndefined()
  })

  test('expires after five minutes, or when told', async () => {
    const emulator = start({ now: () => 1e12 })
    const code = await newCode(emulator)
    emulator.advance(5 * 60_000 - 1)
    const second = await newCode(emulator)
    emulator.advance(1)
    expect((await exchange(emulator, code)).body.error_description).toBe('Authorization code is expired.')
    expect((await exchange(emulator, second)).body.error).toBeUndefined()
    emulator.setBehavior({ codeLifetimeMs: 10 })
    const brief = await newCode(emulator)
    emulator.advance(10)
    expect((await exchange(emulator, brief)).body.error).toBe('invalid_grant')
  })

  test('is bound to its redirect URI and its app', async () => {
    const emulator = start()
    const code = await newCode(emulator)
    expect(
      (await exchange(emulator, code, { redirect_uri: 'https://app.example.com/auth/callback' })).body,
    ).toMatchObject({
      error: 'invalid_request',
      error_description: 'Redirect_uri is not matched with the uri when requesting code.',
    })
    expect((await exchange(emulator, code, desktopCredentials)).body.error).toBe('invalid_grant')
    expect((await exchange(emulator, code)).body.error).toBeUndefined()
  })
})

describe('PKCE', () => {
  type Behavior = Partial<EmulatorBehavior>
  async function tryVerifier(challenge: string, sent: string | undefined, behavior: Behavior = {}) {
    const emulator = start({ behavior })
    const callback = await emulator.consent(desktopAuthorizeUrl({ code_challenge: challenge }))
    const { body } = await post(emulator, path, {
      ...desktopCredentials,
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: desktopRedirectUri,
      ...(sent !== undefined && { code_verifier: sent }),
    })
    return body.error === undefined ? 'ok' : body.error_description
  }
  const refused = 'Code verifier or code challenge is invalid.'

  test('the challenge is lowercase hexadecimal', async () => {
    expect(hex(verifier)).toBe('e6a178b120743d08509508f269652b0bdf91e29332921bc9e9744fd3dd41bfef')
    expect(await tryVerifier(hex(verifier), verifier)).toBe('ok')
    expect(await tryVerifier(base64url(verifier), verifier)).toBe(refused)
    expect(await tryVerifier(hex(verifier).toUpperCase(), verifier)).toBe(refused)
    expect(await tryVerifier(verifier, verifier)).toBe(refused)
  })

  test('the verifier has to be there, be the right one and be well formed', async () => {
    expect(await tryVerifier(hex(verifier), undefined)).toBe(refused)
    expect(await tryVerifier(hex(verifier), `${verifier}x`)).toBe(refused)
    expect(await tryVerifier(hex('short'), 'short')).toBe(refused)
  })

  test('the encoding can be switched', async () => {
    expect(await tryVerifier(base64url(verifier), verifier, { challengeEncoding: 'base64url' })).toBe('ok')
    expect(await tryVerifier(hex(verifier), verifier, { challengeEncoding: 'base64url' })).toBe(refused)
    expect(await tryVerifier(base64url(verifier), verifier, { challengeEncoding: 'both' })).toBe('ok')
    expect(await tryVerifier(hex(verifier), verifier, { challengeEncoding: 'both' })).toBe('ok')
  })

  test('a web app’s needless challenge is ignored, or verified when told so', async () => {
    const emulator = start()
    const url = authorizeUrl({ code_challenge: base64url(verifier), code_challenge_method: 'S256' })
    const code = async () => (await emulator.consent(url)).searchParams.get('code') ?? ''
    expect((await exchange(emulator, await code())).body.error).toBeUndefined()
    emulator.setBehavior({ verifyWebChallenge: true })
    expect((await exchange(emulator, await code(), { code_verifier: verifier })).body.error).toBe(
      'invalid_request',
    )
    emulator.setBehavior({ challengeEncoding: 'base64url' })
    expect((await exchange(emulator, await code(), { code_verifier: verifier })).body.error).toBeUndefined()
  })
})

describe('refresh', () => {
  const outcome = async (emulator: Emulator, value: unknown) =>
    (await refresh(emulator, value)).body.error ?? 'ok'

  test('strict: a new refresh token each time, the old one dead at once', async () => {
    const emulator = start()
    const first = await login(emulator)
    const { body } = await refresh(emulator, first.refresh_token)
    expect(body).toMatchObject({ open_id: first.open_id, scope: 'user.info.basic,user.info.profile' })
    expect(body.refresh_token).not.toBe(first.refresh_token)
    expect(body.access_token).not.toBe(first.access_token)
    expect(await outcome(emulator, first.refresh_token)).toBe('invalid_grant')
    expect(await outcome(emulator, body.refresh_token)).toBe('ok')
  })

  test('of two at once exactly one wins', async () => {
    const emulator = start()
    const { refresh_token } = await login(emulator)
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => outcome(emulator, refresh_token)))
    expect(outcomes.filter((one) => one === 'ok')).toHaveLength(1)
    expect(outcomes.filter((one) => one === 'invalid_grant')).toHaveLength(4)
  })

  test('none: the old refresh token lives on', async () => {
    const emulator = start({ behavior: { rotation: 'none' } })
    const { refresh_token } = await login(emulator)
    const { body } = await refresh(emulator, refresh_token)
    expect(body.refresh_token).not.toBe(refresh_token)
    expect(await outcome(emulator, refresh_token)).toBe('ok')
    expect(await outcome(emulator, body.refresh_token)).toBe('ok')
  })

  test('same and omit: the token that was sent stays the one', async () => {
    const emulator = start({ behavior: { rotation: 'same' } })
    const { refresh_token } = await login(emulator)
    expect((await refresh(emulator, refresh_token)).body.refresh_token).toBe(refresh_token)
    emulator.setBehavior({ rotation: 'omit' })
    expect((await refresh(emulator, refresh_token)).body).not.toHaveProperty('refresh_token')
    expect(await outcome(emulator, refresh_token)).toBe('ok')
  })

  test('grace: the old one brings the same pair once more, for a while', async () => {
    const emulator = start({ behavior: { rotation: { graceMs: 10_000 } }, now: () => 1e12 })
    const { refresh_token } = await login(emulator)
    const { body } = await refresh(emulator, refresh_token)
    emulator.advance(9_000)
    const again = await refresh(emulator, refresh_token)
    expect(again.body).toMatchObject({ refresh_token: body.refresh_token, access_token: body.access_token })
    expect(again.body.expires_in).toBe(7191)
    emulator.advance(1_000)
    expect(await outcome(emulator, refresh_token)).toBe('invalid_grant')
    expect(await outcome(emulator, body.refresh_token)).toBe('ok')
  })

  test('grace with new_pair: each call brings its own', async () => {
    const emulator = start({ behavior: { rotation: { graceMs: 10_000, reply: 'new_pair' } } })
    const { refresh_token } = await login(emulator)
    const replies = await Promise.all([refresh(emulator, refresh_token), refresh(emulator, refresh_token)])
    const [one, two] = replies.map(({ body }) => body.refresh_token)
    expect(one).not.toBe(two)
    expect([await outcome(emulator, one), await outcome(emulator, two)]).toEqual(['ok', 'ok'])
  })

  test('reuse of a dead one costs nothing more, or the whole family', async () => {
    const emulator = start()
    const first = await login(emulator)
    const second = (await refresh(emulator, first.refresh_token)).body
    await refresh(emulator, first.refresh_token)
    const third = (await refresh(emulator, second.refresh_token)).body
    expect(third.error).toBeUndefined()
    emulator.setBehavior({ reuse: 'revoke_family' })
    const other = await login(emulator)
    expect(await outcome(emulator, first.refresh_token)).toBe('invalid_grant')
    expect(await outcome(emulator, third.refresh_token)).toBe('invalid_grant')
    expect((await userInfo(emulator, String(third.access_token))).status).toBe(401)
    expect((await userInfo(emulator, other.access_token)).status).toBe(200)
  })

  test('the old access token stays valid to its time, or dies at once', async () => {
    const emulator = start()
    const first = await login(emulator)
    const second = (await refresh(emulator, first.refresh_token)).body
    expect((await userInfo(emulator, first.access_token)).status).toBe(200)
    emulator.setBehavior({ oldAccessTokenAfterRefresh: 'dies' })
    const third = (await refresh(emulator, second.refresh_token)).body
    expect((await userInfo(emulator, first.access_token)).status).toBe(401)
    expect((await userInfo(emulator, String(third.access_token))).status).toBe(200)
  })

  test('restarts the refresh token’s life, or keeps the first deadline', async () => {
    const day = 86_400_000
    for (const refreshRestartsLife of [true, false]) {
      const emulator = start({ behavior: { refreshRestartsLife }, now: () => 1e12 })
      const { refresh_token } = await login(emulator)
      emulator.advance(10 * day)
      const { body } = await refresh(emulator, refresh_token)
      expect(body.refresh_expires_in).toBe((refreshRestartsLife ? 180 : 170) * 86_400)
      emulator.advance(175 * day)
      expect(await outcome(emulator, body.refresh_token)).toBe(refreshRestartsLife ? 'ok' : 'invalid_grant')
    }
  })

  test('lifetimes are what they are set to', async () => {
    const behavior = { accessTokenLifetimeMs: 86_400_000, refreshTokenLifetimeMs: 31_536_000_000 }
    const emulator = start({ behavior })
    const { refresh_token } = await login(emulator)
    const { body } = await refresh(emulator, refresh_token)
    expect(body).toMatchObject({ expires_in: 86_400, refresh_expires_in: 31_536_000 })
    emulator.advance(31_536_000_000)
    expect(await outcome(emulator, body.refresh_token)).toBe('invalid_grant')
  })

  test('another app cannot use the token, and does not harm it', async () => {
    const emulator = start()
    const { refresh_token } = await login(emulator)
    const foreign = { ...desktopCredentials, grant_type: 'refresh_token', refresh_token }
    expect((await post(emulator, path, foreign)).body.error).toBe('invalid_grant')
    expect(await outcome(emulator, refresh_token)).toBe('ok')
  })
})

test('client credentials: two hours, no refresh token, no user', async () => {
  const emulator = start()
  const { body } = await token(emulator, { grant_type: 'client_credentials' })
  expect(body).toEqual({
    access_token: expect.stringMatching(/^clt\./),
    expires_in: 7200,
    token_type: 'Bearer',
  })
  expect((await userInfo(emulator, String(body.access_token))).body).toMatchObject({
    error: { code: 'access_token_invalid' },
  })
})

describe('revoke', () => {
  const revoke = (emulator: Emulator, value: string, keys: Record<string, string> = credentials) =>
    post(emulator, '/v2/oauth/revoke/', { ...keys, token: value })

  test('kills every token of that user and app, and answers {}', async () => {
    const emulator = start()
    const one = await login(emulator, { user: 'mia' })
    const two = await login(emulator, { user: 'mia' })
    const other = await login(emulator, { user: 'noor' })
    expect(await revoke(emulator, one.access_token)).toMatchObject({ status: 200, body: {} })
    expect((await userInfo(emulator, two.access_token)).status).toBe(401)
    expect((await refresh(emulator, two.refresh_token)).body.error).toBe('invalid_grant')
    expect((await userInfo(emulator, other.access_token)).status).toBe(200)
    expect(emulator.grants.map(({ state }) => state)).toEqual(['removed', 'active'])
    await login(emulator, { user: 'mia' })
    expect(emulator.grants.map(({ state }) => state)).toEqual(['removed', 'active', 'active'])
  })

  test('the second time is fine, or an error when told so', async () => {
    const emulator = start()
    const { access_token } = await login(emulator)
    await revoke(emulator, access_token)
    expect((await revoke(emulator, access_token)).body.error).toBeUndefined()
    emulator.setBehavior({ secondRevoke: 'error' })
    expect((await revoke(emulator, access_token)).body.error).toBe('invalid_grant')
    expect((await revoke(emulator, 'act.unknown')).body.error).toBe('invalid_grant')
  })

  test('may answer nothing at all', async () => {
    const emulator = start({ behavior: { revokeReply: 'empty' } })
    const { access_token } = await login(emulator)
    const reply = await emulator.fetch('https://open.tiktokapis.com/v2/oauth/revoke/', {
      method: 'POST',
      headers: { 'content-type': form },
      body: new URLSearchParams({ ...credentials, token: access_token }).toString(),
    })
    expect([reply.status, await reply.text()]).toEqual([200, ''])
    expect(emulator.grants[0]?.state).toBe('removed')
  })

  test('wants a live access token of that very app', async () => {
    const emulator = start()
    const tokens = await login(emulator)
    expect((await revoke(emulator, tokens.refresh_token)).body.error).toBe('invalid_request')
    expect((await revoke(emulator, tokens.access_token, desktopCredentials)).body.error).toBe('invalid_grant')
    expect(
      (await revoke(emulator, tokens.access_token, { client_key: 'a', client_secret: 'b' })).body.error,
    ).toBe('invalid_client')
    emulator.advance(7_200_000)
    expect((await revoke(emulator, tokens.access_token)).body.error).toBe('invalid_grant')
    expect(emulator.grants[0]?.state).toBe('active')
  })

  test('ends a token of the app itself', async () => {
    const emulator = start({ behavior: { secondRevoke: 'error' } })
    const { body } = await token(emulator, { grant_type: 'client_credentials' })
    expect((await revoke(emulator, String(body.access_token))).body.error).toBeUndefined()
    expect((await revoke(emulator, String(body.access_token))).body.error).toBe('invalid_grant')
  })
})
