import { describe, expect, test } from 'vitest'
import type { SealingKey, TokenManager, TokenStore } from '../../src/index.ts'
import {
  createSealer,
  createTokenManager,
  memoryTokenStore,
  sealedTokenStore,
  singleProcessTokenStore,
} from '../../src/index.ts'
import { rowKeyPrefix } from '../../src/tokens/row-key.ts'
import type { FakeTikTok } from './fake-tiktok.ts'
import { fakeTikTok, tokenSet } from './fake-tiktok.ts'
import { rig } from './virtual.ts'

const old: SealingKey = { id: 'old', key: 'b2xkb2xkMTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3A' }
const fresh: SealingKey = { id: 'new', key: 'bmV3bmV3MTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3A' }
const fast = { perSecond: 1_000 }

interface Fleet {
  readonly below: TokenStore
  readonly fake: FakeTikTok
  readonly before: TokenManager
  readonly after: TokenManager
}

/** Managers before and after the key was changed. */
function fleet(): Fleet {
  const [below, fake] = [memoryTokenStore(), fakeTikTok()]
  const under = (...keys: [SealingKey, ...SealingKey[]]): TokenManager =>
    createTokenManager(fake.client, sealedTokenStore(below, createSealer(keys)))
  return { below, fake, before: under(old, fresh), after: under(fresh, old) }
}

async function connect({ before }: Fleet, count: number): Promise<string[]> {
  const openIds = Array.from({ length: count }, (_, index) => `user${index}`)
  for (const openId of openIds) await before.save(tokenSet({ openId }))
  return openIds
}

async function underOldKey({ below, fake }: Fleet): Promise<number> {
  const page = await below.scan?.({ prefix: rowKeyPrefix(fake.client.clientKey), limit: 10_000 })
  const rows = await Promise.all((page?.keys ?? []).map((key) => below.read(key)))
  return rows.filter((row) => row?.value.startsWith('v1.old.')).length
}

describe('resealing', () => {
  test('leaves every row under the first key, and everything else about it as it was', async () => {
    const on = fleet()
    const openIds = await connect(on, 30)
    await on.before.revoke('user0')
    const key = `${rowKeyPrefix(on.fake.client.clientKey)}user1`
    const row = await on.below.read(key)
    const tokens = await on.before.get('user1')
    expect(await underOldKey(on)).toBe(30)
    expect(await on.after.reseal(fast)).toEqual({
      scanned: 30,
      resealed: 30,
      skipped: 0,
      unreadable: 0,
      failed: 0,
    })
    expect(await underOldKey(on)).toBe(0)
    const resealed = await on.below.read(key)
    expect(resealed).toMatchObject({ dueAt: row?.dueAt, expiresAt: row?.expiresAt })
    expect(resealed?.revision).not.toBe(row?.revision)
    const alone = createTokenManager(on.fake.client, sealedTokenStore(on.below, createSealer([fresh])))
    expect(await alone.get('user1')).toEqual(tokens)
    expect(await alone.status('user0')).toMatchObject({ cause: 'revoked' })
    expect(openIds).toHaveLength(30)
    expect(await on.after.reseal(fast)).toMatchObject({ scanned: 30, resealed: 0 })
  })

  test('under refreshes, logins and reads fails no read and loses no write', async () => {
    const on = fleet()
    const openIds = await connect(on, 60)
    let finished = false
    const failures: unknown[] = []
    const latest = new Map<string, string>()
    async function use(openId: string): Promise<void> {
      const tokens = [on.before, on.after]
      for (let round = 0; !finished; round++) {
        const manager = tokens[round % 2] ?? on.after
        try {
          const held = await manager.get(openId)
          const next = tokenSet({ openId, issuedAt: Date.now() - 7_300_000 })
          latest.set(openId, next.refreshToken)
          await manager.save(next)
          const { refreshToken } = await manager.get(openId)
          if (refreshToken === held.refreshToken) failures.push('an older token set came back')
          latest.set(openId, refreshToken)
        } catch (error) {
          failures.push(error)
        }
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    }
    const load = openIds.slice(0, 20).map(use)
    const reports = [await on.after.reseal(fast), await on.after.reseal(fast)]
    finished = true
    await Promise.all(load)
    expect(failures).toEqual([])
    for (const [openId, refreshToken] of latest) {
      expect((await on.after.get(openId)).refreshToken).toBe(refreshToken)
    }
    expect(reports[0]?.resealed).toBeGreaterThanOrEqual(40)
    // What processes with the old key in front have written since is left for the next time.
    await on.after.reseal(fast)
    expect(await underOldKey(on)).toBe(0)
  })

  test('goes on over pages, and seals plain rows of a migration', async () => {
    const [below, fake] = [memoryTokenStore(), fakeTikTok()]
    const plain = createTokenManager(fake.client, below)
    for (let index = 0; index < 1_100; index++) await plain.save(tokenSet({ openId: `user${index}` }))
    const store = sealedTokenStore(below, createSealer([fresh]), { acceptPlainRows: true })
    const paced: TokenStore = { ...store, scan: async (query) => (await store.scan?.(query)) ?? { keys: [] } }
    expect(await createTokenManager(fake.client, paced).reseal(fast)).toMatchObject({
      scanned: 1_100,
      resealed: 1_100,
    })
  })

  test('seals every row anew where the sealer cannot tell', async () => {
    const { isCurrent, ...sealer } = createSealer([fresh])
    expect(isCurrent).toBeDefined()
    const fake = fakeTikTok()
    const tokens = createTokenManager(fake.client, sealedTokenStore(memoryTokenStore(), sealer))
    await tokens.save(tokenSet())
    expect(await tokens.reseal()).toMatchObject({ scanned: 1, resealed: 1 })
    expect(await tokens.reseal()).toMatchObject({ scanned: 1, resealed: 1 })
  })

  test('has nothing to do where nothing is sealed', async () => {
    const tokens = createTokenManager(fakeTikTok().client, memoryTokenStore())
    await tokens.save(tokenSet())
    expect(await tokens.reseal()).toMatchObject({ scanned: 1, resealed: 0 })
  })
})

describe('rows that are not resealed', () => {
  /** A store whose rows all rest under an older key. */
  function outdated(): ReturnType<typeof rig> {
    const on = rig()
    const { read } = on.store
    on.store.read = async (key) => {
      const row = await read(key)
      return row && { ...row, outdated: true }
    }
    return on
  }
  async function alter(on: ReturnType<typeof rig>, change: object): Promise<void> {
    await on.after(0, on.tokens.save(tokenSet({ openId: 'u', issuedAt: on.now() })))
    for (const [key, { entry }] of on.store.rows) {
      const value = JSON.stringify({ ...JSON.parse(entry.value), ...change })
      on.store.rows.set(key, { entry: { ...entry, value }, writtenAt: on.world.time })
    }
  }

  test.each([
    ['claimed', { claim: { id: 'c', leaseMs: 30_000 } }, 'skipped'],
    ['backing off', { retry: { failures: 1, code: 'x', delayMs: 60_000 } }, 'skipped'],
    ['of another version', { v: 2 }, 'unreadable'],
  ] as const)('%s', async (_, change, counted) => {
    const on = outdated()
    await alter(on, change)
    const [before] = [...on.store.rows.values()]
    expect(await on.after(1_000, on.tokens.reseal(fast))).toMatchObject({
      scanned: 1,
      resealed: 0,
      [counted]: 1,
    })
    expect([...on.store.rows.values()]).toEqual([before])
  })

  test('somebody else writes each time', async () => {
    const on = outdated()
    await alter(on, {})
    on.store.replace = async () => false
    expect(await on.after(1_000, on.tokens.reseal(fast))).toMatchObject({ skipped: 1 })
  })

  test('the store fails, or the key is none of ours', async () => {
    const on = outdated()
    await alter(on, {})
    const entry = { revision: 'r', value: '{}', expiresAt: Number.MAX_SAFE_INTEGER, dueAt: 0 }
    on.store.rows.set(`${rowKeyPrefix(on.fake.client.clientKey)}%zz`, { entry, writtenAt: 0 })
    on.store.failing.push('replace')
    expect(await on.after(1_000, on.tokens.reseal(fast))).toMatchObject({
      scanned: 2,
      failed: 1,
      unreadable: 1,
    })
  })

  test('the manager is closed', async () => {
    const on = outdated()
    await alter(on, {})
    const resealing = on.tokens.reseal({ perSecond: 0.001 })
    await on.after(0, on.tokens.close())
    expect(await on.after(0, resealing)).toMatchObject({ scanned: 0, stopped: 'closed' })
    expect(on.process.timers).toBe(0)
  })

  test('the store cannot list its rows, or fails to', async () => {
    const map = createTokenManager(fakeTikTok().client, singleProcessTokenStore(new Map()))
    await expect(map.reseal()).rejects.toMatchObject({ code: 'configuration', option: 'store' })
    await expect(map.reseal()).rejects.toThrow(/`scan`/)
    await expect(map.reseal({ perSecond: -1 })).rejects.toMatchObject({ option: 'perSecond' })
    const on = rig()
    on.store.failing.push('scan')
    await expect(on.after(0, on.tokens.reseal())).rejects.toMatchObject({ code: 'store', operation: 'scan' })
  })
})
