import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { createEmulator, EmulatorOptionsError, shortHash } from '../src/index.ts'
import type { ListeningEmulator } from '../src/index.ts'
import {
  authorizeUrl,
  desktopClient,
  exchange,
  hex,
  login,
  redirectUri,
  refresh,
  start,
  userInfo,
  verifier,
  webClient,
} from './support.ts'

let listening: ListeningEmulator | undefined
afterEach(async () => {
  await listening?.close()
  listening = undefined
})

test('a login from the authorization request to the profile, without sockets', async () => {
  const emulator = start()
  const callback = await emulator.consent(authorizeUrl(), { user: 'mia' })
  expect(callback.href.startsWith(`${redirectUri}?code=`)).toBe(true)
  expect(callback.searchParams.get('state')).toBe('state-1')
  expect(callback.searchParams.get('scopes')).toBe('user.info.basic,user.info.profile')
  const { status, body } = await exchange(emulator, callback.searchParams.get('code') ?? '')
  expect(status).toBe(200)
  expect(body).toMatchObject({
    expires_in: 7200,
    refresh_expires_in: 15_552_000,
    scope: 'user.info.basic,user.info.profile',
    token_type: 'Bearer',
  })
  const profile = await userInfo(emulator, String(body.access_token), 'open_id,display_name,username')
  expect(profile.body).toMatchObject({
    data: { user: { open_id: body.open_id, display_name: 'Mia Sommer', username: 'mia.sommer' } },
    error: { code: 'ok', message: '' },
  })
})

test('the journal tells who presented what, and what came of it', async () => {
  const emulator = start()
  const tokens = await login(emulator)
  await refresh(emulator, tokens.refresh_token)
  await refresh(emulator, tokens.refresh_token)
  const story = emulator.requests.map(({ endpoint, grantType, outcome, replay }) => ({
    endpoint,
    grantType,
    outcome,
    replay,
  }))
  expect(story).toEqual([
    { endpoint: 'authorize', grantType: undefined, outcome: 'ok', replay: false },
    { endpoint: 'consent', grantType: undefined, outcome: 'ok', replay: false },
    { endpoint: 'token', grantType: 'authorization_code', outcome: 'ok', replay: false },
    { endpoint: 'token', grantType: 'refresh_token', outcome: 'ok', replay: false },
    { endpoint: 'token', grantType: 'refresh_token', outcome: 'invalid_grant', replay: true },
  ])
  const last = emulator.requests.at(-1)
  expect(last).toMatchObject({
    clientKey: webClient.clientKey,
    openId: tokens.open_id,
    grantId: emulator.grants[0]?.id,
    presented: shortHash(tokens.refresh_token),
    status: 200,
    effect: 'invalid_grant',
    parameters: { refresh_token: tokens.refresh_token },
  })
})

test('an entry stands in the journal before its request is decided', async () => {
  const emulator = start()
  const seen: string[] = []
  const stop = emulator.onRequest((entry) => seen.push(`${entry.endpoint} ${entry.outcome}`))
  await userInfo(emulator, 'act.unknown')
  stop()
  await userInfo(emulator, 'act.unknown')
  expect(seen).toEqual(['user_info pending', 'user_info access_token_invalid'])
})

test('it listens on a free loopback port, and its endpoints follow', async () => {
  const emulator = start()
  expect(emulator.endpoints.tokenEndpoint).toBe('https://open.tiktokapis.com/v2/oauth/token/')
  listening = await emulator.listen()
  expect(listening.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(emulator.endpoints).toEqual(listening.endpoints)
  expect(emulator.endpoints).toEqual({
    authorizationEndpoint: `${listening.origin}/v2/auth/authorize/`,
    tokenEndpoint: `${listening.origin}/v2/oauth/token/`,
    revocationEndpoint: `${listening.origin}/v2/oauth/revoke/`,
    qrCodeEndpoint: `${listening.origin}/v2/oauth/get_qrcode/`,
    qrCodeStatusEndpoint: `${listening.origin}/v2/oauth/check_qrcode/`,
    apiOrigin: listening.origin,
  })
  const reply = await fetch(`${listening.origin}/v2/user/info/?fields=open_id`)
  expect(reply.status).toBe(401)
  await listening.close()
  expect(emulator.endpoints.apiOrigin).toBe('https://open.tiktokapis.com')
})

test('a port that is taken is reported', async () => {
  const emulator = start()
  listening = await emulator.listen()
  const port = Number(new URL(listening.origin).port)
  await expect(start().listen({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test('the clock moves everything, and never back', async () => {
  let base = 1_800_000_000_000
  const emulator = start({ now: () => base })
  const tokens = await login(emulator)
  emulator.advance(7_199_000)
  expect((await userInfo(emulator, tokens.access_token)).status).toBe(200)
  base += 1000
  expect(emulator.now()).toBe(1_800_007_200_000)
  expect((await userInfo(emulator, tokens.access_token)).status).toBe(401)
  expect(() => emulator.advance(-1)).toThrow(RangeError)
})

test('whoever consents must have an account, and is told how to get one', async () => {
  const emulator = start()
  await expect(emulator.consent(authorizeUrl(), { user: 'ada' })).rejects.toThrow(
    /username ada; .*users\.add/,
  )
  emulator.users.add({ id: 'ada', displayName: 'Ada' })
  expect((await emulator.consent(authorizeUrl(), { user: 'ada' })).searchParams.has('code')).toBe(true)
  await expect(start({ users: [] }).consent(authorizeUrl())).rejects.toThrow(/no user at all; .*users\.add/)
})

test('a removed app loses every token', async () => {
  const emulator = start()
  const tokens = await login(emulator, { user: 'noor' })
  emulator.removeApp('noor', webClient.clientKey)
  expect((await userInfo(emulator, tokens.access_token)).body).toMatchObject({
    data: {},
    error: { code: 'access_token_invalid' },
  })
  expect((await refresh(emulator, tokens.refresh_token)).body).toMatchObject({ error: 'invalid_grant' })
  expect(emulator.grants).toMatchObject([{ state: 'removed', userId: 'noor' }])
  expect(() => emulator.removeApp('noor', webClient.clientKey)).toThrow(RangeError)
})

test('grants show which tokens live', async () => {
  const emulator = start()
  const tokens = await login(emulator)
  const { body } = await refresh(emulator, tokens.refresh_token)
  expect(emulator.grants[0]).toMatchObject({ rotations: 1, state: 'active', openId: tokens.open_id })
  expect(emulator.grants[0]?.tokens.map(({ kind, value, state }) => ({ kind, value, state }))).toEqual([
    { kind: 'refresh', value: tokens.refresh_token, state: 'consumed' },
    { kind: 'access', value: tokens.access_token, state: 'live' },
    { kind: 'refresh', value: body.refresh_token, state: 'live' },
    { kind: 'access', value: body.access_token, state: 'live' },
  ])
})

test('users can be added, under names of their own', () => {
  const emulator = start({ users: [] })
  const ada = emulator.users.add({ displayName: 'Ada L.' })
  expect(ada).toMatchObject({ username: 'ada.l', displayName: 'Ada L.' })
  expect(emulator.users.add({ displayName: 'Ada L.' }).username).toBe('ada.l.2')
  expect(emulator.users.list()).toHaveLength(2)
  expect(() => emulator.users.add({ displayName: ' ' })).toThrow(EmulatorOptionsError)
  expect(() => emulator.users.add({ displayName: 'Ada', username: 'ada.l' })).toThrow(/taken/)
})

test('options that TikTok would not register are refused, each by name', () => {
  const refused = (changes: object) => () => createEmulator({ clients: [{ ...webClient, ...changes }] })
  expect(refused({ clientKey: '' })).toThrow(/clients\[0\]\.clientKey/)
  expect(refused({ clientSecret: 'a b' })).toThrow(/clients\[0\]\.clientSecret: remove the white space/)
  expect(refused({ platform: 'ios' })).toThrow(/clients\[0\]\.platform/)
  expect(refused({ redirectUris: ['http://app.example.com/'] })).toThrow(
    /clients\[0\]\.redirectUris\[0\]: use https/,
  )
  expect(() => createEmulator({ clients: [webClient, webClient] })).toThrow(/clients\[1\]\.clientKey/)
})

test('the callback reaches an app over a socket as it left', async () => {
  const emulator = start()
  listening = await emulator.listen()
  const { authorizationEndpoint } = listening.endpoints
  const seen = new Promise<IncomingMessage>((resolve) => {
    const app = createServer((incoming, outgoing) => {
      outgoing.end()
      app.close()
      resolve(incoming)
    })
    app.listen(0, '127.0.0.1', async () => {
      const address = app.address()
      const port = typeof address === 'object' ? address?.port : undefined
      const url = new URL(authorizationEndpoint)
      url.search = new URLSearchParams({
        client_key: desktopClient.clientKey,
        response_type: 'code',
        scope: 'user.info.basic',
        redirect_uri: `http://127.0.0.1:${port}/callback/`,
        code_challenge: hex(verifier),
      }).toString()
      await fetch(await emulator.consent(url))
    })
  })
  expect((await seen).url).toMatch(
    /^\/callback\/\?code=[A-Za-z0-9]+%2A1%214608\.va&scopes=user\.info\.basic$/,
  )
})
