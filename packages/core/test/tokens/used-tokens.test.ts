import { describe, expect, test } from 'vitest'
import type { TokenSet } from '../../src/index.ts'
import { createUsedTokens } from '../../src/tokens/used-tokens.ts'
import { oauthError, openId, tokenSet } from './fake-tiktok.ts'
import type { Rig } from './virtual.ts'
import { rig } from './virtual.ts'

const hour = 3_600_000

async function connect(on: Rig): Promise<TokenSet> {
  const login = tokenSet({ issuedAt: on.now() - 2 * hour - 1 })
  await on.after(0, on.tokens.save(login))
  return login
}

/**
 * Brings a process to where it has stopped waiting for an answer, with its claim over and nothing written about it: the
 * answer comes 33 seconds after the request, now is 32.
 */
async function overdue(): Promise<{ on: Rig; login: TokenSet; next: TokenSet }> {
  const on = rig({ leaseMs: 30_000 })
  const login = await connect(on)
  const next = tokenSet({ issuedAt: on.now() })
  on.fake.replies.push(() => new Promise((resolve) => on.world.schedule(33_000, () => resolve(next))))
  on.tokens.get(openId).catch(() => undefined)
  await on.pass(1)
  on.store.failing.push('all')
  await on.pass(31_000)
  on.store.failing.length = 0
  await on.pass(999)
  return { on, login, next }
}

/** Lets the next write be heard of only five seconds after it was made. */
function delayAcknowledgement(on: Rig, meanwhile: () => void = () => undefined): void {
  const { replace } = on.store
  on.store.replace = async (key, expected, entry) => {
    on.store.replace = replace
    const won = await replace(key, expected, entry)
    await new Promise<void>((resolve) => on.world.schedule(5_000, resolve))
    meanwhile()
    return won
  }
}

describe('an answer that is stored between a claim and word of that claim', () => {
  test('spares TikTok the used token', async () => {
    const { on, login, next } = await overdue()
    delayAcknowledgement(on)
    const call = on.tokens.get(openId)
    await on.pass(6_000)
    expect(await on.after(1_000, call)).toMatchObject({ accessToken: next.accessToken })
    expect(on.fake.sent).toEqual([login.refreshToken])
    expect(on.store.record()).not.toHaveProperty('claim')
  })

  test('is what a revocation ends', async () => {
    const { on, login, next } = await overdue()
    delayAcknowledgement(on)
    expect(await on.after(6_000, on.tokens.revoke(openId))).toEqual({ remote: 'revoked' })
    expect(on.fake.sent).toEqual([login.refreshToken])
    expect(on.fake.revoked).toEqual([next.accessToken])
    expect(on.store.record()).toHaveProperty('removed')
  })

  test('is not looked for twice where the store fails: a revocation goes on with what it knows', async () => {
    const { on, login } = await overdue()
    delayAcknowledgement(on, () => on.store.failing.push('read', 'read'))
    await on.after(6_000, on.tokens.revoke(openId))
    expect(on.fake.sent).toEqual([login.refreshToken])
    expect(on.fake.revoked).toEqual([login.accessToken])
    expect(on.store.record()).toHaveProperty('removed')
  })

  test('does not matter where a row was removed meanwhile', async () => {
    const { on, login } = await overdue()
    delayAcknowledgement(on, () => on.store.rows.clear())
    await on.after(6_000, on.tokens.revoke(openId))
    expect(on.fake.sent).toEqual([login.refreshToken])
    expect(on.store.record()).toHaveProperty('removed')
  })
})

test('a row that holds a used token again, from a backup, is TikTok’s to judge', async () => {
  const on = rig()
  const login = await connect(on)
  const [saved] = on.store.rows
  await on.after(0, on.tokens.get(openId))
  if (saved !== undefined) on.store.rows.set(...saved)
  on.fake.replies.push(() => Promise.reject(oauthError('invalid_grant')))
  await expect(on.after(1_000, on.tokens.get(openId))).rejects.toMatchObject({
    reason: 'refresh_token_rejected',
  })
  expect(on.fake.sent).toEqual([login.refreshToken, login.refreshToken])
})

test('used tokens are remembered for a lease, one for each row', () => {
  let now = 0
  const used = createUsedTokens({ monotonic: () => now }, 30_000)
  used.add('a', 'first')
  used.add('b', 'second')
  now = 20_000
  used.add('a', 'third')
  expect([used.has('a', 'first'), used.has('a', 'third'), used.has('b', 'second')]).toEqual([
    false,
    true,
    true,
  ])
  now = 40_000
  used.add('c', 'fourth')
  expect([used.has('a', 'third'), used.has('b', 'second'), used.has('c', 'fourth')]).toEqual([
    true,
    false,
    true,
  ])
})
