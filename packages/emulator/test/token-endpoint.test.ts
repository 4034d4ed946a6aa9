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
  post,
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
