import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { request } from 'node:http'
import type { Emulator, ListeningEmulator } from '../src/index.ts'
import { authorizeUrl, exchange, login, redirectUri, start, userInfo, webClient } from './support.ts'

let emulator: Emulator
let listening: ListeningEmulator
beforeEach(async () => {
  emulator = start({ now: () => 1e12 })
  listening = await emulator.listen()
})
afterEach(() => listening.close())

const json = { accept: 'application/json' }

function submit(
  path: string,
  fields: Record<string, string> | [string, string][],
  headers: Record<string, string> = {},
) {
  const body = new URLSearchParams(fields)
  return fetch(listening.origin + path, { method: 'POST', redirect: 'manual', body, headers })
}

async function openConsent(url = authorizeUrl()): Promise<{ page: Response; html: string; id: string }> {
  const page = await fetch(url.replace('https://www.tiktok.com', listening.origin))
  const html = await page.text()
  return { page, html, id: /name="request"\s+value="([^"]+)"/.exec(html)?.[1] ?? '' }
}

describe('consent page', () => {
  test('is closed off, and lets its form lead to the app', async () => {
    const { page, html } = await openConsent()
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("form-action 'self' https://app.example.com;")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toMatch(/script-src 'nonce-[A-Za-z0-9]{24}';/)
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    expect(html).toContain('Web app')
    expect((await openConsent()).page.headers.get('content-security-policy')).not.toBe(policy)
  })

  test('allow leads to the callback, with the scopes left ticked and the one nobody can untick', async () => {
    const { id } = await openConsent()
    const reply = await submit('/_emulator/consent', { request: id, user: 'noor', decision: 'allow' })
    expect(reply.status).toBe(303)
    const callback = new URL(reply.headers.get('location') ?? '')
    expect(callback.origin + callback.pathname).toBe(redirectUri)
    expect(callback.searchParams.get('scopes')).toBe('user.info.basic')
    expect(reply.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Lax$/)
    const { body } = await exchange(emulator, callback.searchParams.get('code') ?? '')
    expect(body.scope).toBe('user.info.basic')
    expect(emulator.grants[0]?.userId).toBe('noor')
  })

  test('cancel leads to the callback with access_denied', async () => {
    const { id } = await openConsent()
    const reply = await submit('/_emulator/consent', { request: id, decision: 'cancel' })
    expect(new URL(reply.headers.get('location') ?? '').searchParams.get('error')).toBe('access_denied')
    expect(emulator.requests.at(-1)).toMatchObject({ endpoint: 'consent', outcome: 'access_denied' })
  })

  test('refuses what makes no sense', async () => {
    const { id } = await openConsent(authorizeUrl({ scope: 'video.list' }))
    const status = async (fields: Record<string, string>) =>
      (await submit('/_emulator/consent', { decision: 'allow', ...fields })).status
    expect(await status({ request: 'unknown', user: 'mia' })).toBe(400)
    expect(await status({ request: id, user: 'nobody', scope: 'video.list' })).toBe(400)
    expect(await status({ request: id, user: 'mia' })).toBe(400)
    expect(await status({ request: id, user: 'mia', scope: 'video.list' })).toBe(303)
  })
})

describe('dashboard', () => {
  test('shows itself at the root, closed off', async () => {
    for (const path of ['/', '/_emulator/']) {
      const page = await fetch(listening.origin + path)
      expect(page.status).toBe(200)
      expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(await page.text()).toContain('<!doctype html>')
    }
    expect((await fetch(`${listening.origin}/_emulator/nothing`)).status).toBe(404)
    expect((await submit('/_emulator/nothing', {})).status).toBe(404)
    expect((await fetch(`${listening.origin}/`, { method: 'DELETE' })).status).toBe(405)
  })

  test('its state has everything, and no token', async () => {
    const tokens = await login(emulator)
    emulator.advance(1000)
    emulator.faults.always('token', { kind: 'status', status: 503, grantType: 'refresh_token' })
    const reply = await fetch(`${listening.origin}/_emulator/state`)
    const text = await reply.text()
    expect(JSON.parse(text)).toMatchObject({
      origin: listening.origin,
      now: 1e12 + 1000,
      offsetMs: 1000,
      clients: [{ clientKey: webClient.clientKey, name: 'Web app', platform: 'web' }, {}],
      users: [{ id: 'mia', avatarUrl: '/_emulator/avatars/mia.svg' }, {}, {}],
      grants: [
        { openId: tokens.open_id, appName: 'Web app', accessExpiresAt: 1e12 + 7_200_000, rotations: 0 },
      ],
      requests: [
        { path: '/v2/auth/authorize/' },
        { endpoint: 'consent' },
        { endpoint: 'token', outcome: 'ok' },
      ],
      faults: [{ endpoint: 'token', kind: 'status', repeats: true }],
    })
    expect(text).not.toContain(tokens.access_token)
    expect(text).not.toContain(tokens.refresh_token)
    expect(text).not.toContain(webClient.clientSecret)
  })

  test('the clock goes forward', async () => {
    const reply = await submit('/_emulator/clock', { advanceMs: '7200000' })
    expect([reply.status, reply.headers.get('location')]).toEqual([303, '/'])
    expect(emulator.now()).toBe(1e12 + 7_200_000)
    for (const advanceMs of ['-1', '1.5', '', 'x']) {
      expect((await submit('/_emulator/clock', { advanceMs }, json)).status).toBe(400)
    }
  })

  test('users come and apps go', async () => {
    expect((await submit('/_emulator/users', { displayName: 'Ada', username: '' })).status).toBe(303)
    expect(emulator.users.list().at(-1)).toMatchObject({ displayName: 'Ada', username: 'ada' })
    const taken = await submit('/_emulator/users', { displayName: 'Ada', username: 'ada' }, json)
    expect([taken.status, await taken.json()]).toEqual([400, { error: expect.stringContaining('taken') }])
    const { access_token } = await login(emulator, { user: 'ada' })
    const user = emulator.users.list().at(-1)?.id ?? ''
    const gone = await submit('/_emulator/remove-app', { user, clientKey: webClient.clientKey }, json)
    expect([gone.status, await gone.json()]).toEqual([200, { ok: true }])
    expect((await userInfo(emulator, access_token)).status).toBe(401)
    expect((await submit('/_emulator/remove-app', { user, clientKey: webClient.clientKey })).status).toBe(400)
  })

  test('every kind of fault can be ordered, and cleared', async () => {
    const orders: [Record<string, string>, Record<string, unknown>][] = [
      [{ kind: 'drop_before' }, {}],
      [{ kind: 'drop_after' }, {}],
      [{ kind: 'hold', phase: 'after' }, { phase: 'after' }],
      [{ kind: 'delay', ms: '3000', phase: '' }, { ms: 3000 }],
      [
        { kind: 'status', status: '500', acts: 'true', body: 'x' },
        { status: 500, acts: true, body: 'x' },
      ],
      [{ kind: 'html' }, { status: 502 }],
      [
        { kind: 'redirect', location: '/x' },
        { status: 307, location: '/x' },
      ],
      [{ kind: 'oauth_error', error: 'invalid_grant' }, { error: 'invalid_grant' }],
      [{ kind: 'truncated', acts: 'false' }, { acts: false }],
      [{ kind: 'empty' }, {}],
      [{ kind: 'oversized', bytes: '5' }, { bytes: 5 }],
      [{ kind: 'trickle', intervalMs: '5' }, { intervalMs: 5 }],
      [{ kind: 'missing_field', field: 'a' }, { field: 'a' }],
      [
        { kind: 'set_field', field: 'a', value: '1' },
        { field: 'a', value: 1 },
      ],
      [
        { kind: 'set_field', field: 'a', value: 'x y' },
        { field: 'a', value: 'x y' },
      ],
    ]
    for (const [fields, expected] of orders) {
      const sent = { endpoint: 'token', repeats: 'on', grantType: 'refresh_token', ...fields }
      expect((await submit('/_emulator/faults', sent)).status).toBe(303)
      const state = await (await fetch(`${listening.origin}/_emulator/state`)).json()
      const detail = Object.entries({ ...expected, grantType: 'refresh_token' })
      expect(state.faults).toEqual([
        { endpoint: 'token', kind: fields.kind, repeats: true, detail: expect.any(String) },
      ])
      for (const [name, value] of detail) {
        expect(state.faults[0].detail).toContain(`${name}: ${JSON.stringify(value)}`)
      }
      expect((await submit('/_emulator/faults/clear', {})).status).toBe(303)
    }
  })

  test('an order that makes no sense names the field', async () => {
    const orders: [Record<string, string>, string][] = [
      [{ endpoint: 'nowhere', kind: 'empty' }, 'endpoint'],
      [{ endpoint: 'token', kind: 'nonsense' }, 'kind'],
      [{ endpoint: 'token', kind: 'status', status: '99' }, 'status'],
      [{ endpoint: 'token', kind: 'status', status: 'x' }, 'status'],
      [{ endpoint: 'token', kind: 'missing_field', field: '' }, 'field'],
      [{ endpoint: 'token', kind: 'redirect' }, 'location'],
    ]
    for (const [fields, name] of orders) {
      const reply = await submit('/_emulator/faults', fields, json)
      expect([reply.status, (await reply.json()).error.split(':')[0]]).toEqual([400, name])
    }
  })
})

describe('foreign pages in the same browser', () => {
  test('cannot press buttons', async () => {
    const status = async (headers: Record<string, string>) =>
      (await submit('/_emulator/clock', { advanceMs: '1' }, headers)).status
    expect(await status({ origin: 'https://evil.example' })).toBe(403)
    expect(await status({ origin: 'null' })).toBe(403)
    expect(await status({ origin: listening.origin.replace('127.0.0.1', 'localhost') })).toBe(403)
    expect(await status({ 'sec-fetch-site': 'cross-site', origin: listening.origin })).toBe(403)
    expect(await status({ 'sec-fetch-site': 'same-site' })).toBe(403)
    expect(emulator.now()).toBe(1e12)
    expect(await status({ origin: listening.origin })).toBe(303)
    expect(await status({ 'sec-fetch-site': 'same-origin', origin: 'null' })).toBe(303)
  })

  test('cannot read through a name that points here', async () => {
    const { port } = new URL(listening.origin)
    const statusFor = (host: string, path: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const call = request({ host: '127.0.0.1', port, path, headers: { host } }, (reply) => {
          reply.resume()
          resolve(reply.statusCode)
        })
        call.once('error', reject).end()
      })
    expect(await statusFor('evil.example', '/')).toBe(403)
    expect(await statusFor(`evil.example:${port}`, '/_emulator/state')).toBe(403)
    expect(await statusFor('127.0.0.1.evil.example', '/')).toBe(403)
    expect(await statusFor(`localhost:${port}`, '/_emulator/state')).toBe(200)
    expect(await statusFor(`[::1]:${port}`, '/')).toBe(200)
  })
})
