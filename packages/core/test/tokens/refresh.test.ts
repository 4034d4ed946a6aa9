import { describe, expect, test } from 'vitest'
import type { TokenSet } from '../../src/index.ts'
import { NetworkError, UnexpectedResponseError } from '../../src/index.ts'
import { oauthError, openId, tokenSet } from './fake-tiktok.ts'
import type { Rig } from './virtual.ts'
import { rig } from './virtual.ts'

const hour = 3_600_000

/** A login whose access token has expired, or has `leftMs` to live. */
async function connect(on: Rig, leftMs = -1): Promise<TokenSet> {
  const issuedAt = on.now() - 2 * hour + leftMs
  const login = tokenSet({ issuedAt, refreshTokenExpiresAt: issuedAt + 4_320 * hour })
  await on.after(0, on.tokens.save(login))
  return login
}

function never(): Promise<never> {
  return new Promise(() => {})
}

/** Answers after `ms` of virtual time. */
function slow(on: Rig, ms: number): () => Promise<TokenSet> {
  return () =>
    new Promise((resolve) => {
      on.world.schedule(ms, () => resolve(tokenSet({ issuedAt: on.now() })))
    })
}

function broken(): Promise<never> {
  return Promise.reject(new NetworkError({ endpoint: 'token', timedOut: false, sent: 'unknown' }))
}

describe('when a token is refreshed', () => {
  test('outside the lead it is given as it is; inside, it is refreshed', async () => {
    const on = rig()
    const login = await connect(on, 6 * 60_000)
    expect(await on.after(0, on.tokens.get(openId))).toEqual(login)
    await on.pass(2 * 60_000)
    const next = await on.after(1_000, on.tokens.get(openId))
    expect(next.accessToken).not.toBe(login.accessToken)
    expect(on.fake.sent).toEqual([login.refreshToken])
    expect(on.events).toEqual([{ type: 'refreshed', openId, durationMs: 0 }])
  })

  test('a short life has a short lead, whatever was asked for', async () => {
    const on = rig({ leadMs: 6 * hour })
    const issuedAt = on.now()
    await on.after(0, on.tokens.save(tokenSet({ issuedAt, expiresAt: issuedAt + 40_000 })))
    await on.pass(20_000)
    await on.after(0, on.tokens.get(openId))
    expect(on.fake.sent).toEqual([])
    await on.pass(16_000)
    await on.after(0, on.tokens.get(openId))
    expect(on.fake.sent).toHaveLength(1)
  })

  test('an unknown deadline means usable until TikTok refuses', async () => {
    const on = rig()
    const login = tokenSet({ issuedAt: on.now() - 9_000 * hour, expiresAt: undefined })
    await on.after(0, on.tokens.save(login))
    expect((await on.after(0, on.tokens.get(openId))).accessToken).toBe(login.accessToken)
    const refusedAccessToken = login.accessToken
    const next = await on.after(0, on.tokens.get(openId, { refusedAccessToken }))
    expect(next.accessToken).not.toBe(login.accessToken)
  })

  test('a passed deadline of the refresh token refuses nothing: only TikTok does', async () => {
    const on = rig()
    const issuedAt = on.now() - 9_000 * hour
    await on.after(0, on.tokens.save(tokenSet({ issuedAt, refreshTokenExpiresAt: issuedAt + hour })))
    await on.after(0, on.tokens.get(openId))
    expect(on.fake.sent).toHaveLength(1)
  })

  test('a caller with a usable token gets it after two seconds, and the refresh goes on', async () => {
    const on = rig()
    const login = await connect(on, 4 * 60_000)
    on.fake.replies.push(slow(on, 10_000))
    const call = on.tokens.get(openId)
    await expect(on.after(1_900, call)).rejects.toThrow('still waiting')
    expect(await on.after(200, call)).toEqual(login)
    await on.pass(10_000)
    expect((await on.after(0, on.tokens.get(openId))).accessToken).not.toBe(login.accessToken)
    expect(on.fake.sent).toHaveLength(1)
  })

  test('a caller without one waits no longer than waitMs', async () => {
    const on = rig({ waitMs: 3_000 })
    await connect(on)
    on.fake.replies.push(slow(on, 10_000))
    await expect(on.after(3_000, on.tokens.get(openId))).rejects.toMatchObject({ code: 'refresh_pending' })
    await on.pass(8_000)
    await on.after(0, on.tokens.get(openId))
    expect(on.fake.sent).toHaveLength(1)
  })

  test('a store that never answers is waited for no longer than waitMs', async () => {
    const on = rig()
    on.store.read = never
    await expect(on.after(15_000, on.tokens.get(openId))).rejects.toMatchObject({ code: 'refresh_pending' })
    expect(on.process.timers).toBe(0)
  })

  test("a caller's signal ends the caller's waiting and nothing else", async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(slow(on, 5_000))
    const controller = new AbortController()
    const call = on.tokens.get(openId, { signal: controller.signal })
    await on.pass(1_000)
    controller.abort(new Error('gone home'))
    await expect(on.after(0, call)).rejects.toThrow('gone home')
    await on.pass(5_000)
    await on.after(0, on.tokens.get(openId))
    expect(on.fake.sent).toHaveLength(1)
    await expect(on.after(0, on.tokens.get(openId, { signal: controller.signal }))).rejects.toThrow(
      'gone home',
    )
  })
})

describe('a refused access token', () => {
  test('is refreshed once, however many callers report it', async () => {
    const on = rig()
    const login = await connect(on, hour)
    const refusedAccessToken = login.accessToken
    const calls = Array.from({ length: 50 }, () => on.tokens.get(openId, { refusedAccessToken }))
    const all = await on.after(5_000, Promise.all(calls))
    expect(new Set(all.map(({ accessToken }) => accessToken)).size).toBe(1)
    expect(all[0]?.accessToken).not.toBe(refusedAccessToken)
    expect(on.fake.sent).toHaveLength(1)
  })

  test('is not refreshed in its first minute, nor while it seems to come from the future', async () => {
    const on = rig()
    const login = tokenSet({ issuedAt: on.now() + 5_000 })
    await on.after(0, on.tokens.save(login))
    const refusedAccessToken = login.accessToken
    const asked = (): Promise<TokenSet> => on.tokens.get(openId, { refusedAccessToken })
    await expect(on.after(0, asked())).rejects.toMatchObject({
      code: 'refresh_pending',
      retryAfterMs: 60_000,
    })
    await on.pass(25_000)
    // Whatever its issuer's clock said: it has been in the store for 25 seconds.
    await expect(on.after(0, asked())).rejects.toMatchObject({ retryAfterMs: 35_000 })
    await on.pass(35_001)
    await on.after(0, asked())
    expect(on.fake.sent).toHaveLength(1)
  })

  test.each([true, false])(
    'is refreshed after a minute although its issuer was hours ahead, with ages (%s)',
    async (ages) => {
      const on = rig({}, ages)
      const login = tokenSet({ issuedAt: on.now() + 3 * hour })
      await on.after(0, on.tokens.save(login))
      const refusedAccessToken = login.accessToken
      const asked = (): Promise<TokenSet> => on.tokens.get(openId, { refusedAccessToken })
      await expect(on.after(0, asked())).rejects.toMatchObject({ retryAfterMs: 60_000 })
      await on.pass(59_000)
      await expect(on.after(0, asked())).rejects.toMatchObject({ retryAfterMs: 1_000 })
      await on.pass(1_001)
      expect((await on.after(0, asked())).accessToken).not.toBe(refusedAccessToken)
      expect(on.fake.sent).toHaveLength(1)
    },
  )

  test('is not given back when it was replaced before', async () => {
    const on = rig()
    const login = await connect(on, hour)
    const relogin = tokenSet({ issuedAt: on.now() })
    await on.after(0, on.tokens.save(relogin))
    const next = await on.after(0, on.tokens.get(openId, { refusedAccessToken: login.accessToken }))
    expect(next.accessToken).toBe(relogin.accessToken)
    expect(on.fake.sent).toEqual([])
  })
})

describe('when a refresh fails', () => {
  const transient = [
    ['a server error', () => Promise.reject(oauthError('server_error', { httpStatus: 500 }))],
    ['a gateway error', () => Promise.reject(unexpected(502))],
    ['a broken connection', broken],
  ] as const

  test.each(transient)('after %s it is sent once more', async (_name, failure) => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(failure)
    await on.after(1_000, on.tokens.get(openId))
    expect(on.fake.sent).toHaveLength(2)
  })

  test.each(transient)(
    'after %s twice, everybody waits, and the grant counts as ambiguous',
    async (_name, failure) => {
      const on = rig()
      await connect(on)
      on.fake.replies.push(failure, failure)
      const calls = Array.from({ length: 20 }, () => on.tokens.get(openId))
      const ends = await on.after(1_000, Promise.allSettled(calls))
      expect(ends.every(({ status }) => status === 'rejected')).toBe(true)
      expect(on.fake.sent).toHaveLength(2)
      expect(on.store.record()).toMatchObject({ ambiguous: true, retry: { failures: 1 } })
      expect(on.store.record()).not.toHaveProperty('claim')
      await on.pass(1_000)
      await on.after(0, on.tokens.get(openId))
      expect(on.fake.sent).toHaveLength(3)
      expect(on.store.record()).not.toHaveProperty('ambiguous')
    },
  )

  test.each([
    [
      'a refused connection',
      () => Promise.reject(new NetworkError({ endpoint: 'token', timedOut: false, sent: 'no' })),
      'network',
    ],
    ['a wrong client secret', () => Promise.reject(oauthError('invalid_client')), 'oauth_response'],
    [
      'too many requests',
      () => Promise.reject(oauthError('rate_limit_exceeded', { httpStatus: 429 })),
      'oauth_response',
    ],
    ['a page of something in between', () => Promise.reject(unexpected(403)), 'unexpected_response'],
  ] as const)('after %s it is not sent again, and nothing is ambiguous', async (_name, failure, code) => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(failure)
    await expect(on.after(1_000, on.tokens.get(openId))).rejects.toMatchObject({ code })
    expect(on.fake.sent).toHaveLength(1)
    expect(on.store.record()).not.toHaveProperty('ambiguous')
  })

  test.each([
    ['an unusable success', () => Promise.reject(unexpected(200))],
    ['a fault of another kind', () => Promise.reject(new TypeError('odd'))],
    ['an error that cannot come from TikTok', () => Promise.reject(oauthErrorOfAnotherKind())],
  ])('after %s it is not sent again, but the grant counts as ambiguous', async (_name, failure) => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(failure)
    await on.after(
      1_000,
      on.tokens.get(openId).catch(() => undefined),
    )
    expect(on.fake.sent).toHaveLength(1)
    expect(on.store.record()).toMatchObject({ ambiguous: true })
  })

  test.each([
    [20_000, 20_000],
    [1e9, 300_000],
  ])('Retry-After of %d ms is honoured, up to five minutes', async (retryAfterMs, expected) => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(() => Promise.reject(oauthError('slow_down', { httpStatus: 429, retryAfterMs })))
    await on.after(
      0,
      on.tokens.get(openId).catch(() => undefined),
    )
    await on.pass(expected - 1_000)
    await expect(on.after(0, on.tokens.get(openId))).rejects.toMatchObject({ retryAfterMs: 1_000 })
    await on.pass(1_001)
    await on.after(0, on.tokens.get(openId))
    expect(on.fake.sent).toHaveLength(2)
  })

  test('a back-off is shared by processes whose clocks are far apart', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(() =>
      Promise.reject(oauthError('slow_down', { httpStatus: 429, retryAfterMs: 60_000 })),
    )
    await on.after(
      0,
      on.tokens.get(openId).catch(() => undefined),
    )
    const other = on.another()
    other.process.setClock(3 * hour)
    await expect(on.after(0, other.tokens.get(openId))).rejects.toMatchObject({ code: 'refresh_pending' })
    other.process.setClock(-3 * hour)
    await on.pass(60_001)
    await on.after(0, other.tokens.get(openId, { refusedAccessToken: 'act.other' }))
    expect(on.fake.sent.length).toBeLessThanOrEqual(2)
  })

  test('callers with a usable token get it all the same', async () => {
    const on = rig()
    const login = await connect(on, 4 * 60_000)
    on.fake.replies.push(() => Promise.reject(oauthError('invalid_client')))
    expect(await on.after(0, on.tokens.get(openId))).toEqual(login)
    expect(await on.after(0, on.tokens.get(openId))).toEqual(login)
    expect(on.fake.sent).toHaveLength(1)
  })

  test('the tokens of another user are dropped and told', async () => {
    const on = rig()
    const login = await connect(on)
    on.fake.replies.push(async () => tokenSet({ openId: 'somebody-else' }))
    await expect(on.after(0, on.tokens.get(openId))).rejects.toMatchObject({ code: 'unexpected_response' })
    expect(on.events.map(({ type }) => type)).toContain('other_open_id')
    expect(on.store.record()).toMatchObject({
      tokenSet: { refreshToken: login.refreshToken },
      ambiguous: true,
    })
  })

  test('delays double up to a minute', async () => {
    const on = rig()
    await connect(on)
    for (let failure = 1; failure <= 12; failure++) {
      on.fake.replies.push(() => Promise.reject(oauthError('invalid_client')))
      await on.after(
        0,
        on.tokens.get(openId).catch(() => undefined),
      )
      const { retry } = on.store.record() as { retry: { failures: number; delayMs: number } }
      expect(retry.failures).toBe(failure)
      expect(retry.delayMs).toBeLessThanOrEqual(Math.min(60_000, 1_000 * 2 ** (failure - 1)))
      await on.pass(60_001)
    }
  })
})

describe('when TikTok refuses the refresh token', () => {
  const refuse = (): Promise<never> => Promise.reject(oauthError('invalid_grant', { httpStatus: 200 }))

  test('the user has to log in again, and TikTok is not asked a second time', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(refuse)
    const refused = { code: 'reauthorization_required', reason: 'refresh_token_rejected' }
    await expect(on.after(1_000, on.tokens.get(openId))).rejects.toMatchObject(refused)
    await expect(on.after(1_000, on.tokens.get(openId))).rejects.toMatchObject(refused)
    expect(on.fake.sent).toHaveLength(1)
    expect(await on.after(0, on.tokens.status(openId))).toMatchObject({
      state: 'needs_login',
      cause: 'refresh_token_rejected',
    })
    expect(on.events.at(-1)).toEqual({
      type: 'reauthorization_required',
      openId,
      cause: 'refresh_token_rejected',
    })
    const relogin = tokenSet({ issuedAt: on.now() })
    await on.after(0, on.tokens.save(relogin))
    expect((await on.after(0, on.tokens.get(openId))).accessToken).toBe(relogin.accessToken)
  })

  test('an access token that still works is given until its end', async () => {
    const on = rig()
    const login = await connect(on, 4 * 60_000)
    on.fake.replies.push(refuse)
    expect(await on.after(1_000, on.tokens.get(openId))).toEqual(login)
    await on.pass(2 * 60_000)
    await expect(on.after(1_000, on.tokens.get(openId))).rejects.toMatchObject({
      code: 'reauthorization_required',
    })
  })

  test('after a lost reply the cause is ambiguous, and a late answer of another process heals it', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(broken, refuse)
    const call = on.tokens.get(openId).catch((error: unknown) => error)
    // Another process may be about to store the answer: this one waits as long as its own claim lasts.
    await on.pass(20_000)
    expect(on.store.record()).not.toHaveProperty('rejected')
    await on.pass(12_000)
    expect(on.store.record()).toMatchObject({ rejected: {}, ambiguous: true })
    await call
    await expect(on.after(0, on.tokens.get(openId))).rejects.toMatchObject({ reason: 'ambiguous' })
  })

  test('a login meanwhile wins', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(async () => {
      await on.tokens.save(relogin)
      return refuse()
    })
    const relogin = tokenSet({ issuedAt: on.now() })
    expect((await on.after(1_000, on.tokens.get(openId))).accessToken).toBe(relogin.accessToken)
  })

  test('a removal meanwhile wins', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(async () => {
      on.store.rows.clear()
      return refuse()
    })
    await expect(on.after(1_000, on.tokens.get(openId))).rejects.toMatchObject({ reason: 'no_grant' })
  })
})

describe('several processes', () => {
  test('wait for the one that is refreshing', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(slow(on, 3_000))
    const mine = on.tokens.get(openId)
    await on.pass(1)
    const theirs = on.another().tokens.get(openId)
    await expect(on.after(2_000, theirs)).rejects.toThrow('still waiting')
    expect(await on.after(2_000, theirs)).toEqual(await mine)
    expect(on.fake.sent).toHaveLength(1)
  })

  test('take what is usable while another one refreshes', async () => {
    const on = rig()
    const login = await connect(on, 4 * 60_000)
    on.fake.replies.push(slow(on, 3_000))
    void on.tokens.get(openId)
    await on.pass(1)
    expect(await on.after(0, on.another().tokens.get(openId))).toEqual(login)
    expect(on.fake.sent).toHaveLength(1)
  })

  test('a claim whose holder died is taken over when it is over, by the clock of the store', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(never)
    void on.tokens.get(openId).catch(() => undefined)
    await on.pass(1)
    on.process.crash()
    const other = on.another()
    await expect(on.after(15_000, other.tokens.get(openId))).rejects.toMatchObject({
      code: 'refresh_pending',
    })
    await on.pass(14_000)
    await on.after(2_000, other.tokens.get(openId))
    expect(on.fake.sent).toHaveLength(2)
    expect(other.events.map(({ type }) => type)).toEqual(['claim_taken_over', 'refreshed'])
  })

  test('without that clock, when it was watched for a lease, by any number of short calls', async () => {
    const on = rig({}, false)
    await connect(on)
    on.fake.replies.push(never)
    void on.tokens.get(openId).catch(() => undefined)
    await on.pass(1)
    on.process.crash()
    const other = on.another({ waitMs: 1_000 })
    for (let second = 0; second < 30; second++) {
      await on.after(
        1_000,
        other.tokens.get(openId).catch(() => undefined),
      )
    }
    await on.after(1_000, other.tokens.get(openId))
    expect(on.fake.sent).toHaveLength(2)
  })

  test('or at once when even a wrong wall clock must call it over', async () => {
    const on = rig({}, false)
    await connect(on)
    on.fake.replies.push(never)
    void on.tokens.get(openId).catch(() => undefined)
    await on.pass(1)
    on.process.crash()
    await on.pass(11 * 60_000)
    await on.after(1_000, on.another().tokens.get(openId))
    expect(on.fake.sent).toHaveLength(2)
  })

  test('a slow answer keeps its claim for two minutes, and is stored however late it comes', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(slow(on, 400_000))
    void on.tokens.get(openId).catch(() => undefined)
    const other = on.another()
    await on.pass(110_000)
    await expect(on.after(15_000, other.tokens.get(openId))).rejects.toMatchObject({
      code: 'refresh_pending',
    })
    expect(on.fake.sent).toHaveLength(1)
    await on.pass(40_000)
    expect(on.store.record()).toMatchObject({ ambiguous: true, retry: { code: 'no_answer' } })
    await on.pass(300_000)
    expect(on.store.record()).not.toHaveProperty('retry')
    expect(on.events.map(({ type }) => type)).toEqual(['refresh_failed', 'refreshed'])
  })
})

describe('when the store fails', () => {
  test('at the read, callers get a store error', async () => {
    const on = rig()
    await connect(on)
    on.store.failing.push('all')
    await expect(on.after(0, on.tokens.get(openId))).rejects.toMatchObject({
      code: 'store',
      operation: 'read',
    })
    expect(on.fake.sent).toEqual([])
  })

  test('at the claim, nothing is sent', async () => {
    const on = rig()
    await connect(on)
    on.store.failing.push('replace')
    await expect(on.after(0, on.tokens.get(openId))).rejects.toMatchObject({
      code: 'store',
      operation: 'replace',
    })
    expect(on.fake.sent).toEqual([])
    await on.after(0, on.tokens.get(openId))
    expect(on.fake.sent).toHaveLength(1)
  })

  test('after a good refresh, everybody is served from memory and the old token is never sent again', async () => {
    const on = rig()
    const login = await connect(on)
    on.fake.replies.push(async () => {
      on.store.failing.push('all')
      return tokenSet({ issuedAt: on.now() })
    })
    const calls = Array.from({ length: 30 }, () => on.tokens.get(openId))
    const all = await on.after(1_000, Promise.all(calls))
    expect(new Set(all.map(({ accessToken }) => accessToken)).size).toBe(1)
    expect(on.events.map(({ type }) => type)).toEqual(['settle_delayed'])
    await on.pass(60_000)
    expect(await on.after(0, on.tokens.get(openId))).toEqual(all[0])
    on.store.failing.length = 0
    await on.pass(6_000)
    expect(on.store.record()).toMatchObject({ tokenSet: { accessToken: all[0]?.accessToken } })
    expect(on.fake.sent).toEqual([login.refreshToken])
  })

  test('a row that vanished meanwhile is written anew', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(async () => {
      on.store.rows.clear()
      return tokenSet({ issuedAt: on.now() })
    })
    await on.after(0, on.tokens.get(openId))
    expect(on.events.map(({ type }) => type)).toEqual(['row_recreated', 'refreshed'])
    expect(await on.after(0, on.tokens.status(openId))).toMatchObject({ state: 'connected' })
  })
})

describe('what TikTok answers', () => {
  test('without a new refresh token the old one is kept, and told', async () => {
    const on = rig()
    const login = await connect(on)
    on.fake.replies.push(async (refreshToken) => tokenSet({ issuedAt: on.now(), refreshToken }))
    const next = await on.after(0, on.tokens.get(openId))
    expect(next.refreshToken).toBe(login.refreshToken)
    expect(on.store.record()).toMatchObject({ tokenSet: { accessToken: next.accessToken } })
    expect(on.events.map(({ type }) => type)).toEqual(['refreshed', 'refresh_token_kept'])
  })

  test('with fewer scopes they are stored, and told', async () => {
    const on = rig()
    const issuedAt = on.now() - 3 * hour
    await on.after(0, on.tokens.save(tokenSet({ issuedAt, scope: ['user.info.basic', 'video.list'] })))
    await on.after(0, on.tokens.get(openId))
    expect(on.events.at(-1)).toEqual({ type: 'scope_reduced', openId, missing: ['video.list'] })
    expect((await on.after(0, on.tokens.status(openId))).scope).toEqual(['user.info.basic'])
  })
})

describe('close', () => {
  test('waits until a refresh in flight is stored', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(slow(on, 20_000))
    void on.tokens.get(openId).catch(() => undefined)
    await on.pass(1_000)
    const closed = on.tokens.close()
    await expect(on.after(18_000, closed)).rejects.toThrow('still waiting')
    await on.after(2_000, closed)
    expect(on.store.record()).not.toHaveProperty('claim')
    expect(on.process.timers).toBe(0)
  })

  test('gives up after two minutes', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(async () => {
      on.store.failing.push('all')
      return tokenSet({ issuedAt: on.now() })
    })
    await on.after(1_000, on.tokens.get(openId))
    await on.after(120_001, on.tokens.close())
    await on.pass(10_000)
    expect(on.process.timers).toBe(0)
  })

  test('waitUntil gets the whole of it, and never a rejection', async () => {
    const works: Promise<unknown>[] = []
    const on = rig({ waitUntil: (work) => void works.push(work) })
    await connect(on)
    on.fake.replies.push(() => Promise.reject(oauthError('invalid_client')))
    await on.after(
      0,
      on.tokens.get(openId).catch(() => undefined),
    )
    expect(works.length).toBeGreaterThan(0)
    await on.after(0, Promise.all(works))
  })
})

function unexpected(httpStatus: number): UnexpectedResponseError {
  return new UnexpectedResponseError({ endpoint: 'token', problem: 'HTML', httpStatus })
}

function oauthErrorOfAnotherKind(): Error {
  return Object.assign(oauthError('odd'), { code: 'store' })
}
