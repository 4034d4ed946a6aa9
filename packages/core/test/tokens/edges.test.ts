import { describe, expect, test } from 'vitest'
import type { TokenSet } from '../../src/index.ts'
import { oauthError, openId, tokenSet } from './fake-tiktok.ts'
import type { Rig } from './virtual.ts'
import { frozen, rig } from './virtual.ts'

/** A user whose access token has expired. */
async function connect(on: Rig, fields: Partial<TokenSet> = {}): Promise<TokenSet> {
  const login = tokenSet({ issuedAt: on.now() - 7_300_000, ...fields })
  await on.after(0, on.tokens.save(login))
  return login
}

/** Puts something else into the row, as another process would. */
function alter(on: Rig, change: object): void {
  for (const [key, { entry }] of on.store.rows) {
    const value = JSON.stringify({ ...JSON.parse(entry.value), ...change })
    const altered = { ...entry, revision: `altered ${on.world.time} ${Object.keys(change).join()}`, value }
    on.store.rows.set(key, { entry: altered, writtenAt: on.world.time })
  }
}

/** Answers the next refresh after `ms`. */
function answerAfter(on: Rig, ms: number, answer: () => TokenSet): void {
  on.fake.replies.push(
    () =>
      new Promise((resolve, reject) => {
        on.world.schedule(ms, () => {
          try {
            resolve(answer())
          } catch (error) {
            reject(error as Error)
          }
        })
      }),
  )
}

const refuse = (): never => {
  throw oauthError('invalid_grant')
}

describe('an answer on its way into the store', () => {
  test('is handed out by this process, except to whoever reports it refused', async () => {
    const on = rig()
    await connect(on)
    const next = tokenSet({ issuedAt: on.now() })
    const { replace } = on.store
    on.fake.replies.push(async () => {
      on.store.replace = () => Promise.reject(new Error('read-only'))
      return next
    })
    expect(await on.after(5_000, on.tokens.get(openId))).toEqual(next)
    expect(await on.after(0, on.tokens.get(openId))).toEqual(next)
    const refused = on.after(16_000, on.tokens.get(openId, { refusedAccessToken: next.accessToken }))
    await expect(refused).rejects.toMatchObject({ code: 'refresh_pending' })
    on.store.replace = replace
    await on.pass(10_000)
    expect(on.store.record()).toMatchObject({ tokenSet: { refreshToken: next.refreshToken } })
    expect(on.fake.sent).toHaveLength(1)
  })

  test.each([
    ['no deadline', undefined, undefined, 'theirs'],
    ['an earlier deadline than the stored one', 1, undefined, 'theirs'],
    ['a later deadline than the stored one', undefined, 1, 'ours'],
  ])('with the same refresh token and %s: %s, %s', async (_, ours, theirs, kept) => {
    const on = rig()
    const login = await connect(on)
    const deadline = (order: number | undefined): number | undefined =>
      order === undefined ? undefined : on.now() + order
    answerAfter(on, 5_000, () => ({ ...login, accessToken: 'ours', expiresAt: deadline(ours) }))
    void on.tokens.get(openId).catch(() => {})
    await on.pass(1_000)
    alter(on, { tokenSet: { ...login, accessToken: 'theirs', expiresAt: deadline(theirs) } })
    await on.pass(10_000)
    expect(on.store.record()).toMatchObject({ tokenSet: { accessToken: kept } })
  })

  test('that a lost write has stored, and somebody has passed on since, is not stored again', async () => {
    const on = rig()
    await connect(on)
    const { replace } = on.store
    const next = tokenSet({ issuedAt: on.now() })
    on.fake.replies.push(async () => {
      on.store.replace = async (key, expected, entry) => {
        on.store.replace = replace
        await replace(key, expected, entry)
        on.store.failing.push('read')
        throw new Error('the connection broke')
      }
      return next
    })
    expect(await on.after(5_000, on.tokens.get(openId))).toEqual(next)
    expect(on.events.map(({ type }) => type)).toEqual(['settle_delayed', 'refreshed'])
  })
})

describe('an answer whose row has vanished', () => {
  test('stays a revocation, where one was under way', async () => {
    const on = rig()
    await connect(on)
    answerAfter(on, 5_000, () => tokenSet({ issuedAt: on.now() }))
    const revoked = on.tokens.revoke(openId)
    await on.pass(1_000)
    on.store.rows.clear()
    expect(await on.after(10_000, revoked)).toEqual({ remote: 'revoked' })
    expect(on.store.record()).toHaveProperty('removed')
    expect(on.events.map(({ type }) => type)).toContain('row_recreated')
  })

  test('makes way for a login that comes first', async () => {
    const on = rig()
    await connect(on)
    const login = tokenSet({ issuedAt: on.now() })
    answerAfter(on, 5_000, () => tokenSet({ issuedAt: on.now() }))
    const asked = on.tokens.get(openId)
    await on.pass(1_000)
    on.store.rows.clear()
    const { insert } = on.store
    on.store.insert = async (key, entry) => {
      on.store.insert = insert
      await on.another().tokens.save(login)
      return insert(key, entry)
    }
    expect(await on.after(10_000, asked)).toEqual(login)
    expect(on.events.map(({ type }) => type)).not.toContain('row_recreated')
  })
})

describe('a write whose fate cannot be read', () => {
  test('is a failure of the store', async () => {
    const on = rig()
    await connect(on)
    on.store.replace = async () => {
      on.store.failing.push('read')
      return false
    }
    await expect(on.after(1_000, on.tokens.get(openId))).rejects.toMatchObject({ code: 'store' })
  })
})

describe('a claim that came too late', () => {
  test('and cannot be given back runs out by itself', async () => {
    const on = rig()
    await connect(on)
    const { replace } = on.store
    on.store.replace = async (key, expected, entry) => {
      const won = await replace(key, expected, entry)
      await frozen(on, 21_000)
      on.store.replace = () => Promise.reject(new Error('read-only'))
      return won
    }
    void on.tokens.get(openId).catch(() => {})
    await on.pass(22_000)
    expect(on.fake.sent).toEqual([])
    expect(on.store.record()).toHaveProperty('claim')
    on.store.replace = replace
    await on.pass(10_000)
    await on.after(1_000, on.tokens.get(openId))
    expect(on.fake.sent).toHaveLength(1)
  })
})

describe('a refusal', () => {
  test('is noted over what the row has become meanwhile', async () => {
    const on = rig()
    await connect(on)
    const { replace } = on.store
    on.fake.replies.push(() => {
      on.store.replace = async (key, expected, entry) => {
        on.store.replace = replace
        alter(on, { ambiguous: true })
        return replace(key, expected, entry)
      }
      return Promise.reject(oauthError('invalid_grant'))
    })
    await expect(on.after(60_000, on.tokens.get(openId))).rejects.toMatchObject({ code: 'refresh_pending' })
    expect(on.store.record()).toMatchObject({ rejected: {}, ambiguous: true })
  })

  test('waits for a claim of somebody else, and is theirs to note', async () => {
    const on = rig()
    await connect(on)
    answerAfter(on, 5_000, refuse)
    void on.tokens.get(openId).catch(() => {})
    await on.pass(1_000)
    alter(on, { claim: { id: 'theirs', leaseMs: 30_000 } })
    await on.pass(20_000)
    expect(on.store.record()).not.toHaveProperty('rejected')
    alter(on, { claim: undefined, rejected: { at: 1 } })
    await on.pass(5_000)
    expect(on.store.record()).toMatchObject({ rejected: { at: 1 } })
  })

  test('of a row that has vanished, or was removed, is no rejection', async () => {
    for (const end of ['vanished', 'removed'] as const) {
      const on = rig()
      await connect(on)
      answerAfter(on, 1_000, refuse)
      const asked = on.tokens.get(openId)
      asked.catch(() => {})
      await on.pass(500)
      if (end === 'vanished') on.store.rows.clear()
      else alter(on, { removed: { at: 1, connection: 'c', by: 'webhook' } })
      await expect(on.after(5_000, asked)).rejects.toMatchObject({ reason: 'no_grant' })
    }
  })
})

test('a revocation whose new tokens can never be stored ends with the manager', async () => {
  const on = rig()
  await connect(on)
  on.fake.replies.push(async () => {
    on.store.failing.push('all')
    return tokenSet({ issuedAt: on.now() })
  })
  const revoked = on.tokens.revoke(openId)
  revoked.catch(() => {})
  await on.after(200_000, on.tokens.close())
  await on.pass(60_000)
  await expect(on.after(0, revoked)).rejects.toMatchObject({ code: 'store' })
  expect(on.fake.revoked).toHaveLength(1)
  expect(on.process.timers).toBe(0)
})
