import { describe, expect, test } from 'vitest'
import type { TokenSet } from '../../src/index.ts'
import { oauthError, openId, tokenSet } from './fake-tiktok.ts'
import type { Rig } from './virtual.ts'
import { rig } from './virtual.ts'

const hour = 3_600_000

async function connect(on: Rig, leftMs = hour): Promise<TokenSet> {
  const login = tokenSet({ issuedAt: on.now() - 2 * hour + leftMs })
  await on.after(0, on.tokens.save(login))
  return login
}

describe('revoke', () => {
  test.each([
    ['accepts', async () => {}, 'revoked'],
    ['refuses', () => Promise.reject(oauthError('invalid_request')), 'failed'],
    ['is broken', () => Promise.reject(new TypeError('down')), 'failed'],
  ] as const)('removes the grant here when TikTok %s', async (_name, answer, remote) => {
    const on = rig()
    await connect(on)
    on.fake.answerRevoke = answer
    expect(await on.after(0, on.tokens.revoke(openId))).toEqual({ remote })
    expect(on.store.record()).toMatchObject({ v: 1, removed: { by: 'revoke' } })
    expect(JSON.stringify(on.store.record())).not.toMatch(/act\.|rft\./)
    await expect(on.after(0, on.tokens.get(openId))).rejects.toMatchObject({ reason: 'no_grant' })
    expect(on.events).toEqual([{ type: 'revoked', openId, remote }])
  })

  test('is idempotent: unknown users, twice, twice at once', async () => {
    const on = rig()
    expect(await on.after(0, on.tokens.revoke('nobody'))).toEqual({ remote: 'nothing_to_revoke' })
    await connect(on)
    const both = await on.after(0, Promise.all([on.tokens.revoke(openId), on.tokens.revoke(openId)]))
    expect(both).toEqual([{ remote: 'revoked' }, { remote: 'revoked' }])
    expect(await on.after(0, on.tokens.revoke(openId))).toEqual({ remote: 'nothing_to_revoke' })
    expect(on.fake.revoked).toHaveLength(1)
  })

  test('refreshes an expired access token first, because TikTok wants a living one', async () => {
    const on = rig()
    const login = await connect(on, -1)
    expect(await on.after(0, on.tokens.revoke(openId))).toEqual({ remote: 'revoked' })
    expect(on.fake.sent).toEqual([login.refreshToken])
    expect(on.fake.revoked).not.toContain(login.accessToken)
  })

  test('tries the expired one when that refresh fails', async () => {
    const on = rig()
    const login = await connect(on, -1)
    on.fake.replies.push(() => Promise.reject(oauthError('invalid_grant')))
    await on.after(0, on.tokens.revoke(openId))
    expect(on.fake.revoked).toEqual([login.accessToken])
  })

  test('does not refresh what TikTok has refused', async () => {
    const on = rig()
    await connect(on, -1)
    on.fake.replies.push(() => Promise.reject(oauthError('invalid_grant')))
    await on.after(
      1_000,
      on.tokens.get(openId).catch(() => undefined),
    )
    await on.after(2000, on.tokens.revoke(openId))
    expect(on.fake.sent).toHaveLength(1)
    expect(on.store.record()).toHaveProperty('removed')
  })

  test('waits for a refresh of this process and revokes what it brought', async () => {
    const on = rig()
    await connect(on, -1)
    const next = tokenSet({ issuedAt: on.now() })
    on.fake.replies.push(() => new Promise((resolve) => on.world.schedule(3_000, () => resolve(next))))
    const call = on.tokens.get(openId).catch((error: unknown) => error)
    await on.pass(1)
    const revoked = on.tokens.revoke(openId)
    await on.pass(1)
    // Its use stops at once, even here.
    await expect(on.after(0, on.tokens.get(openId))).rejects.toMatchObject({ reason: 'no_grant' })
    expect(await on.after(4_000, revoked)).toEqual({ remote: 'revoked' })
    expect(on.fake.revoked).toEqual([next.accessToken])
    await call
  })

  test('waits one lease at most for a process that died, and a late answer does not bring the grant back', async () => {
    const on = rig()
    await connect(on, -1)
    const next = tokenSet({ issuedAt: on.now() })
    on.fake.replies.push(() => new Promise((resolve) => on.world.schedule(100_000, () => resolve(next))))
    void on.tokens.get(openId).catch(() => undefined)
    await on.pass(10_000)
    const other = on.another()
    const revoked = other.tokens.revoke(openId)
    await on.pass(29_000)
    expect(on.fake.revoked).toEqual([])
    expect(await on.after(3_000, revoked)).toEqual({ remote: 'revoked' })
    await on.pass(100_000)
    expect(on.store.record()).toHaveProperty('removed')
  })

  test('leaves a login that came meanwhile alone', async () => {
    const on = rig()
    await connect(on)
    const relogin = tokenSet({ issuedAt: on.now() })
    on.fake.answerRevoke = async () => {
      await on.tokens.save(relogin)
    }
    await on.after(0, on.tokens.revoke(openId))
    expect((await on.after(0, on.tokens.get(openId))).accessToken).toBe(relogin.accessToken)
  })

  test('leaves a tombstone even where the row has vanished meanwhile', async () => {
    const on = rig()
    await connect(on)
    on.fake.answerRevoke = async () => on.store.rows.clear()
    await on.after(0, on.tokens.revoke(openId))
    expect(on.store.record()).toHaveProperty('removed')
  })

  test('when the store fails at the end, the grant is out of use and a second call ends it', async () => {
    const on = rig()
    await connect(on)
    on.fake.answerRevoke = async () => void on.store.failing.push('replace')
    await expect(on.after(0, on.tokens.revoke(openId))).rejects.toMatchObject({ code: 'store' })
    await expect(on.after(0, on.tokens.get(openId))).rejects.toMatchObject({ reason: 'no_grant' })
    expect(await on.after(0, on.tokens.status(openId))).toMatchObject({
      state: 'needs_login',
      cause: 'revoked',
    })
    on.fake.answerRevoke = async () => {}
    expect(await on.after(32_000, on.tokens.revoke(openId))).toEqual({ remote: 'revoked' })
    expect(on.store.record()).toHaveProperty('removed')
  })
})

describe('save', () => {
  test('keeps the connection while the grant lives on and renews its time', async () => {
    const on = rig()
    const first = await on.after(0, on.tokens.save(tokenSet({ issuedAt: on.now() })))
    const { connection } = on.store.record() as { connection: { at: number } }
    await on.pass(1_000)
    const second = await on.after(0, on.tokens.save(tokenSet({ issuedAt: on.now() })))
    expect(second.connectionId).toBe(first.connectionId)
    expect(on.store.record()).toMatchObject({ connection: { at: connection.at + 1_000 } })
  })

  test('begins a new connection after a removal, and sessions of the old one stay out', async () => {
    const on = rig()
    const first = await on.after(0, on.tokens.save(tokenSet({ issuedAt: on.now() })))
    await on.after(0, on.tokens.revoke(openId))
    const second = await on.after(0, on.tokens.save(tokenSet({ issuedAt: on.now() })))
    const [was, is] = [first.connectionId ?? '', second.connectionId ?? '']
    expect(is).not.toBe(was)
    await on.after(0, on.tokens.get(openId, { connectionId: is }))
    await expect(on.after(0, on.tokens.get(openId, { connectionId: was }))).rejects.toMatchObject({
      code: 'reauthorization_required',
      reason: 'signed_out',
    })
  })

  test('replaces claims, back-offs, refusals and revocations', async () => {
    const on = rig()
    await connect(on, -1)
    const marks = {
      claim: { id: 'x', leaseMs: 30_000 },
      retry: { failures: 2, code: 'network', delayMs: 9 },
      rejected: { at: 1 },
      ambiguous: true,
      revoking: true,
    }
    const [[key, row] = []] = on.store.rows
    if (key === undefined || row === undefined) throw new Error('no row')
    const value = JSON.stringify({ ...on.store.record(), ...marks })
    on.store.rows.set(key, { ...row, entry: { ...row.entry, value } })
    const login = await connect(on)
    expect(Object.keys(on.store.record()).sort()).toEqual(['connection', 'tokenSet', 'v'])
    expect(await on.after(0, on.tokens.get(openId))).toEqual(login)
  })

  test.each([
    ['text', 'not JSON at all'],
    ['a list', '[]'],
    ['a newer version', '{"v":2,"tokenSet":{}}'],
    ['half a grant', '{"v":1,"tokenSet":{}}'],
    ['a claim that makes no sense', 'claim'],
    ['half a tombstone', '{"v":1,"removed":{"at":1}}'],
    ['a tombstone of a list', '{"v":1,"removed":[]}'],
    ['a tombstone by nobody', '{"v":1,"removed":{"at":1,"connection":"c","by":"x"}}'],
  ])(
    'replaces a row that holds %s; until then it is a typed error, never a missing grant',
    async (_name, value) => {
      const on = rig()
      await connect(on)
      const [[key, row] = []] = on.store.rows
      if (key === undefined || row === undefined) throw new Error('no row')
      const broken = value === 'claim' ? JSON.stringify({ ...on.store.record(), claim: 7 }) : value
      on.store.rows.set(key, { ...row, entry: { ...row.entry, value: broken } })
      const failure: unknown = await on.after(
        0,
        on.tokens.get(openId).catch((error: unknown) => error),
      )
      expect(failure).toMatchObject({ code: 'store', revision: row.entry.revision })
      expect(String(failure)).not.toContain('not JSON at all')
      expect(on.events).toMatchObject([{ type: 'row_unreadable', openId }])
      const login = await connect(on)
      expect(await on.after(0, on.tokens.get(openId))).toEqual(login)
    },
  )

  test('tells when a login has fewer scopes than before', async () => {
    const on = rig()
    await on.after(0, on.tokens.save(tokenSet({ scope: ['user.info.basic', 'video.list'] })))
    await on.after(0, on.tokens.save(tokenSet({ scope: ['user.info.basic'] })))
    expect(on.events).toEqual([{ type: 'scope_reduced', openId, missing: ['video.list'] }])
  })

  test('a store that refuses every write is an error, not an endless loop', async () => {
    const on = rig()
    on.store.insert = async () => false
    await expect(on.after(0, on.tokens.save(tokenSet()))).rejects.toMatchObject({ code: 'store' })
  })

  test.each([
    undefined,
    null,
    {},
    [],
    'text',
    { ...tokenSet(), scope: 'video.list' },
    { ...tokenSet(), refreshToken: '' },
  ])('refuses what is no token set', async (value) => {
    const on = rig()
    await expect(on.after(0, on.tokens.save(value as TokenSet))).rejects.toMatchObject({
      code: 'configuration',
      option: 'tokenSet',
    })
  })
})

describe('a lost acknowledgement', () => {
  test('is found out by reading: the write won', async () => {
    const on = rig()
    const { insert } = on.store
    on.store.insert = async (key, entry) => {
      await insert(key, entry)
      throw new Error('connection lost')
    }
    const login = tokenSet({ issuedAt: on.now() })
    await on.after(0, on.tokens.save(login))
    expect(await on.after(0, on.tokens.get(openId))).toEqual(login)
  })

  test('of a write that a driver sent twice, too', async () => {
    const on = rig()
    await connect(on, -1)
    const { replace } = on.store
    on.store.replace = async (key, expected, entry) => {
      await replace(key, expected, entry)
      return replace(key, expected, entry)
    }
    await on.after(0, on.tokens.get(openId))
    expect(on.fake.sent).toHaveLength(1)
    expect(on.store.record()).not.toHaveProperty('claim')
  })

  test('that cannot be found out is the error of the write', async () => {
    const on = rig()
    on.store.insert = async () => {
      on.store.failing.push('read')
      throw new Error('no disk')
    }
    await expect(on.after(0, on.tokens.save(tokenSet()))).rejects.toMatchObject({
      code: 'store',
      operation: 'insert',
      cause: { message: 'no disk' },
    })
  })
})

describe('times of a row', () => {
  const day = 24 * hour
  function row(on: Rig): { expiresAt: number; dueAt: number } {
    const [found] = on.store.rows.values()
    if (found === undefined) throw new Error('no row')
    return found.entry
  }

  test('a healthy grant is kept 30 days past its deadline and due at half its life', async () => {
    const on = rig()
    const now = on.now()
    await on.after(0, on.tokens.save(tokenSet({ issuedAt: now, refreshTokenExpiresAt: now + 180 * day })))
    expect(row(on)).toMatchObject({ expiresAt: now + 210 * day, dueAt: now + 90 * day })
  })

  test('without a deadline 400 days, due after 30', async () => {
    const on = rig()
    const now = on.now()
    await on.after(0, on.tokens.save(tokenSet({ issuedAt: now, refreshTokenExpiresAt: undefined })))
    expect(row(on)).toMatchObject({ expiresAt: now + 400 * day, dueAt: now + 30 * day })
  })

  test('with a passed deadline still 30 days', async () => {
    const on = rig()
    const now = on.now()
    await on.after(0, on.tokens.save(tokenSet({ issuedAt: now, refreshTokenExpiresAt: now - 90 * day })))
    expect(row(on).expiresAt).toBe(now + 30 * day)
  })

  test("with keepFresh: 'access' it is due before the access token ends", async () => {
    const on = rig({ keepFresh: 'access' })
    const now = on.now()
    await on.after(0, on.tokens.save(tokenSet({ issuedAt: now, expiresAt: now + 2 * hour })))
    expect(row(on).dueAt).toBe(now + 2 * hour - 300_000)
    await on.after(0, on.tokens.save(tokenSet({ issuedAt: now, expiresAt: undefined })))
    expect(row(on).dueAt).toBe(now + 90 * day)
  })

  test('a tombstone is kept for a week and never due', async () => {
    const on = rig()
    const now = on.now()
    await connect(on)
    await on.after(0, on.tokens.revoke(openId))
    expect(row(on)).toMatchObject({ expiresAt: now + 7 * day, dueAt: Number.MAX_SAFE_INTEGER })
  })

  test('a claim is due at its end, a refused grant never', async () => {
    const on = rig()
    await connect(on, -1)
    on.fake.replies.push(() => new Promise(() => {}))
    void on.tokens.get(openId).catch(() => undefined)
    await on.pass(1)
    expect(row(on).dueAt - on.now()).toBeGreaterThan(29_990)
    await on.pass(200_000)
    on.fake.replies.push(() => Promise.reject(oauthError('invalid_grant')))
    await on.after(
      30_000,
      on.tokens.get(openId).catch(() => undefined),
    )
    expect(row(on).dueAt).toBe(Number.MAX_SAFE_INTEGER)
  })
})
