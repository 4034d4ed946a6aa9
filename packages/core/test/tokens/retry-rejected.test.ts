import { describe, expect, test } from 'vitest'
import type { TokenSet } from '../../src/index.ts'
import { oauthError, openId, tokenSet } from './fake-tiktok.ts'
import type { Rig } from './virtual.ts'
import { rig } from './virtual.ts'

const refuse = (): Promise<TokenSet> => Promise.reject(oauthError('invalid_grant'))

/** A grant whose refresh token TikTok has refused. */
async function rejected(on: Rig, ambiguous = false): Promise<TokenSet> {
  const login = tokenSet({ issuedAt: on.now() - 7_300_000 })
  await on.after(0, on.tokens.save(login))
  if (ambiguous) on.fake.replies.push(() => Promise.reject(oauthError('server_error')))
  on.fake.replies.push(refuse)
  await on.after(
    40_000,
    on.tokens.get(openId).catch(() => undefined),
  )
  await on.pass(40_000)
  expect(on.store.record()).toHaveProperty('rejected')
  return login
}

describe('a rejected grant tried again', () => {
  test('is well when TikTok accepts its token by now', async () => {
    const on = rig()
    const login = await rejected(on)
    const status = await on.after(1_000, on.tokens.retryRejected(openId))
    expect(status).toMatchObject({ state: 'connected' })
    expect(on.fake.sent).toEqual([login.refreshToken, login.refreshToken])
    expect(on.store.record()).not.toHaveProperty('rejected')
    expect((await on.after(0, on.tokens.get(openId))).refreshToken).not.toBe(login.refreshToken)
  })

  test.each([false, true])(
    'is rejected again at once, for the same cause (ambiguous: %s)',
    async (ambiguous) => {
      const on = rig()
      await rejected(on, ambiguous)
      const before = await on.after(0, on.tokens.status(openId))
      on.fake.replies.push(refuse)
      const status = await on.after(1_000, on.tokens.retryRejected(openId))
      expect(status).toMatchObject({
        state: 'needs_login',
        cause: ambiguous ? 'ambiguous' : 'refresh_token_rejected',
      })
      expect(status.since).toBeGreaterThan(before.since ?? Infinity)
      expect(on.store.record()).not.toHaveProperty('claim')
    },
  )

  test('is tried once, however many ask', async () => {
    const on = rig()
    await rejected(on)
    const others = [on, on, on.another(), on.another()]
    await on.after(1_000, Promise.all(others.map(({ tokens }) => tokens.retryRejected(openId))))
    expect(on.fake.sent).toHaveLength(2)
  })

  test('backs off like any other when TikTok fails, and is no longer rejected', async () => {
    const on = rig()
    await rejected(on)
    on.fake.replies.push(() => Promise.reject(oauthError('rate_limit_exceeded', { httpStatus: 429 })))
    const tried = on.after(5_000, on.tokens.retryRejected(openId))
    await expect(tried).rejects.toMatchObject({ code: 'oauth_response' })
    expect(on.store.record()).toHaveProperty('retry')
    expect(on.store.record()).not.toHaveProperty('rejected')
    await on.pass(60_000)
    await on.after(1_000, on.tokens.get(openId))
  })

  test('that TikTok does not answer in time keeps nobody waiting, and is settled later', async () => {
    const on = rig()
    await rejected(on)
    on.fake.replies.push(
      () =>
        new Promise((resolve) => {
          on.world.schedule(20_000, () => resolve(tokenSet({ issuedAt: on.now() })))
        }),
    )
    await expect(on.after(16_000, on.tokens.retryRejected(openId))).rejects.toMatchObject({
      code: 'refresh_pending',
    })
    await on.pass(10_000)
    expect(await on.after(0, on.tokens.status(openId))).toMatchObject({ state: 'connected' })
  })
})

describe('a grant that is not rejected', () => {
  test('is left alone', async () => {
    const on = rig()
    expect(await on.after(0, on.tokens.retryRejected(openId))).toMatchObject({ cause: 'no_grant' })
    await on.after(0, on.tokens.save(tokenSet({ issuedAt: on.now() - 7_300_000 })))
    expect(await on.after(0, on.tokens.retryRejected(openId))).toMatchObject({ state: 'connected' })
    await on.after(5_000, on.tokens.revoke(openId))
    const sent = on.fake.sent.length
    expect(await on.after(0, on.tokens.retryRejected(openId))).toMatchObject({ cause: 'revoked' })
    expect(on.fake.sent).toHaveLength(sent)
  })

  test('that is being revoked is left alone, rejected or not', async () => {
    const on = rig()
    await rejected(on)
    on.fake.answerRevoke = () => new Promise(() => {})
    void on.tokens.revoke(openId)
    await on.pass(100)
    const sent = on.fake.sent.length
    expect(await on.after(0, on.tokens.retryRejected(openId))).toMatchObject({ cause: 'revoked' })
    expect(on.fake.sent).toHaveLength(sent)
  })
})
