import {
  createHttpBrowser,
  listenForTest,
  logIn,
  register,
  startLogin,
  tokenRequests,
} from '@tiktok-auth/test-rig'
import { connect } from 'node:net'
import type { Fault } from '@tiktok-auth/emulator'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tiktokAuth } from '../src/index.ts'
import { serve, versions, type Rig } from './support/rig.ts'

const rejections: unknown[] = []
const note = (reason: unknown): void => void rejections.push(reason)
beforeEach(() => {
  rejections.length = 0
  process.on('unhandledRejection', note)
})
// oxlint-disable vitest/no-standalone-expect -- a check after every test
afterEach(async () => {
  // A rejection is reported one turn after it happened.
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', note)
  expect(rejections).toEqual([])
})

/** Whether somebody can still log in: the process lives and nothing was poisoned. */
async function stillWorks(rig: Rig): Promise<boolean> {
  const browser = rig.newBrowser()
  return (await logIn({ ...rig, browser })).status === 303
}

describe.each(versions)('bad input on %s', (_, express) => {
  test.each([
    ['nothing', ''],
    ['no state', '?code=a'],
    ['no code', '?state=STATE'],
    ['two codes', '?code=a&code=b&state=STATE'],
    ['two states', '?code=a&state=STATE&state=STATE'],
    ['code and error', '?code=a&error=access_denied&state=STATE'],
    ['state as a list', '?code=a&state[]=STATE'],
    ['state as an object', '?code=a&state[a]=STATE'],
    ['code as a list', '?code[]=a&state=STATE'],
    ['prototype keys', '?__proto__[x]=1&constructor[prototype][x]=1&code=a'],
    ['half an escape', '?code=%&state=%E0%A4%A'],
    ['no text', '?code=%00%ff&state=%00'],
    ['a code of 12 KiB', `?state=STATE&code=${'x'.repeat(12_000)}`],
    ['a state of 12 KiB', `?code=a&state=${'x'.repeat(12_000)}`],
    ['a thousand parameters', `?${'a=1&'.repeat(1000)}code=a`],
  ])('refuses a callback with %s', async (_name, query) => {
    const rig = await serve(express)
    const callback = await startLogin(rig)
    const state = new URLSearchParams(callback.split('?')[1]).get('state') ?? ''
    const answer = await rig.browser.open(`/auth/tiktok/callback${query.replaceAll('STATE', state)}`)
    expect(answer.status).toBe(400)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.cookies.filter((cookie) => /session/.test(cookie))).toEqual([])
    expect(tokenRequests(rig)).toBe(0)
    expect(({} as { x?: unknown }).x).toBeUndefined()
    expect(await stillWorks(rig)).toBe(true)
  })

  test('leaves a login alone that other methods than GET are tried on', async () => {
    const rig = await serve(express)
    const callback = await startLogin(rig)
    for (const method of ['HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'PROPFIND']) {
      const answer = await rig.browser.open(callback, { method })
      expect([method, answer.status]).toEqual([method, 405])
      expect(answer.cookies).toEqual([])
    }
    expect(tokenRequests(rig)).toBe(0)
    expect((await rig.browser.open(callback)).status).toBe(303)
  })

  test('refuses every cookie that is not exactly ours', async () => {
    const rig = await serve(express, {}, (app, tiktok) => {
      app.use(tiktok)
      app.get('/me', (req, res) => void res.json({ openId: req.tiktok.openId ?? null }))
    })
    await logIn(rig)
    const [name = '', value = ''] = [...rig.browser.cookies][0] ?? []
    const stranger = rig.newBrowser()
    // All but the last character, which may hold bits that mean nothing.
    for (let index = 0; index < value.length - 1; index += 5) {
      const flipped = value[index] === 'A' ? 'B' : 'A'
      stranger.cookies.set(name, value.slice(0, index) + flipped + value.slice(index + 1))
      const answer = await stranger.api('/me')
      expect([index, answer.json()]).toEqual([index, { openId: null }])
    }
    const start = await stranger.open('/auth/tiktok')
    const [transaction = ''] = start.cookies
    stranger.cookies.clear()
    stranger.cookies.set(name, transaction.split(';')[0]?.split('=')[1] ?? '')
    expect((await stranger.api('/me')).json()).toEqual({ openId: null })
  })

  test('refuses a session that a sibling domain has planted behind white space', async () => {
    const rig = await serve(express, {}, (app, tiktok) => {
      app.use(tiktok)
      app.get('/me', (req, res) => void res.json({ openId: req.tiktok.openId ?? null }))
    })
    await logIn(rig)
    const [name = '', value = ''] = [...rig.browser.cookies][0] ?? []
    // Browsers let any domain set this one: for them the name does not begin with `__Host-`.
    const victim = rig.newBrowser()
    victim.cookies.set(`\u00a0${name}`, value)
    expect((await victim.api('/me')).json()).toEqual({ openId: null })
    victim.cookies.set(name, value)
    expect((await victim.api('/me')).json()).not.toEqual({ openId: null })
  })

  test('refuses a login that a sibling domain has planted behind white space', async () => {
    const rig = await serve(express)
    const callback = await startLogin(rig)
    const victim = rig.newBrowser()
    for (const [name, value] of rig.browser.cookies) victim.cookies.set(`\u00a0${name}`, value)
    expect((await victim.open(callback)).status).toBe(400)
    expect(tokenRequests(rig)).toBe(0)
  })

  test('answers whatever is thrown at its routes, and lives', async () => {
    const rig = await serve(express)
    const text = fc.string({ unit: 'binary-ascii', maxLength: 60 })
    const path = fc.constantFrom('/auth/tiktok', '/auth/tiktok/callback', '/auth/tiktok/logout', '/')
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          path,
          query: text,
          method: fc.constantFrom('GET', 'POST', 'HEAD'),
          cookie: text,
          body: text,
        }),
        async ({ path: target, query, method, cookie, body }) => {
          const escaped = query.replaceAll(/[^!-~]/g, (character) => encodeURIComponent(character))
          const answer = await rig.browser.open(`${target}?${escaped.replaceAll('#', '')}`, {
            method,
            headers: {
              cookie: cookie.replaceAll(/[^ -~]/g, ''),
              'content-type': 'application/x-www-form-urlencoded',
            },
            ...(method === 'POST' && { body }),
          })
          expect(answer.status).toBeGreaterThanOrEqual(200)
          expect(answer.status).toBeLessThan(500)
        },
      ),
      { numRuns: 150 },
    )
    expect(await stillWorks(rig)).toBe(true)
  })

  test('survives request lines and bodies that no client of good faith sends', async () => {
    const rig = await serve(express)
    for (const raw of [
      'GET http://evil.example/auth/tiktok/callback?code=a&state=b HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n',
      'GET //evil.example/auth/tiktok HTTP/1.1\r\nhost: x\r\n\r\n',
      'GET /auth/tiktok/callback?code=%zz HTTP/1.1\r\nhost: x\r\n\r\n',
      `GET /auth/tiktok/callback?state=${'x'.repeat(64 * 1024)} HTTP/1.1\r\nhost: x\r\n\r\n`,
      'POST /auth/tiktok/logout HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc',
      `POST /auth/tiktok HTTP/1.1\r\nhost: x\r\nsec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${3 * 1024 * 1024}\r\n\r\n${'a'.repeat(2 * 1024 * 1024)}`,
      'OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n',
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(rig.port, '127.0.0.1', () => socket.write(raw))
        socket.on('data', () => socket.destroy())
        socket.on('error', () => resolve())
        socket.on('close', () => resolve())
        setTimeout(() => socket.destroy(), 300)
      })
    }
    expect(await stillWorks(rig)).toBe(true)
  })

  test('reflects nothing of TikTok’s words that a browser would run', async () => {
    const rig = await serve(express)
    const start = await rig.browser.open('/auth/tiktok')
    const state = new URL(start.location ?? '').searchParams.get('state') ?? ''
    const script = '<script>alert(1)</script>'
    const answer = await rig.browser.open(
      `/auth/tiktok/callback?${new URLSearchParams({ state, error: script, error_description: `"'>${script}` })}`,
    )
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.body).not.toContain('<script>')
  })
})

describe.each(versions)('a TikTok that misbehaves, on %s', (_, express) => {
  const faults: readonly Fault[] = [
    { kind: 'html', status: 200 },
    { kind: 'html', status: 502 },
    { kind: 'truncated' },
    { kind: 'empty' },
    { kind: 'oversized', bytes: 10_000_000 },
    { kind: 'redirect', location: 'http://127.0.0.1:1/' },
    { kind: 'oauth_error', error: 'server_error' },
    { kind: 'missing_field', field: 'access_token' },
    { kind: 'missing_field', field: 'refresh_token' },
    { kind: 'missing_field', field: 'open_id' },
    { kind: 'set_field', field: 'access_token', value: ['a'] },
    { kind: 'set_field', field: 'token_type', value: 'mac' },
    { kind: 'drop_before' },
    { kind: 'drop_after' },
  ]
  test.each(faults)(
    '$kind $field in place of a token: an error with its status, no session',
    async (fault) => {
      const rig = await serve(express)
      rig.emulator.faults.next('token', fault)
      const answer = await logIn(rig)
      expect([502, 503]).toContain(answer.status)
      expect(answer.cookies.filter((cookie) => /session/.test(cookie))).toEqual([])
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(await stillWorks(rig)).toBe(true)
    },
  )

  test.each(['7200', 'soon', -1, 0, null, 1e15])(
    'expires_in %j: a login, or a clear refusal',
    async (value) => {
      const rig = await serve(express, {}, (app, tiktok) => {
        app.use(tiktok)
        app.get(
          '/token',
          tiktok.requireLogin(),
          tiktok.handler(async (req, res) => void res.json(await req.tiktok.status())),
        )
      })
      rig.emulator.faults.next('token', { kind: 'set_field', field: 'expires_in', value })
      const answer = await logIn(rig)
      const { status } = await rig.browser.api('/token')
      expect([
        [303, 200],
        [502, 401],
      ]).toContainEqual([answer.status, status])
      expect(await stillWorks(rig)).toBe(true)
    },
  )

  test('that cannot be reached, or only over a real socket, with the adapter’s own transport', async () => {
    const { emulator, options } = register()
    const real = await emulator.listen()
    const { fetch: _emulated, ...rest } = { ...options, endpoints: real.endpoints }
    const app = express()
    app.use(tiktokAuth(rest))
    const browser = createHttpBrowser(await listenForTest(app))
    expect((await logIn({ browser, emulator })).status).toBe(303)
    expect(tokenRequests({ emulator })).toBe(1)

    const callback = await startLogin({ browser, emulator })
    await real.close()
    expect((await browser.open(callback)).status).toBe(503)
  })
})
