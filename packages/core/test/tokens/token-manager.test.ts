import { describe, expect, test } from 'vitest'
import { createTokenManager, memoryTokenStore } from '../../src/index.ts'
import { expired, fakeTikTok, openId, tokenSet } from './fake-tiktok.ts'

describe('the happy path', () => {
  test('a saved login is given back', async () => {
    const { client, sent } = fakeTikTok()
    const tokens = createTokenManager(client, memoryTokenStore())
    const login = tokenSet()
    const status = await tokens.save(login)
    expect(status).toMatchObject({ openId, state: 'connected', scope: ['user.info.basic'] })
    expect(await tokens.get(openId)).toEqual(login)
    expect(await tokens.status(openId)).toEqual(status)
    expect(sent).toEqual([])
  })

  test('a hundred callers of an expired token cause one refresh and get the same tokens', async () => {
    const { client, sent } = fakeTikTok()
    const tokens = createTokenManager(client, memoryTokenStore())
    const login = expired()
    await tokens.save(login)
    const all = await Promise.all(Array.from({ length: 100 }, () => tokens.get(openId)))
    expect(sent).toEqual([login.refreshToken])
    expect(new Set(all.map(({ accessToken }) => accessToken)).size).toBe(1)
    expect(await tokens.get(openId)).toEqual(all[0])
  })

  test('revoke disconnects at TikTok and here, and can be repeated', async () => {
    const { client, revoked } = fakeTikTok()
    const tokens = createTokenManager(client, memoryTokenStore())
    const login = tokenSet()
    await tokens.save(login)
    expect(await tokens.revoke(openId)).toEqual({ remote: 'revoked' })
    expect(await tokens.revoke(openId)).toEqual({ remote: 'nothing_to_revoke' })
    expect(revoked).toEqual([login.accessToken])
    await expect(tokens.get(openId)).rejects.toMatchObject({ code: 'reauthorization_required' })
    expect(await tokens.status(openId)).toMatchObject({ state: 'needs_login', cause: 'revoked' })
    await tokens.close()
  })

  test('fetch refreshes once when TikTok calls the token invalid', async () => {
    const fake = fakeTikTok()
    const tokens = createTokenManager(fake.client, memoryTokenStore())
    const login = tokenSet({ issuedAt: Date.now() - 120_000 })
    await tokens.save(login)
    fake.answerFetch = async (accessToken) =>
      accessToken === login.accessToken
        ? Response.json({ error: { code: 'access_token_invalid' } }, { status: 401 })
        : Response.json({ data: 'yes' })
    const reply = await tokens.fetch(openId, '/v2/user/info/')
    expect(await reply.json()).toEqual({ data: 'yes' })
    expect(fake.sent).toEqual([login.refreshToken])
  })
})
