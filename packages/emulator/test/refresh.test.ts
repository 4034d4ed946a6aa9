import { describe, expect, test } from 'vitest'
import type { Emulator } from '../src/index.ts'
import { desktopCredentials, login, post, refresh, start, userInfo } from './support.ts'

const path = '/v2/oauth/token/'

describe('refresh', () => {
  const outcome = async (emulator: Emulator, value: unknown) =>
    (await refresh(emulator, value)).body.error ?? 'ok'

  test('strict: a new refresh token each time, the old one dead at once', async () => {
    const emulator = start()
    const first = await login(emulator)
    const { body } = await refresh(emulator, first.refresh_token)
    expect(body).toMatchObject({ open_id: first.open_id, scope: 'user.info.basic,user.info.profile' })
    expect(body.refresh_token).not.toBe(first.refresh_token)
    expect(body.access_token).not.toBe(first.access_token)
    expect(await outcome(emulator, first.refresh_token)).toBe('invalid_grant')
    expect(await outcome(emulator, body.refresh_token)).toBe('ok')
  })

  test('of two at once exactly one wins', async () => {
    const emulator = start()
    const { refresh_token } = await login(emulator)
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => outcome(emulator, refresh_token)))
    expect(outcomes.filter((one) => one === 'ok')).toHaveLength(1)
    expect(outcomes.filter((one) => one === 'invalid_grant')).toHaveLength(4)
  })

  test('none: the old refresh token lives on', async () => {
    const emulator = start({ behavior: { rotation: 'none' } })
    const { refresh_token } = await login(emulator)
    const { body } = await refresh(emulator, refresh_token)
    expect(body.refresh_token).not.toBe(refresh_token)
    expect(await outcome(emulator, refresh_token)).toBe('ok')
    expect(await outcome(emulator, body.refresh_token)).toBe('ok')
  })

  test('same and omit: the token that was sent stays the one', async () => {
    const emulator = start({ behavior: { rotation: 'same' } })
    const { refresh_token } = await login(emulator)
    expect((await refresh(emulator, refresh_token)).body.refresh_token).toBe(refresh_token)
    emulator.setBehavior({ rotation: 'omit' })
    expect((await refresh(emulator, refresh_token)).body).not.toHaveProperty('refresh_token')
    expect(await outcome(emulator, refresh_token)).toBe('ok')
  })

  test('grace: the old one brings the same pair once more, for a while', async () => {
    const emulator = start({ behavior: { rotation: { graceMs: 10_000 } }, now: () => 1e12 })
    const { refresh_token } = await login(emulator)
    const { body } = await refresh(emulator, refresh_token)
    emulator.advance(9_000)
    const again = await refresh(emulator, refresh_token)
    expect(again.body).toMatchObject({ refresh_token: body.refresh_token, access_token: body.access_token })
    expect(again.body.expires_in).toBe(7191)
    emulator.advance(1_000)
    expect(await outcome(emulator, refresh_token)).toBe('invalid_grant')
    expect(await outcome(emulator, body.refresh_token)).toBe('ok')
  })

  test('grace with new_pair: each call brings its own', async () => {
    const emulator = start({ behavior: { rotation: { graceMs: 10_000, reply: 'new_pair' } } })
    const { refresh_token } = await login(emulator)
    const replies = await Promise.all([refresh(emulator, refresh_token), refresh(emulator, refresh_token)])
    const [one, two] = replies.map(({ body }) => body.refresh_token)
    expect(one).not.toBe(two)
    expect([await outcome(emulator, one), await outcome(emulator, two)]).toEqual(['ok', 'ok'])
  })

  test('reuse of a dead one costs nothing more, or the whole family', async () => {
    const emulator = start()
    const first = await login(emulator)
    const second = (await refresh(emulator, first.refresh_token)).body
    await refresh(emulator, first.refresh_token)
    const third = (await refresh(emulator, second.refresh_token)).body
    expect(third.error).toBeUndefined()
    emulator.setBehavior({ reuse: 'revoke_family' })
    const other = await login(emulator)
    expect(await outcome(emulator, first.refresh_token)).toBe('invalid_grant')
    expect(await outcome(emulator, third.refresh_token)).toBe('invalid_grant')
    expect((await userInfo(emulator, String(third.access_token))).status).toBe(401)
    expect((await userInfo(emulator, other.access_token)).status).toBe(200)
  })

  test('the old access token stays valid to its time, or dies at once', async () => {
    const emulator = start()
    const first = await login(emulator)
    const second = (await refresh(emulator, first.refresh_token)).body
    expect((await userInfo(emulator, first.access_token)).status).toBe(200)
    emulator.setBehavior({ oldAccessTokenAfterRefresh: 'dies' })
    const third = (await refresh(emulator, second.refresh_token)).body
    expect((await userInfo(emulator, first.access_token)).status).toBe(401)
    expect((await userInfo(emulator, String(third.access_token))).status).toBe(200)
  })

  test('restarts the refresh token’s life, or keeps the first deadline', async () => {
    const day = 86_400_000
    for (const refreshRestartsLife of [true, false]) {
      const emulator = start({ behavior: { refreshRestartsLife }, now: () => 1e12 })
      const { refresh_token } = await login(emulator)
      emulator.advance(10 * day)
      const { body } = await refresh(emulator, refresh_token)
      expect(body.refresh_expires_in).toBe((refreshRestartsLife ? 180 : 170) * 86_400)
      emulator.advance(175 * day)
      expect(await outcome(emulator, body.refresh_token)).toBe(refreshRestartsLife ? 'ok' : 'invalid_grant')
    }
  })

  test('lifetimes are what they are set to', async () => {
    const behavior = { accessTokenLifetimeMs: 86_400_000, refreshTokenLifetimeMs: 31_536_000_000 }
    const emulator = start({ behavior })
    const { refresh_token } = await login(emulator)
    const { body } = await refresh(emulator, refresh_token)
    expect(body).toMatchObject({ expires_in: 86_400, refresh_expires_in: 31_536_000 })
    emulator.advance(31_536_000_000)
    expect(await outcome(emulator, body.refresh_token)).toBe('invalid_grant')
  })

  test('another app cannot use the token, and does not harm it', async () => {
    const emulator = start()
    const { refresh_token } = await login(emulator)
    const foreign = { ...desktopCredentials, grant_type: 'refresh_token', refresh_token }
    expect((await post(emulator, path, foreign)).body.error).toBe('invalid_grant')
    expect(await outcome(emulator, refresh_token)).toBe('ok')
  })
})
