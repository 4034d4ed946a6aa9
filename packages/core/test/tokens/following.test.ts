import { describe, expect, test } from 'vitest'
import type { TokenSet } from '../../src/index.ts'
import { openId, tokenSet } from './fake-tiktok.ts'
import type { Rig } from './virtual.ts'
import { rig } from './virtual.ts'

const callersEach = 25

/** A user whose access token has expired, and eight processes that serve them. */
async function fleet(): Promise<{ on: Rig; all: readonly Rig[]; reads: () => number }> {
  const on = rig()
  await on.after(0, on.tokens.save(tokenSet({ issuedAt: on.now() - 7_300_000 })))
  const { read } = on.store
  let reads = 0
  on.store.read = (key) => {
    reads++
    return read(key)
  }
  return { on, all: [on, ...Array.from({ length: 7 }, () => on.another())], reads: () => reads }
}

/** Answers the next refresh after `ms`; tells when the answer was stored. */
function answerAfter(on: Rig, ms: number): { storedAt: () => number } {
  let storedAt = Infinity
  const { replace } = on.store
  on.fake.replies.push(
    () =>
      new Promise((resolve) => {
        on.world.schedule(ms, () => {
          on.store.replace = async (key, expected, entry) => {
            on.store.replace = replace
            storedAt = on.world.time
            return replace(key, expected, entry)
          }
          resolve(tokenSet({ issuedAt: on.now() }))
        })
      }),
  )
  return { storedAt: () => storedAt }
}

describe('those who follow somebody else’s refresh', () => {
  test.each([20, 100, 400, 1_000, 2_500, 5_000])(
    'see an answer of %d ms within 100 ms of its being stored, for one reading a pause in each process',
    async (ms) => {
      const { on, all, reads } = await fleet()
      const { storedAt } = answerAfter(on, ms)
      const seenAt = all.map((): number[] => [])
      const got: TokenSet[] = []
      for (const [index, { tokens }] of all.entries()) {
        for (let caller = 0; caller < callersEach; caller++) {
          void tokens.get(openId).then((next) => {
            got.push(next)
            seenAt[index]?.push(on.world.time)
          })
        }
        await on.pass(1)
      }
      await on.pass(ms + 200)
      expect(got).toHaveLength(all.length * callersEach)
      expect(new Set(got.map(({ accessToken }) => accessToken)).size).toBe(1)
      expect(on.fake.sent).toHaveLength(1)
      const [own = [], ...others] = seenAt
      expect(Math.max(...own) - storedAt()).toBe(0)
      expect(Math.max(...others.flat()) - storedAt()).toBeLessThanOrEqual(100)
      // Everybody's first look, then a pause of at least 75 ms, but for the first one of half that.
      const followed = reads() - all.length * callersEach
      expect(followed).toBeLessThanOrEqual(others.length * (ms / 75 + 3))
    },
  )

  test('do not hammer the store while TikTok hangs for two minutes, and are told when it ends', async () => {
    const { on, all, reads } = await fleet()
    const { storedAt } = answerAfter(on, 120_000)
    const [, ...others] = all
    let calls = 0
    const seenAt: number[] = []
    async function insist({ tokens }: Rig): Promise<void> {
      for (;;) {
        calls++
        try {
          await tokens.get(openId)
          seenAt.push(on.world.time)
          return
        } catch {
          // `refresh_pending`: what its `retryAfterMs` says.
          await new Promise<void>((resolve) => void on.world.schedule(1_000, resolve))
        }
      }
    }
    void on.tokens.get(openId).catch(() => undefined)
    await on.pass(1)
    for (const one of others) for (let caller = 0; caller < callersEach; caller++) void insist(one)
    // Readings a second of each process, beyond the one with which every call begins.
    async function rate(ms: number): Promise<number> {
      const before = reads() - calls
      await on.pass(ms)
      return ((reads() - calls - before) / others.length / ms) * 1_000
    }
    expect(await rate(5_000)).toBeLessThanOrEqual(14)
    expect(await rate(10_000)).toBeLessThanOrEqual(10)
    expect(await rate(15_000)).toBeLessThanOrEqual(4)
    await rate(30_000)
    expect(await rate(59_000)).toBeLessThanOrEqual(1.4)
    await on.pass(3_000)
    expect(seenAt).toHaveLength(others.length * callersEach)
    // Some of them were between two calls.
    expect(Math.max(...seenAt) - storedAt()).toBeLessThanOrEqual(1_000)
    expect(on.fake.sent).toHaveLength(1)
  })

  test('begin anew with the next claim', async () => {
    const { on, all } = await fleet()
    const [, other = on] = all
    answerAfter(on, 60_000)
    void on.tokens.get(openId).catch(() => undefined)
    await on.pass(1)
    for (let call = 0; call < 4; call++) {
      await on.after(
        16_000,
        other.tokens.get(openId).catch(() => undefined),
      )
    }
    const next = await on.after(0, other.tokens.get(openId))
    const refusedAccessToken = next.accessToken
    await on.pass(61_000)
    const { storedAt } = answerAfter(on, 1_000)
    void on.tokens.get(openId, { refusedAccessToken })
    await on.pass(1)
    let seenAt = 0
    void other.tokens.get(openId, { refusedAccessToken }).then(() => {
      seenAt = on.world.time
    })
    await on.pass(2_000)
    expect(seenAt - storedAt()).toBeGreaterThan(0)
    expect(seenAt - storedAt()).toBeLessThanOrEqual(100)
  })

  test('share a reading that fails, too', async () => {
    const { on, all, reads } = await fleet()
    const [, other = on] = all
    answerAfter(on, 5_000)
    void on.tokens.get(openId)
    await on.pass(1)
    const calls = Array.from({ length: callersEach }, () =>
      other.tokens.get(openId).catch((error: unknown) => error),
    )
    await on.pass(0)
    on.store.failing.push('read')
    const before = reads()
    const failures = await on.after(50, Promise.all(calls))
    expect(reads() - before).toBe(1)
    expect(new Set(failures).size).toBe(1)
    expect(failures[0]).toMatchObject({ code: 'store', operation: 'read' })
  })

  test('leave nothing behind when they leave, and read nothing for nobody', async () => {
    const { on, all, reads } = await fleet()
    const [, other = on] = all
    answerAfter(on, 10_000)
    void on.tokens.get(openId)
    await on.pass(1)
    const [first, second] = [new AbortController(), new AbortController()]
    const calls = [first, second].map(({ signal }) => other.tokens.get(openId, { signal }))
    const outcomes = Promise.allSettled(calls)
    await on.pass(1_000)
    first.abort(new Error('gone'))
    await on.pass(0)
    expect(other.process.timers).toBe(2)
    second.abort()
    const [one, two] = await on.after(0, outcomes)
    expect(one).toMatchObject({ status: 'rejected', reason: { message: 'gone' } })
    expect(two).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } })
    expect(other.process.timers).toBe(0)
    const before = reads()
    await on.pass(2_000)
    expect(reads()).toBe(before)
  })

  test('who come while a slow reading is under way wait for the next one', async () => {
    const { on, all } = await fleet()
    const [, other = on] = all
    answerAfter(on, 300)
    void on.tokens.get(openId)
    await on.pass(1)
    const { read } = on.store
    on.store.read = async (key) => {
      const row = await read(key)
      await new Promise<void>((resolve) => void on.world.schedule(200, resolve))
      return row
    }
    const calls: Promise<TokenSet>[] = []
    for (let caller = 0; caller < 10; caller++) {
      calls.push(other.tokens.get(openId))
      await on.pass(40)
    }
    const all10 = await on.after(1_000, Promise.all(calls))
    expect(new Set(all10.map(({ accessToken }) => accessToken)).size).toBe(1)
    expect(on.fake.sent).toHaveLength(1)
  })
})
