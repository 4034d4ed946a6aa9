import { describe, expect, test } from 'vitest'
import type { TokenSet } from '../../src/index.ts'
import { createTokenManager, NetworkError, singleProcessTokenStore } from '../../src/index.ts'
import { rowKey, rowKeyPrefix } from '../../src/tokens/row-key.ts'
import { oauthError, tokenSet } from './fake-tiktok.ts'
import type { Rig } from './virtual.ts'
import { rig } from './virtual.ts'

const day = 86_400_000
const minute = 60_000

/** Grants that are due, though their access tokens may be fresh. */
async function connect(on: Rig, count: number, fields: Partial<TokenSet> = {}): Promise<string[]> {
  const openIds = Array.from({ length: count }, (_, index) => `user ${index}`)
  for (const openId of openIds) {
    const issuedAt = on.now() - 91 * day
    const deadlines = { expiresAt: on.now() + 7_200_000, refreshTokenExpiresAt: issuedAt + 180 * day }
    await on.after(0, on.tokens.save(tokenSet({ openId, issuedAt, ...deadlines, ...fields })))
  }
  return openIds
}

const fast = { perSecond: 1_000 }
const nothing = { refreshed: 0, skipped: 0, failed: 0, rejected: 0, revoked: 0, unreadable: 0 }

function refuse(on: Rig, times: number): void {
  for (let index = 0; index < times; index++) {
    on.fake.replies.push(() => Promise.reject(oauthError('invalid_grant')))
  }
}

function recordOf(on: Rig, openId: string): Record<string, unknown> {
  const row = on.store.rows.get(rowKey(rowKeyPrefix(on.fake.client.clientKey), openId))
  const record: Record<string, unknown> = JSON.parse(row?.entry.value ?? '{}')
  return record
}

let alterations = 0

/** Puts a field into the record of a row, as if another process had. */
function alter(on: Rig, openId: string, change: object, dueAt = 0): void {
  const key = rowKey(rowKeyPrefix(on.fake.client.clientKey), openId)
  const value = JSON.stringify({ ...recordOf(on, openId), ...change })
  const entry = { revision: `altered ${++alterations}`, value, expiresAt: Number.MAX_SAFE_INTEGER, dueAt }
  on.store.rows.set(key, { entry, writtenAt: on.world.time })
}

describe('what is due', () => {
  test('is refreshed, fresh access token or not, and is not due any more', async () => {
    const on = rig()
    await connect(on, 12)
    const report = await on.after(5_000, on.tokens.refreshDue(fast))
    expect(report).toEqual({ ...nothing, due: 12, refreshed: 12 })
    expect(new Set(on.fake.sent).size).toBe(12)
    expect(await on.after(5_000, on.tokens.refreshDue())).toEqual({ ...nothing, due: 0 })
  })

  test('is half the life of the refresh token, or the access token where that is to be kept fresh', async () => {
    const on = rig()
    await on.after(0, on.tokens.save(tokenSet({ issuedAt: on.now() })))
    await on.pass(89 * day)
    expect((await on.after(5_000, on.tokens.refreshDue())).due).toBe(0)
    await on.pass(2 * day)
    expect((await on.after(5_000, on.tokens.refreshDue())).refreshed).toBe(1)

    const eager = rig({ keepFresh: 'access' })
    await eager.after(0, eager.tokens.save(tokenSet({ issuedAt: eager.now() })))
    await eager.pass(114 * minute)
    expect((await eager.after(5_000, eager.tokens.refreshDue())).due).toBe(0)
    await eager.pass(2 * minute)
    expect((await eager.after(5_000, eager.tokens.refreshDue())).refreshed).toBe(1)
  })

  test('is asked for up to the limit', async () => {
    const on = rig()
    await connect(on, 7)
    expect(await on.after(5_000, on.tokens.refreshDue({ limit: 3, ...fast }))).toMatchObject({
      due: 3,
      refreshed: 3,
    })
    expect(await on.after(5_000, on.tokens.refreshDue({ ...fast }))).toMatchObject({ due: 4 })
  })

  test('is worked on once by any number of machines', async () => {
    const on = rig()
    await connect(on, 30)
    const others = [on, on.another(), on.another(), on.another()]
    const reports = await on.after(
      60_000,
      Promise.all(others.map(({ tokens }) => tokens.refreshDue({ ...fast, concurrency: 3 }))),
    )
    expect(on.fake.sent).toHaveLength(30)
    expect(reports.reduce((sum, { refreshed }) => sum + refreshed, 0)).toBe(30)
    expect(reports.every(({ failed, rejected }) => failed + rejected === 0)).toBe(true)
  })

  test.each(['read', 'replace'] as const)('a store that fails at %s', async (operation) => {
    const on = rig()
    await connect(on, 2)
    on.store.failing.push(operation)
    const report = await on.after(5_000, on.tokens.refreshDue({ ...fast, concurrency: 1 }))
    expect(report).toMatchObject({ due: 2, refreshed: 1, failed: 1 })
    expect(await on.after(5_000, on.tokens.refreshDue(fast))).toMatchObject({ failed: 0 })
    expect(on.fake.sent).toHaveLength(2)
  })

  test('a store that cannot say what is due', async () => {
    const on = rig()
    on.store.failing.push('due')
    const batch = on.after(5_000, on.tokens.refreshDue())
    await expect(batch).rejects.toMatchObject({ code: 'store', operation: 'due' })
  })

  test('an answer that the store does not take is a failure until it does', async () => {
    const on = rig()
    await connect(on, 1)
    on.fake.replies.push(async () => {
      on.store.failing.push('all')
      return tokenSet({ openId: 'user 0', issuedAt: on.now(), refreshToken: 'the next' })
    })
    expect(await on.after(5_000, on.tokens.refreshDue(fast))).toMatchObject({ due: 1, failed: 1 })
    on.store.failing.length = 0
    // The row would be due once its claim is over, but its refresh token is used up.
    await on.pass(10_000)
    expect(recordOf(on, 'user 0')).toMatchObject({ tokenSet: { refreshToken: 'the next' } })
    expect(on.events.map(({ type }) => type)).toContain('settle_delayed')
  })

  test('a store without a list of what is due is told, by name', async () => {
    const on = rig()
    const tokens = createTokenManager(on.fake.client, singleProcessTokenStore(new Map()))
    await expect(tokens.refreshDue()).rejects.toMatchObject({ code: 'configuration', option: 'store' })
    await expect(tokens.refreshDue()).rejects.toThrow(/`due`/)
  })

  test.each([
    { limit: 0 },
    { limit: 1.5 },
    { limit: 10_001 },
    { concurrency: 0 },
    { concurrency: Number.NaN },
    { perSecond: 0 },
    { perSecond: 1_001 },
  ])('an option that cannot work is told by name: %o', async (options) => {
    const [option] = Object.keys(options)
    await expect(rig().tokens.refreshDue(options)).rejects.toMatchObject({ code: 'configuration', option })
  })
})

describe('what is not touched', () => {
  const claim = { id: 'somebody', leaseMs: 30_000 }

  test.each([
    ['a claim in force', { claim }],
    ['a back-off that is not over', { retry: { failures: 1, code: 'x', delayMs: minute } }],
    ['a rejected grant', { rejected: { at: 1 } }],
    ['a revocation under way', { revoking: true, claim }],
  ])('%s', async (_, change) => {
    const on = rig()
    await connect(on, 2)
    alter(on, 'user 0', change)
    const before = recordOf(on, 'user 0')
    expect(await on.after(1_000, on.tokens.refreshDue(fast))).toMatchObject({
      due: 2,
      skipped: 1,
      refreshed: 1,
    })
    expect(recordOf(on, 'user 0')).toEqual(before)
  })

  test('a row that was refreshed, or removed, since the store named it', async () => {
    const on = rig()
    const { due } = on.store
    await connect(on, 3)
    on.store.due = async (query) => {
      const keys = (await due?.(query)) ?? []
      alter(on, 'user 0', {}, on.now() + day)
      alter(on, 'user 1', { removed: { at: 1, connection: 'c', by: 'revoke' } })
      on.store.rows.delete(keys[2] ?? '')
      return keys
    }
    expect(await on.after(1_000, on.tokens.refreshDue(fast))).toEqual({ ...nothing, due: 3, skipped: 3 })
    expect(on.fake.sent).toEqual([])
  })

  test('a row that somebody else claims first, or whose user is gone when TikTok answers', async () => {
    const on = rig()
    await connect(on, 2)
    const { replace } = on.store
    on.store.replace = async (key, expected, entry) => {
      on.store.replace = replace
      alter(on, 'user 0', { claim })
      return replace(key, expected, entry)
    }
    on.fake.replies.push(async () => {
      on.store.rows.clear()
      throw oauthError('invalid_grant')
    })
    const report = await on.after(2_000, on.tokens.refreshDue({ ...fast, concurrency: 1 }))
    expect(report).toMatchObject({ due: 2, skipped: 2 })
  })
})

describe('what was left behind', () => {
  test('a claim that is over is taken over', async () => {
    const on = rig()
    await connect(on, 1)
    alter(on, 'user 0', { claim: { id: 'dead', leaseMs: 30_000 } })
    await on.pass(30_001)
    expect(await on.after(1_000, on.tokens.refreshDue(fast))).toMatchObject({ refreshed: 1 })
    expect(on.events.map(({ type }) => type)).toContain('claim_taken_over')
  })

  test('a revocation that nobody finished is finished', async () => {
    for (const change of [{ revoking: true }, { revoking: true, claim: { id: 'dead', leaseMs: 30_000 } }]) {
      const on = rig()
      await connect(on, 1)
      alter(on, 'user 0', change)
      await on.pass(30_001)
      expect(await on.after(1_000, on.tokens.refreshDue(fast))).toMatchObject({ revoked: 1, refreshed: 0 })
      expect(on.fake.revoked).toHaveLength(1)
      expect(recordOf(on, 'user 0')).toMatchObject({ removed: { by: 'revoke' } })
      expect(on.events).toContainEqual({ type: 'revoked', openId: 'user 0', remote: 'revoked' })
    }
  })

  test('a revocation is left to whoever is at it', async () => {
    const on = rig()
    await connect(on, 1)
    alter(on, 'user 0', { revoking: true, claim: { id: 'alive', leaseMs: 30_000 } })
    void on.tokens.revoke('user 0')
    await on.pass(100)
    const { read } = on.store
    on.store.read = async (key) => {
      const row = await read(key)
      return row && { ...row, ageMs: 40_000 }
    }
    const batch = on.tokens.refreshDue(fast)
    expect(await on.after(5_000, batch)).toMatchObject({ skipped: 1 })
    expect(on.fake.revoked).toHaveLength(1)
  })

  test('a revocation that somebody else claims first is skipped; one whose store fails stays due', async () => {
    for (const outcome of ['skipped', 'failed'] as const) {
      const on = rig()
      await connect(on, 1)
      alter(on, 'user 0', { revoking: true })
      const { replace } = on.store
      on.store.replace = async (key, expected, entry) => {
        on.store.replace = replace
        if (outcome === 'failed') throw new Error('the store is down')
        alter(on, 'user 0', { revoking: true, claim: { id: 'alive', leaseMs: 30_000 } })
        return replace(key, expected, entry)
      }
      expect(await on.after(1_000, on.tokens.refreshDue(fast))).toEqual({ ...nothing, due: 1, [outcome]: 1 })
      expect(on.fake.revoked).toEqual([])
    }
  })

  test('a revocation that was left while somebody else refreshed is due soon, and is finished', async () => {
    const on = rig()
    await connect(on, 1, { expiresAt: on.now() - 1 })
    on.fake.replies.push(
      () =>
        new Promise((resolve) => {
          on.world.schedule(5_000, () => resolve(tokenSet({ openId: 'user 0', issuedAt: on.now() })))
        }),
    )
    void on.tokens.get('user 0').catch(() => {})
    await on.pass(100)
    const other = on.another()
    void other.tokens.revoke('user 0')
    await on.pass(100)
    other.process.crash()
    await on.pass(10_000)
    expect(recordOf(on, 'user 0')).toMatchObject({ revoking: true })
    expect(recordOf(on, 'user 0')).not.toHaveProperty('claim')
    await on.pass(30_000)
    expect(await on.after(1_000, on.tokens.refreshDue(fast))).toMatchObject({ revoked: 1 })
  })
})

describe('rows that cannot be worked on', () => {
  test('are told once, and left out for an hour', async () => {
    const on = rig()
    await connect(on, 3)
    alter(on, 'user 0', { v: 2 })
    const prefix = rowKeyPrefix(on.fake.client.clientKey)
    const stranger = { revision: 'r', value: '{}', expiresAt: Number.MAX_SAFE_INTEGER, dueAt: 0 }
    on.store.rows.set(`${prefix}%zz`, { entry: stranger, writtenAt: 0 })
    on.store.rows.set(`${prefix}a b`, { entry: stranger, writtenAt: 0 })
    expect(await on.after(1_000, on.tokens.refreshDue(fast))).toMatchObject({
      due: 5,
      refreshed: 2,
      unreadable: 3,
    })
    expect(await on.after(1_000, on.tokens.refreshDue(fast))).toEqual({ ...nothing, due: 0 })
    const told = on.events.filter(({ type }) => type === 'row_unreadable')
    expect(new Set(told.map((event) => 'openId' in event && event.openId))).toEqual(
      new Set(['%zz', 'a b', 'user 0']),
    )
    expect(told).toHaveLength(3)
    await on.pass(61 * minute)
    expect(await on.after(1_000, on.tokens.refreshDue(fast))).toMatchObject({ due: 3, unreadable: 3 })
  })

  test('are remembered up to a bound', async () => {
    const on = rig()
    const prefix = rowKeyPrefix(on.fake.client.clientKey)
    const stranger = { revision: 'r', value: '{}', expiresAt: Number.MAX_SAFE_INTEGER, dueAt: 0 }
    for (let index = 0; index < 1_001; index++) {
      on.store.rows.set(`${prefix}${index}`, { entry: stranger, writtenAt: 0 })
    }
    await on.after(1_000, on.tokens.refreshDue({ limit: 2_000 }))
    expect(await on.after(1_000, on.tokens.refreshDue({ limit: 2_000 }))).toMatchObject({ due: 1 })
  })
})

describe('the pace', () => {
  test('is at most so many requests a second, and so many at once', async () => {
    const on = rig()
    await connect(on, 40)
    const sentAt: number[] = []
    let [running, most] = [0, 0]
    for (let index = 0; index < 40; index++) {
      on.fake.replies.push(async () => {
        sentAt.push(on.world.time)
        most = Math.max(most, ++running)
        await new Promise<void>((resolve) => void on.world.schedule(1_500, resolve))
        running--
        return tokenSet({ openId: `user ${index}`, issuedAt: on.now() })
      })
    }
    await on.after(60_000, on.tokens.refreshDue({ concurrency: 4, perSecond: 2 }))
    expect(sentAt).toHaveLength(40)
    expect(most).toBeLessThanOrEqual(4)
    const apart = sentAt.slice(2).map((at, index) => at - (sentAt[index] ?? 0))
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(999)
  })

  test('is one for all batches of a process, and machines woken at once do not start as one', async () => {
    const on = rig()
    await connect(on, 12)
    const sentAt: number[] = []
    const { refresh } = on.fake.client
    Object.assign(on.fake.client, {
      refresh: (...request: Parameters<typeof refresh>) => {
        sentAt.push(on.world.time)
        return refresh(...request)
      },
    })
    const began = on.world.time
    await on.after(
      60_000,
      Promise.all([1, 2, 3].map(() => on.tokens.refreshDue({ limit: 12, perSecond: 1 }))),
    )
    expect(sentAt).toHaveLength(12)
    const apart = sentAt.slice(1).map((at, index) => at - (sentAt[index] ?? 0))
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(999)
    expect(sentAt[0]).toBeGreaterThan(began)
  })
})

describe('a 429', () => {
  test.each([
    [20_000, 20_000],
    [3_600_000, 5 * minute],
    [undefined, 10_000],
  ])('with Retry-After %s stops the batch and the next ones for %s ms', async (retryAfterMs, pause) => {
    const on = rig()
    await connect(on, 10)
    on.fake.replies.push(() =>
      Promise.reject(
        oauthError('rate_limit_exceeded', { httpStatus: 429, ...(retryAfterMs && { retryAfterMs }) }),
      ),
    )
    const report = await on.after(5_000, on.tokens.refreshDue({ concurrency: 1, ...fast }))
    expect(report).toMatchObject({ due: 10, failed: 1, refreshed: 0, stopped: 'rate_limited' })
    expect(report.retryAfterMs).toBeGreaterThan(pause - 5_000)
    expect(on.events).toContainEqual({ type: 'rate_limited', retryAfterMs: pause })
    expect(on.fake.sent).toHaveLength(1)
    await on.pass(pause - 6_000)
    const early = await on.after(0, on.tokens.refreshDue(fast))
    expect(early).toMatchObject({ due: 0, stopped: 'rate_limited' })
    expect(on.fake.sent).toHaveLength(1)
    await on.pass(70_000)
    expect(await on.after(5_000, on.tokens.refreshDue(fast))).toMatchObject({ due: 10, refreshed: 10 })
  })

  test('is honoured by those who only wait for their turn', async () => {
    const on = rig()
    await connect(on, 10)
    on.fake.replies.push(() => Promise.reject(oauthError('rate_limit_exceeded', { httpStatus: 429 })))
    const report = await on.after(5_000, on.tokens.refreshDue({ concurrency: 10, perSecond: 5 }))
    expect(report).toEqual({
      ...nothing,
      due: 10,
      failed: 1,
      stopped: 'rate_limited',
      retryAfterMs: report.retryAfterMs,
    })
    expect(on.fake.sent).toHaveLength(1)
  })
})

describe('other failures', () => {
  test('are counted, backed off from, and stop nothing', async () => {
    const on = rig()
    await connect(on, 4)
    on.fake.replies.push(
      () => Promise.reject(oauthError('invalid_client')),
      () => Promise.reject(new NetworkError({ endpoint: 'token', timedOut: false, sent: 'no' })),
      () => Promise.reject(new TypeError('not an error of ours')),
    )
    const report = await on.after(5_000, on.tokens.refreshDue({ concurrency: 1, ...fast }))
    expect(report).toEqual({ ...nothing, due: 4, failed: 3, refreshed: 1 })
    expect(recordOf(on, 'user 0')).toHaveProperty('retry')
  })
})

describe('the brake', () => {
  test('stops a batch when more than a fifth is refused, and leaves the rest as it is', async () => {
    const on = rig()
    await connect(on, 100)
    refuse(on, 100)
    const report = await on.after(5_000, on.tokens.refreshDue({ concurrency: 1, ...fast }))
    expect(report).toEqual({ ...nothing, due: 100, rejected: 5, stopped: 'brake' })
    expect(on.events).toContainEqual({ type: 'brake_applied', answered: 5, rejected: 5 })
    expect(recordOf(on, 'user 5')).not.toHaveProperty('rejected')
    expect(recordOf(on, 'user 5')).not.toHaveProperty('claim')
  })

  test('then risks one grant, and goes on as soon as TikTok accepts one', async () => {
    const on = rig()
    await connect(on, 20)
    refuse(on, 7)
    expect(await on.after(5_000, on.tokens.refreshDue({ concurrency: 1, ...fast }))).toMatchObject({
      rejected: 5,
    })
    for (let round = 0; round < 2; round++) {
      expect(await on.after(5_000, on.tokens.refreshDue(fast))).toMatchObject({
        rejected: 1,
        stopped: 'brake',
      })
    }
    expect(await on.after(5_000, on.tokens.refreshDue(fast))).toEqual({ ...nothing, due: 13, refreshed: 13 })
    expect(on.events.filter(({ type }) => type === 'brake_applied')).toHaveLength(3)
  })

  test('lets through what users cause: a fifth, and a handful', async () => {
    const on = rig()
    await connect(on, 50)
    for (let index = 0; index < 50; index++) {
      if (index % 5 === 4) refuse(on, 1)
      else on.fake.replies.push(async () => tokenSet({ openId: `user ${index}`, issuedAt: on.now() }))
    }
    expect(await on.after(5_000, on.tokens.refreshDue({ concurrency: 1, ...fast }))).toEqual({
      ...nothing,
      due: 50,
      refreshed: 40,
      rejected: 10,
    })
    const few = rig()
    await connect(few, 4)
    refuse(few, 4)
    expect(await few.after(5_000, few.tokens.refreshDue(fast))).toEqual({ ...nothing, due: 4, rejected: 4 })
  })

  test('is told once, however many are under way', async () => {
    const on = rig()
    await connect(on, 60)
    refuse(on, 60)
    const report = await on.after(60_000, on.tokens.refreshDue({ concurrency: 20, ...fast }))
    expect(report.rejected).toBeLessThanOrEqual(24)
    expect(report.stopped).toBe('brake')
    expect(on.events.filter(({ type }) => type === 'brake_applied')).toHaveLength(1)
  })
})

test('closing ends a batch: what is under way is stored, the rest is not touched', async () => {
  const on = rig()
  await connect(on, 5)
  const batch = on.tokens.refreshDue({ concurrency: 1, perSecond: 0.01 })
  await on.pass(100_000)
  expect(on.fake.sent.length).toBe(1)
  await on.after(0, on.tokens.close())
  expect(await on.after(0, batch)).toEqual({ ...nothing, due: 5, refreshed: 1, stopped: 'closed' })
  expect(on.process.timers).toBe(0)
  expect(await on.after(0, on.tokens.refreshDue())).toEqual({ ...nothing, due: 0, stopped: 'closed' })
})
