import { describe, expect, test } from 'vitest'
import { NetworkError, RefreshPendingError } from '../../src/index.ts'
import { oauthError, openId, tokenSet } from './fake-tiktok.ts'
import { rig } from './virtual.ts'

describe('adopting a refresh token', () => {
  test('takes one refresh, and the grant is there', async () => {
    const on = rig()
    const tokens = tokenSet({ issuedAt: on.now() })
    on.fake.replies.push(async () => tokens)
    const status = await on.after(0, on.tokens.adopt({ refreshToken: 'rft.theirs' }))
    expect(status).toMatchObject({ openId, state: 'connected', expiresAt: tokens.expiresAt })
    expect(on.fake.sent).toEqual(['rft.theirs'])
    expect(await on.after(0, on.tokens.get(openId))).toEqual(tokens)
    expect(on.events).toEqual([{ type: 'adopted', openId }])
  })

  test('replaces a grant, by a connection of its own', async () => {
    const on = rig()
    const before = await on.after(0, on.tokens.save(tokenSet({ issuedAt: on.now() })))
    const after = await on.after(0, on.tokens.adopt({ refreshToken: 'rft.theirs' }))
    expect(after.connectionId).not.toBe(before.connectionId)
  })

  test('asked for twice at once is one request', async () => {
    const on = rig()
    const both = [1, 2].map(() => on.tokens.adopt({ refreshToken: 'rft.theirs' }))
    const [first, second] = await on.after(0, Promise.all(both))
    expect(first).toEqual(second)
    expect(on.fake.sent).toHaveLength(1)
  })

  test('fails as TikTok fails, typed, and stores nothing', async () => {
    for (const error of [
      oauthError('invalid_grant'),
      new NetworkError({ endpoint: 'token', timedOut: true, sent: 'unknown' }),
    ]) {
      const on = rig()
      on.fake.replies.push(() => Promise.reject(error))
      await expect(on.after(0, on.tokens.adopt({ refreshToken: 'rft.theirs' }))).rejects.toBe(error)
      expect(on.store.rows.size).toBe(0)
    }
  })

  test.each([undefined, null, {}, { refreshToken: '' }, { refreshToken: 7 }])(
    'refuses %o without asking TikTok',
    async (tokens) => {
      const on = rig()
      const asked = on.tokens.adopt(tokens as { refreshToken: string })
      await expect(asked).rejects.toMatchObject({ code: 'configuration', option: 'refreshToken' })
      expect(on.fake.sent).toEqual([])
    },
  )

  test('keeps storing what it got while the store is down, with one event', async () => {
    const on = rig()
    on.store.failing.push('all')
    const adopted = on.after(20_000, on.tokens.adopt({ refreshToken: 'rft.theirs' }))
    await expect(adopted).rejects.toBeInstanceOf(RefreshPendingError)
    const again = on.tokens.adopt({ refreshToken: 'rft.theirs' })
    on.store.failing.length = 0
    expect(await on.after(10_000, again)).toMatchObject({ state: 'connected' })
    expect(on.fake.sent).toEqual(['rft.theirs'])
    expect(on.events.map(({ type }) => type)).toEqual(['settle_delayed', 'adopted'])
  })

  test('does not write over what came of a write whose acknowledgement was lost', async () => {
    const on = rig()
    const { insert } = on.store
    on.store.insert = async (key, entry) => {
      await insert(key, entry)
      on.store.failing.push('all')
      throw new Error('the connection broke')
    }
    const adopting = on.tokens.adopt({ refreshToken: 'rft.theirs' })
    await on.pass(50)
    on.store.failing.length = 0
    // Another process uses the adopted tokens before this one looks again.
    const [row] = on.store.rows
    const record = JSON.parse(row?.[1].entry.value ?? '')
    const rotated = tokenSet({ issuedAt: on.now() })
    const entry = {
      revision: 'by another',
      value: JSON.stringify({ ...record, tokenSet: rotated }),
      expiresAt: Number.MAX_SAFE_INTEGER,
      dueAt: Number.MAX_SAFE_INTEGER,
    }
    on.store.rows.set(row?.[0] ?? '', { entry, writtenAt: on.world.time })
    expect(await on.after(10_000, adopting)).toMatchObject({
      state: 'connected',
      expiresAt: rotated.expiresAt,
    })
    expect(on.store.record()).toMatchObject({ tokenSet: { refreshToken: rotated.refreshToken } })
  })

  test('is given up when the manager was closed and the store stays down', async () => {
    const on = rig()
    on.store.failing.push('all')
    void on.tokens.adopt({ refreshToken: 'rft.theirs' }).catch(() => {})
    await on.pass(20_000)
    await on.after(121_000, on.tokens.close())
    await on.pass(10_000)
    expect(on.process.timers).toBe(0)
  })
})
