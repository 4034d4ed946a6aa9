import { describe, expect, it } from 'vitest'
import { createSealer } from '../../src/sealer.ts'
import { createSessionCookie } from '../../src/session/session-cookie.ts'
import type { Session } from '../../src/session/session-cookie.ts'
import { newKey, web } from '../hosts.ts'

const hour = 3_600_000
const day = 24 * hour

function setUp(options: Parameters<typeof createSessionCookie>[2] = {}) {
  let time = Date.UTC(2026, 10, 1)
  const sealer = createSealer([{ id: 'k', key: newKey() }])
  const app = { clientKey: 'awkey', secure: true, now: () => time }
  return {
    sealer,
    app,
    cookies: createSessionCookie(sealer, app, options),
    pass: (ms: number) => (time += ms),
  }
}

const user = { openId: 'open-1', connectionId: 'connection-1' }
/** What a browser sends back. */
const sent = (header: string | undefined): string => String(header).split(';')[0] ?? ''

function found(session: Session | undefined): Session {
  if (session === undefined) throw new Error('Nobody is signed in.')
  return session
}

describe('a session', () => {
  it('says who is signed in, on which connection, and since when', async () => {
    const { cookies, app } = setUp()
    const { header, cookie } = await cookies.issue(user)
    expect(header).toMatch(
      /^__Host-tiktok-session-\w{6}=v1\.[\w.-]+; Path=\/; Max-Age=86400; HttpOnly; SameSite=Lax; Secure$/,
    )
    expect(cookie).toBe(sent(header))
    const time = app.now()
    expect(await cookies.read(`x=y; ${cookie}`)).toEqual({ ...user, issuedAt: time, lastSeenAt: time })
    const untied = await cookies.issue({ openId: 'open-1', connectionId: undefined })
    expect((await cookies.read(untied.cookie))?.connectionId).toBeUndefined()
  })

  it('ends when it was idle', async () => {
    const { cookies, pass } = setUp()
    const { cookie } = await cookies.issue(user)
    pass(day - 1)
    expect(await cookies.read(cookie)).toBeDefined()
    pass(1)
    expect(await cookies.read(cookie)).toBeUndefined()
  })

  it('ends after its lifetime however busy it was, whatever the browser keeps', async () => {
    const { cookies, pass } = setUp()
    let { cookie } = await cookies.issue(user)
    for (let hours = 0; hours < 7 * 24 - 12; hours += 12) {
      pass(12 * hour)
      const session = await cookies.read(cookie)
      const renewed = await cookies.renew(found(session))
      expect(renewed).toMatch(/Max-Age=(86400|43200);/)
      cookie = sent(renewed)
    }
    pass(12 * hour)
    expect(await cookies.read(cookie)).toBeUndefined()
  })

  it('is renewed only when a tenth of the idle time has passed', async () => {
    const { cookies, pass } = setUp({ idleMs: 10 * hour })
    const { cookie } = await cookies.issue(user)
    const session = found(await cookies.read(cookie))
    pass(hour)
    expect(await cookies.renew(session)).toBeUndefined()
    pass(1)
    expect(await cookies.renew(session)).toMatch(/Max-Age=36000;/)
  })

  it('is never idle longer than it lives', async () => {
    const { cookies, pass } = setUp({ lifetimeMs: hour })
    const { header } = await cookies.issue(user)
    expect(header).toContain('Max-Age=3600;')
    pass(hour)
    expect(await cookies.read(sent(header))).toBeUndefined()
  })

  it('from the future is none', async () => {
    const { cookies, pass } = setUp()
    const { cookie } = await cookies.issue(user)
    pass(-60_000)
    expect(await cookies.read(cookie)).toBeDefined()
    pass(-1)
    expect(await cookies.read(cookie)).toBeUndefined()
  })

  it('of another application is none, even under one secret and one name', async () => {
    const { sealer, app } = setUp()
    const options = { cookieName: 'sid' }
    const one = createSessionCookie(sealer, app, options)
    const other = createSessionCookie(sealer, { ...app, clientKey: 'awother' }, options)
    const { cookie } = await one.issue(user)
    expect(await one.read(cookie)).toBeDefined()
    expect(await other.read(cookie)).toBeUndefined()
  })

  it.each(['null', '{}', '[]', '[1,"c",1,1]', '["o","c","1",1]', '["o","c",1,null]', 'x'])(
    'sealed with other contents is none: %s',
    async (plaintext) => {
      const { sealer, app } = setUp({ cookieName: 'sid' })
      const cookies = createSessionCookie(sealer, app, { cookieName: 'sid' })
      const value = await sealer.seal(plaintext, { purpose: 'session', context: ['awkey'] })
      expect(await cookies.read(`sid=${value}`)).toBeUndefined()
    },
  )

  it('works where all crypto is asynchronous', async () => {
    const { app } = setUp()
    const cookies = createSessionCookie(createSealer([{ id: 'k', key: newKey() }], web), app)
    const { cookie } = await cookies.issue(user)
    expect(await cookies.read(cookie)).toMatchObject(user)
    expect(await cookies.read(`${cookie}A`)).toBeUndefined()
  })

  it('is removed by what set it', async () => {
    const { cookies } = setUp()
    const { header } = await cookies.issue(user)
    expect(cookies.clear()).toBe(header.replace(/=[^;]*/, '=').replace(/Max-Age=\d+/, 'Max-Age=0'))
  })
})

describe('options', () => {
  it.each<[string, object]>([
    ['session.lifetimeMs', { lifetimeMs: 0 }],
    ['session.lifetimeMs', { lifetimeMs: Number.NaN }],
    ['session.lifetimeMs', { lifetimeMs: Infinity }],
    ['session.idleMs', { idleMs: '1h' }],
    ['session.idleMs', { idleMs: -1 }],
    ['session.cookieName', { cookieName: 'a;b' }],
  ])('that cannot work are refused: %s', (name, options) => {
    expect(() => setUp(options)).toThrow(`\`${name}\``)
  })
})
