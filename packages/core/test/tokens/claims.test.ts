import { inspect } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import type { TokenSet } from '../../src/index.ts'
import { StoreError } from '../../src/index.ts'
import { createClaimWatch } from '../../src/tokens/claim-watch.ts'
import { sleep, systemClock } from '../../src/tokens/clock.ts'
import { parseRecord } from '../../src/tokens/grant-codec.ts'
import { statusOf } from '../../src/tokens/grant-status.ts'
import type { GrantRow } from '../../src/tokens/grant-rows.ts'
import { createWorld } from '../simulation/world.ts'
import { createProcess } from '../simulation/process-model.ts'
import { oauthError, openId, tokenSet } from './fake-tiktok.ts'
import type { Rig } from './virtual.ts'
import { frozen, rig } from './virtual.ts'

const hour = 3_600_000

async function connect(on: Rig, leftMs = -1): Promise<TokenSet> {
  const login = tokenSet({ issuedAt: on.now() - 2 * hour + leftMs })
  await on.after(0, on.tokens.save(login))
  return login
}

function slow(on: Rig, ms: number): () => Promise<TokenSet> {
  return () =>
    new Promise((resolve) => {
      on.world.schedule(ms, () => resolve(tokenSet({ issuedAt: on.now() })))
    })
}

describe('the watch', () => {
  function watched(): { watch: ReturnType<typeof createClaimWatch>; pass(ms: number): Promise<void> } {
    const world = createWorld(1, () => {})
    const { clock } = createProcess(world, 1, { skewMs: 0, onCrash: () => {} })
    return { watch: createClaimWatch(clock), pass: (ms) => world.drain(world.time + ms) }
  }
  function row(revision: string, ageMs?: number): GrantRow {
    const record = { v: 1, removed: { at: 0, connection: 'c', by: 'revoke' } } as const
    return { revision, ageMs, dueAt: Number.MAX_SAFE_INTEGER, expiresAt: 0, record }
  }

  test('believes the clock of the store, or its own eyes when that clock is set back', async () => {
    const { watch, pass } = watched()
    expect(watch.isOver('k', row('r', 29_999), 30_000)).toBe(false)
    expect(watch.isOver('k', row('r', 30_000), 30_000)).toBe(true)
    await pass(30_000)
    expect(watch.isOver('k', row('r', -5), 30_000)).toBe(true)
    expect(watch.isOver('k', row('s', -5), 30_000)).toBe(false)
  })

  test('is bounded, and forgetting means waiting longer', async () => {
    const { watch, pass } = watched()
    watch.ageOf('first', row('r'))
    await pass(10)
    expect(watch.ageOf('first', row('r'))).toBe(10)
    for (let index = 0; index < 10_000; index++) watch.ageOf(`k${index}`, row('r'))
    expect(watch.ageOf('first', row('r'))).toBe(0)
  })
})

describe('a claim', () => {
  test('that came too late is given back, and nothing is sent', async () => {
    const on = rig()
    await connect(on)
    const { replace } = on.store
    let writes = 0
    on.store.replace = async (key, expected, entry) => {
      const won = await replace(key, expected, entry)
      if (++writes === 1) await frozen(on, 21_000)
      return won
    }
    await expect(on.after(22_000, on.tokens.get(openId))).rejects.toMatchObject({ code: 'refresh_pending' })
    expect(on.fake.sent).toEqual([])
    expect(on.store.record()).not.toHaveProperty('claim')
    expect(on.store.record()).not.toHaveProperty('ambiguous')
    await on.after(0, on.tokens.get(openId))
    expect(on.fake.sent).toHaveLength(1)
  })

  test('is not used when this host seems to have slept', async () => {
    const on = rig()
    await connect(on)
    const { replace } = on.store
    on.store.replace = async (key, expected, entry) => {
      on.process.setClock(hour)
      on.store.replace = replace
      return replace(key, expected, entry)
    }
    await on.after(
      1_000,
      on.tokens.get(openId).catch(() => undefined),
    )
    expect(on.store.record()).not.toHaveProperty('ambiguous')
    expect(on.fake.sent.length).toBeLessThanOrEqual(1)
  })

  test('is renewed even when the store fails for a while', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(slow(on, 70_000))
    void on.tokens.get(openId).catch(() => undefined)
    await on.pass(14_000)
    on.store.failing.push('all')
    await on.pass(5_000)
    on.store.failing.length = 0
    await on.pass(40_000)
    void on
      .another()
      .tokens.get(openId)
      .catch(() => undefined)
    await on.pass(20_000)
    expect(on.fake.sent).toHaveLength(1)
    expect(on.store.record()).not.toHaveProperty('claim')
  })

  test('is not used a second time when the row is no longer its own, or cannot be read', async () => {
    for (const change of ['login', 'outage', 'time'] as const) {
      const on = rig()
      await connect(on)
      on.fake.replies.push(async () => {
        if (change === 'login') await on.tokens.save(tokenSet({ issuedAt: on.now() - 3 * hour }))
        if (change === 'outage') on.store.failing.push('read')
        if (change === 'time') on.process.setClock(hour)
        throw oauthError('server_error', { httpStatus: 500 })
      })
      await on.after(
        1_000,
        on.tokens.get(openId).catch(() => undefined),
      )
      expect(on.fake.sent).toHaveLength(1)
    }
  })

  test('is followed by a back-off even where that cannot be stored', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(async () => {
      on.store.failing.push('all')
      throw oauthError('invalid_client')
    })
    await expect(on.after(1_000, on.tokens.get(openId))).rejects.toMatchObject({ error: 'invalid_client' })
    on.store.failing.length = 0
    // The claim runs out by itself.
    await on.pass(31_000)
    await on.after(1_000, on.tokens.get(openId))
    expect(on.fake.sent).toHaveLength(2)
  })
})

describe('an answer', () => {
  test('that came late is used by the next request instead of the old token', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(slow(on, 160_000))
    void on.tokens.get(openId).catch(() => undefined)
    await on.pass(155_000)
    // The answer arrives between the claim of the next refresh and its request.
    const { replace } = on.store
    on.store.replace = async (key, expected, entry) => {
      on.store.replace = replace
      const won = await replace(key, expected, entry)
      on.store.failing.push('all')
      await new Promise<void>((resolve) => void on.world.schedule(6_000, resolve))
      on.store.failing.length = 0
      return won
    }
    await on.after(10_000, on.tokens.get(openId))
    expect(on.fake.sent).toHaveLength(1)
    expect(on.store.record()).not.toHaveProperty('claim')
  })

  test('with the same refresh token does not replace one that lives longer', async () => {
    const on = rig()
    const login = await connect(on)
    const { refreshToken } = login
    on.fake.replies.push(() => {
      const late = tokenSet({ issuedAt: on.now(), expiresAt: on.now() + hour, refreshToken })
      return new Promise((resolve) => on.world.schedule(200_000, () => resolve(late)))
    })
    void on.tokens.get(openId).catch(() => undefined)
    await on.pass(190_000)
    const newer = tokenSet({ issuedAt: on.now(), refreshToken })
    on.fake.replies.push(async () => newer)
    await on.after(1_000, on.another().tokens.get(openId))
    await on.pass(20_000)
    expect(on.store.record()).toMatchObject({ tokenSet: { accessToken: newer.accessToken } })
  })
})

describe('at the edge', () => {
  test('a refresh that a revocation overtook hands out nothing', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(slow(on, 3_000))
    const call = on.tokens.get(openId).catch((error: unknown) => error)
    await on.pass(1)
    void on.tokens.revoke(openId)
    await on.pass(4_000)
    expect(await call).toMatchObject({ reason: 'no_grant' })
  })

  test('close ends the wait before a rejection, and nothing is marked', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(
      () => Promise.reject(oauthError('server_error', { httpStatus: 500 })),
      () => Promise.reject(oauthError('invalid_grant')),
    )
    void on.tokens.get(openId).catch(() => undefined)
    await on.pass(1_000)
    const { read } = on.store
    // Nobody can tell whether the claim is still the own one, so that the wait does not end by itself.
    on.store.read = async (key) => {
      const row = await read(key)
      const claimed = row?.value.replace(/"claim":\{"id":"[^"]*"/, '"claim":{"id":"somebody-else"')
      return row && { ...row, value: claimed ?? '', revision: on.process.clock.id(), ageMs: 0 }
    }
    await on.after(120_001, on.tokens.close())
    await on.pass(1_000)
    expect(on.process.timers).toBe(0)
    expect(on.store.record()).not.toHaveProperty('rejected')
  })

  test('a write whose row nobody can read any more is lost, not won', async () => {
    const on = rig()
    await connect(on, hour)
    const [[key, row] = []] = on.store.rows
    if (key === undefined || row === undefined) throw new Error('no row')
    const { read } = on.store
    let reads = 0
    on.store.replace = async () => false
    on.store.read = async (asked) => {
      if (++reads % 2 === 1) return read(asked)
      throw new StoreError('read', { problem: 'another key', revision: 'foreign' })
    }
    await expect(on.after(0, on.tokens.save(tokenSet()))).rejects.toMatchObject({ operation: 'replace' })
  })

  test('a removal by TikTok, and deadlines that nobody knows, have their status', () => {
    const removed = { v: 1, removed: { at: 3, connection: 'c', by: 'webhook' } } as const
    expect(statusOf(openId, removed)).toEqual({
      openId,
      state: 'needs_login',
      cause: 'removed',
      since: 3,
      scope: [],
    })
    const endless = tokenSet({ expiresAt: undefined, refreshTokenExpiresAt: undefined })
    const status = statusOf(openId, { v: 1, tokenSet: endless, connection: { id: 'c', at: 0 } })
    expect(status).toMatchObject({ state: 'connected', connectionId: 'c' })
    expect(status).not.toHaveProperty('expiresAt')
    expect(status).not.toHaveProperty('refreshTokenExpiresAt')
  })

  test('hosts whose timers are numbers, or cannot be released, are fine', () => {
    const clock = systemClock(() => 0)
    for (const timer of [7, {}]) {
      const setTimeout = vi
        .spyOn(globalThis, 'setTimeout')
        .mockReturnValue(timer as unknown as NodeJS.Timeout)
      expect(() => clock.after(1, () => {}, false)).not.toThrow()
      setTimeout.mockRestore()
    }
  })
})

describe('a stored record', () => {
  const grant = {
    v: 1,
    tokenSet: tokenSet(),
    connection: { id: 'c', at: 1 },
  }
  test.each([
    ['claim', { leaseMs: 1 }],
    ['claim', { id: 'x', leaseMs: 'long' }],
    ['claim', null],
    ['retry', { failures: 1 }],
    ['retry', { failures: 'two', code: '', delayMs: 1 }],
    ['rejected', {}],
    ['rejected', 'yes'],
    ['connection', {}],
    ['connection', 5],
    ['tokenSet', { ...tokenSet(), expiresAt: 'soon' }],
    ['tokenSet', { ...tokenSet(), issuedAt: undefined }],
    ['tokenSet', { ...tokenSet(), scope: [1] }],
  ])('with a malformed `%s` is unreadable, never a grant without it', (field, value) => {
    expect(parseRecord(JSON.stringify(grant))).toHaveProperty('record')
    expect(parseRecord(JSON.stringify({ ...grant, [field]: value }))).toHaveProperty('problem')
  })

  test('prints no token', () => {
    const parsed = parseRecord(JSON.stringify(grant))
    expect(parsed).toHaveProperty('record')
    expect(inspect(parsed, { depth: 9 })).not.toContain(grant.tokenSet.accessToken)
  })
})

describe("the host's clock", () => {
  test('ticks, calls back, cancels, and lets a process end', async () => {
    const clock = systemClock(() => 5)
    expect(clock.now()).toBe(5)
    expect(clock.id()).not.toBe(clock.id())
    expect(clock.random()).toBeLessThan(1)
    const before = clock.monotonic()
    let called = false
    clock.after(
      1,
      () => {
        called = true
      },
      true,
    )()
    await sleep(clock, 5, true)
    expect(called).toBe(false)
    expect(clock.monotonic()).toBeGreaterThan(before)
    clock.after(1e6, () => {}, false)
  })
})
