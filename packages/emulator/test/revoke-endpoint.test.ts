import { describe, expect, test } from 'vitest'
import type { Emulator } from '../src/index.ts'
import { credentials, desktopCredentials, login, post, refresh, start, token, userInfo } from './support.ts'

const form = 'application/x-www-form-urlencoded'

describe('revoke', () => {
  const revoke = (emulator: Emulator, value: string, keys: Record<string, string> = credentials) =>
    post(emulator, '/v2/oauth/revoke/', { ...keys, token: value })

  test('kills every token of that user and app, and answers {}', async () => {
    const emulator = start()
    const one = await login(emulator, { user: 'mia' })
    const two = await login(emulator, { user: 'mia' })
    const other = await login(emulator, { user: 'noor' })
    expect(await revoke(emulator, one.access_token)).toMatchObject({ status: 200, body: {} })
    expect((await userInfo(emulator, two.access_token)).status).toBe(401)
    expect((await refresh(emulator, two.refresh_token)).body.error).toBe('invalid_grant')
    expect((await userInfo(emulator, other.access_token)).status).toBe(200)
    expect(emulator.grants.map(({ state }) => state)).toEqual(['removed', 'active'])
    await login(emulator, { user: 'mia' })
    expect(emulator.grants.map(({ state }) => state)).toEqual(['removed', 'active', 'active'])
  })

  test('the second time is fine, or an error when told so', async () => {
    const emulator = start()
    const { access_token } = await login(emulator)
    await revoke(emulator, access_token)
    expect((await revoke(emulator, access_token)).body.error).toBeUndefined()
    emulator.setBehavior({ secondRevoke: 'error' })
    expect((await revoke(emulator, access_token)).body.error).toBe('invalid_grant')
    expect((await revoke(emulator, 'act.unknown')).body.error).toBe('invalid_grant')
  })

  test('may answer nothing at all', async () => {
    const emulator = start({ behavior: { revokeReply: 'empty' } })
    const { access_token } = await login(emulator)
    const reply = await emulator.fetch('https://open.tiktokapis.com/v2/oauth/revoke/', {
      method: 'POST',
      headers: { 'content-type': form },
      body: new URLSearchParams({ ...credentials, token: access_token }).toString(),
    })
    expect([reply.status, await reply.text()]).toEqual([200, ''])
    expect(emulator.grants[0]?.state).toBe('removed')
  })

  test('wants a live access token of that very app', async () => {
    const emulator = start()
    const tokens = await login(emulator)
    expect((await revoke(emulator, tokens.refresh_token)).body.error).toBe('invalid_request')
    expect((await revoke(emulator, tokens.access_token, desktopCredentials)).body.error).toBe('invalid_grant')
    expect(
      (await revoke(emulator, tokens.access_token, { client_key: 'a', client_secret: 'b' })).body.error,
    ).toBe('invalid_client')
    emulator.advance(7_200_000)
    expect((await revoke(emulator, tokens.access_token)).body.error).toBe('invalid_grant')
    expect(emulator.grants[0]?.state).toBe('active')
  })

  test('ends a token of the app itself', async () => {
    const emulator = start({ behavior: { secondRevoke: 'error' } })
    const { body } = await token(emulator, { grant_type: 'client_credentials' })
    expect((await revoke(emulator, String(body.access_token))).body.error).toBeUndefined()
    expect((await revoke(emulator, String(body.access_token))).body.error).toBe('invalid_grant')
  })
})
