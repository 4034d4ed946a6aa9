import { afterEach, describe, expect, test } from 'vitest'
import type { Emulator, Fault, ListeningEmulator } from '../src/index.ts'
import { authorizeUrl, login, post, refresh, start, token, userInfo, credentials } from './support.ts'

let listening: ListeningEmulator | undefined
afterEach(async () => {
  await listening?.close()
  listening = undefined
})

const liveRefreshToken = (emulator: Emulator) =>
  emulator.grants[0]?.tokens.find(({ kind, state }) => kind === 'refresh' && state === 'live')?.value

test('drop_before: nothing happened, the same refresh token still works', async () => {
  const emulator = start()
  const tokens = await login(emulator)
  emulator.faults.next('token', { kind: 'drop_before' })
  await expect(refresh(emulator, tokens.refresh_token)).rejects.toMatchObject({
    name: 'TypeError',
    message: 'fetch failed',
    cause: { code: 'ECONNRESET' },
  })
  expect(emulator.requests.at(-1)).toMatchObject({
    outcome: 'dropped_before',
    effect: undefined,
    status: undefined,
  })
  expect((await refresh(emulator, tokens.refresh_token)).body.error).toBeUndefined()
})

test('drop_after: the token was rotated and the reply is lost', async () => {
  const emulator = start()
  const tokens = await login(emulator)
  emulator.faults.next('token', { kind: 'drop_after' })
  await expect(refresh(emulator, tokens.refresh_token)).rejects.toThrow('fetch failed')
  expect(emulator.requests.at(-1)).toMatchObject({
    outcome: 'dropped_after',
    effect: 'ok',
    fault: 'drop_after',
  })
  expect((await refresh(emulator, tokens.refresh_token)).body.error).toBe('invalid_grant')
  expect((await refresh(emulator, liveRefreshToken(emulator))).body.error).toBeUndefined()
})

test('hold: two refreshes wait side by side, and exactly one wins', async () => {
  const emulator = start()
  const tokens = await login(emulator)
  const first = emulator.faults.next('token', { kind: 'hold' })
  const second = emulator.faults.next('token', { kind: 'hold' })
  const replies = [refresh(emulator, tokens.refresh_token), refresh(emulator, tokens.refresh_token)]
  await Promise.all([first.reached, second.reached])
  expect(emulator.requests.slice(-2).map((entry) => entry.outcome)).toEqual(['pending', 'pending'])
  second.release()
  first.release()
  const errors = (await Promise.all(replies)).map((reply) => reply.body.error)
  expect(errors.filter((error) => error === undefined)).toHaveLength(1)
  expect(errors.filter((error) => error === 'invalid_grant')).toHaveLength(1)
  expect(emulator.requests.slice(-2).filter((entry) => entry.replay)).toHaveLength(1)
})

test('hold after acting: the effect is there while the reply waits', async () => {
  const emulator = start()
  const tokens = await login(emulator)
  const hold = emulator.faults.next('token', { kind: 'hold', phase: 'after' })
  const reply = refresh(emulator, tokens.refresh_token)
  await hold.reached
  expect(emulator.grants[0]?.rotations).toBe(1)
  expect(emulator.requests.at(-1)).toMatchObject({ outcome: 'pending', effect: 'ok' })
  hold.release()
  expect((await reply).body.error).toBeUndefined()
})

test('an aborted call rejects with the reason of its signal, and the emulator still acts', async () => {
  const emulator = start()
  const tokens = await login(emulator)
  const hold = emulator.faults.next('token', { kind: 'hold' })
  const controller = new AbortController()
  const call = emulator.fetch('https://open.tiktokapis.com/v2/oauth/token/', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      ...credentials,
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
    }).toString(),
    signal: controller.signal,
  })
  await hold.reached
  const reason = new Error('enough')
  controller.abort(reason)
  await expect(call).rejects.toBe(reason)
  hold.release()
  await expect.poll(() => emulator.requests.at(-1)?.outcome).toBe('ok')
  expect((await refresh(emulator, tokens.refresh_token)).body.error).toBe('invalid_grant')
})

test('a call whose signal was aborted before never arrives', async () => {
  const emulator = start()
  const call = emulator.fetch('https://open.tiktokapis.com/v2/user/info/', { signal: AbortSignal.abort() })
  await expect(call).rejects.toMatchObject({ name: 'AbortError' })
  expect(emulator.requests).toEqual([])
})

test('delay: waits before acting, or after it', async () => {
  const emulator = start()
  for (const phase of ['before', 'after'] as const) {
    const delay = emulator.faults.next('user_info', { kind: 'delay', ms: 30, phase })
    const call = userInfo(emulator, 'act.unknown')
    await delay.reached
    expect(emulator.requests.at(-1)).toMatchObject({
      outcome: 'pending',
      effect: phase === 'after' ? 'access_token_invalid' : undefined,
    })
    expect((await call).status).toBe(401)
  }
})

describe('replies of another kind', () => {
  const cases: { fault: Fault; status: number; body: RegExp; acts: boolean; outcome?: string }[] = [
    { fault: { kind: 'status', status: 503, body: 'busy' }, status: 503, body: /^busy$/, acts: false },
    { fault: { kind: 'status', status: 500, acts: true }, status: 500, body: /^$/, acts: true },
    { fault: { kind: 'html' }, status: 502, body: /<h1>Bad gateway/, acts: false },
    { fault: { kind: 'html', status: 200, acts: true }, status: 200, body: /<h1>Bad gateway/, acts: true },
    { fault: { kind: 'empty' }, status: 200, body: /^$/, acts: true },
    { fault: { kind: 'oversized', bytes: 200_000 }, status: 200, body: /^.{200000}$/, acts: true },
    {
      fault: { kind: 'oauth_error', error: 'temporarily_unavailable' },
      status: 200,
      body: /"error":"temporarily_unavailable".*"log_id"/,
      acts: false,
      outcome: 'temporarily_unavailable',
    },
    {
      fault: { kind: 'missing_field', field: 'refresh_token' },
      status: 200,
      body: /^(?!.*"refresh_token").*"access_token"/,
      acts: true,
      outcome: 'ok',
    },
    {
      fault: { kind: 'set_field', field: 'expires_in', value: '7200' },
      status: 200,
      body: /"expires_in":"7200"/,
      acts: true,
      outcome: 'ok',
    },
  ]
  for (const { fault, status, body, acts, outcome } of cases) {
    test(`${fault.kind} ${JSON.stringify(fault)}`, async () => {
      const emulator = start()
      const { refresh_token } = await login(emulator)
      emulator.faults.next('token', fault)
      const reply = await emulator.fetch('https://open.tiktokapis.com/v2/oauth/token/', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ ...credentials, grant_type: 'refresh_token', refresh_token }).toString(),
      })
      expect(reply.status).toBe(status)
      expect(await reply.text()).toMatch(body)
      expect(emulator.grants[0]?.rotations).toBe(acts ? 1 : 0)
      expect(emulator.requests.at(-1)).toMatchObject({ outcome: outcome ?? fault.kind, fault: fault.kind })
    })
  }
})

test('oversized is ten megabytes unless told', async () => {
  const emulator = start()
  emulator.faults.next('user_info', { kind: 'oversized' })
  const reply = await emulator.fetch('https://open.tiktokapis.com/v2/user/info/')
  expect((await reply.arrayBuffer()).byteLength).toBe(10_000_000)
})

test('truncated: the body breaks off', async () => {
  const emulator = start()
  emulator.faults.next('user_info', { kind: 'truncated' })
  const reply = await emulator.fetch('https://open.tiktokapis.com/v2/user/info/?fields=open_id')
  await expect(reply.text()).rejects.toMatchObject({ name: 'TypeError', cause: { code: 'UND_ERR_SOCKET' } })
})

test('trickle: the body never ends, until the caller gives up', async () => {
  const emulator = start()
  emulator.faults.next('user_info', { kind: 'trickle', bytes: 3, intervalMs: 1 })
  const controller = new AbortController()
  const reply = await emulator.fetch('https://open.tiktokapis.com/v2/user/info/', {
    signal: controller.signal,
  })
  const reader = reply.body?.getReader()
  for (let chunk = 0; chunk < 3; chunk += 1) expect((await reader?.read())?.value).toHaveLength(3)
  controller.abort()
  await expect(reader?.read()).rejects.toMatchObject({ name: 'AbortError' })
})

test('redirect: not followed by hand, and followed it shows what was sent along', async () => {
  const emulator = start()
  const location = 'https://elsewhere.example/steal'
  emulator.faults.always('token', { kind: 'redirect', location })
  const url = 'https://open.tiktokapis.com/v2/oauth/token/'
  const body = 'client_secret=s'
  const manual = await emulator.fetch(url, { method: 'POST', body, redirect: 'manual' })
  expect([manual.status, manual.headers.get('location')]).toEqual([307, location])
  await expect(emulator.fetch(url, { method: 'POST', body, redirect: 'error' })).rejects.toThrow(
    'fetch failed',
  )
  const followed = await emulator.fetch(url, { method: 'POST', body })
  expect(followed).toMatchObject({ status: 404, redirected: true, url: location })
  expect(emulator.requests.at(-1)).toMatchObject({ url: location, parameters: { client_secret: 's' } })
})

test('faults strike one grant type only when told so', async () => {
  const emulator = start()
  emulator.faults.next('token', { kind: 'status', status: 500, grantType: 'refresh_token' })
  await login(emulator)
  expect((await token(emulator, { grant_type: 'client_credentials' })).status).toBe(200)
  await expect(refresh(emulator, 'rft.x')).resolves.toMatchObject({ status: 500 })
  expect((await refresh(emulator, 'rft.x')).status).toBe(200)
})

test('orders queue up; always stays until taken back or cleared', async () => {
  const emulator = start()
  const always = emulator.faults.always('user_info', { kind: 'status', status: 500 })
  emulator.faults.next('user_info', { kind: 'status', status: 501 })
  emulator.faults.next('user_info', { kind: 'status', status: 502 })
  const statuses = []
  const status = async () => (await emulator.fetch('https://open.tiktokapis.com/v2/user/info/')).status
  for (let call = 0; call < 4; call += 1) statuses.push(await status())
  always.cancel()
  statuses.push(await status())
  emulator.faults.next('user_info', { kind: 'status', status: 503 })
  emulator.faults.clear()
  statuses.push(await status())
  expect(statuses).toEqual([501, 502, 500, 500, 401, 401])
})

test('clear lets go whoever waits', async () => {
  const emulator = start()
  const hold = emulator.faults.next('user_info', { kind: 'hold' })
  const call = userInfo(emulator, 'act.unknown')
  await hold.reached
  emulator.faults.clear()
  expect((await call).status).toBe(401)
})

test('authorize, revoke and the other resources fail on demand too', async () => {
  const emulator = start()
  emulator.faults.next('authorize', { kind: 'oauth_error', error: 'server_error' })
  await expect(emulator.consent(authorizeUrl())).rejects.toMatchObject({ error: 'server_error' })
  emulator.faults.next('authorize', { kind: 'status', status: 503 })
  await expect(emulator.consent(authorizeUrl())).rejects.toThrow(/503/)
  emulator.faults.next('revoke', { kind: 'oauth_error', error: 'server_error' })
  expect((await post(emulator, '/v2/oauth/revoke/', {})).body.error).toBe('server_error')
  emulator.faults.next('user_info', { kind: 'oauth_error', error: 'access_token_invalid' })
  expect((await userInfo(emulator, 'act.x')).status).toBe(401)
  emulator.faults.next('api', { kind: 'oauth_error', error: 'internal_error' })
  expect(await post(emulator, '/v2/video/list/', {})).toMatchObject({
    status: 500,
    body: { data: {}, error: { code: 'internal_error' } },
  })
})

test('over a socket the connection is really cut', async () => {
  const emulator = start()
  listening = await emulator.listen()
  const url = `${listening.origin}/v2/user/info/?fields=open_id`
  for (const kind of ['drop_before', 'drop_after'] as const) {
    emulator.faults.next('user_info', { kind })
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  }
  emulator.faults.next('user_info', { kind: 'truncated' })
  await expect(fetch(url).then((reply) => reply.text())).rejects.toThrow('terminated')
  emulator.faults.next('user_info', { kind: 'trickle', intervalMs: 1 })
  const reply = await fetch(url, { signal: AbortSignal.timeout(50) })
  await expect(reply.text()).rejects.toMatchObject({ name: 'TimeoutError' })
  emulator.faults.next('user_info', { kind: 'oversized', bytes: 3_000_000 })
  expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(3_000_000)
  expect((await fetch(url)).status).toBe(401)
})
