import { describe, expect, test } from 'vitest'
import type { TokenManager, TokenSet } from '../../src/index.ts'
import { createTokenManager, memoryTokenStore } from '../../src/index.ts'
import type { FakeTikTok } from './fake-tiktok.ts'
import { fakeTikTok, oauthError, openId, tokenSet } from './fake-tiktok.ts'

interface Scene {
  readonly fake: FakeTikTok
  readonly tokens: TokenManager
  readonly login: TokenSet
}

/** A user whose token TikTok refuses with this answer; any other token is fine. */
async function refusing(answer: () => Response, ageMs = 120_000): Promise<Scene> {
  const fake = fakeTikTok()
  const tokens = createTokenManager(fake.client, memoryTokenStore())
  const login = tokenSet({ issuedAt: Date.now() - ageMs })
  await tokens.save(login)
  fake.answerFetch = async (accessToken) =>
    accessToken === login.accessToken ? answer() : Response.json({ data: 'yes' })
  return { fake, tokens, login }
}

const invalid = { code: 'access_token_invalid', message: '', log_id: 'x' }

describe('a 401', () => {
  test.each([
    ['inside `error`', () => Response.json({ data: {}, error: invalid }, { status: 401 })],
    ['bare', () => Response.json(invalid, { status: 401 })],
    ['as text', () => Response.json({ error: 'access_token_invalid' }, { status: 401 })],
  ])('access_token_invalid %s: one refresh, one repeat', async (_name, answer) => {
    const { fake, tokens, login } = await refusing(answer)
    const reply = await tokens.fetch(openId, '/v2/x', { method: 'POST', body: 'text' })
    expect(await reply.json()).toEqual({ data: 'yes' })
    expect(fake.sent).toEqual([login.refreshToken])
    expect(fake.fetched).toHaveLength(2)
  })

  test.each([
    ['for a scope', () => Response.json({ error: { code: 'scope_not_authorized' } }, { status: 401 })],
    ['without JSON', () => new Response('<html>', { status: 401 })],
    ['without a body', () => new Response(null, { status: 401 })],
    ['with a number', () => Response.json(7, { status: 401 })],
    ['with an endless body', () => new Response(endless(), { status: 401 })],
    ['that is a 400', () => Response.json({ error: invalid }, { status: 400 })],
  ])('%s is an answer like any other', async (_name, answer) => {
    const { fake, tokens } = await refusing(answer)
    const reply = await tokens.fetch(openId, '/v2/x')
    expect([400, 401]).toContain(reply.status)
    expect(reply.bodyUsed).toBe(false)
    await reply.body?.cancel()
    expect(fake.sent).toEqual([])
    expect(fake.fetched).toHaveLength(1)
  })

  const refused = (): Response => Response.json({ error: invalid }, { status: 401 })

  test('that comes again after the refresh is returned: there is no loop', async () => {
    const { fake, tokens } = await refusing(refused)
    fake.answerFetch = async () => refused()
    const reply = await tokens.fetch(openId, '/v2/x')
    expect(await reply.json()).toMatchObject({ error: invalid })
    expect((await tokens.fetch(openId, '/v2/x')).status).toBe(401)
    expect(fake.sent).toHaveLength(1)
  })

  test('for a token younger than a minute is returned', async () => {
    const { fake, tokens } = await refusing(refused, 0)
    expect((await tokens.fetch(openId, '/v2/x')).status).toBe(401)
    expect(fake.sent).toEqual([])
  })

  test('whose refresh fails is that failure', async () => {
    const { fake, tokens } = await refusing(refused)
    fake.replies.push(() => Promise.reject(oauthError('invalid_grant')))
    await expect(tokens.fetch(openId, '/v2/x')).rejects.toMatchObject({ code: 'reauthorization_required' })
  })

  test('for a body that can be read once refreshes for the next call, and repeats nothing', async () => {
    const { fake, tokens } = await refusing(refused)
    const body = new Blob(['video']).stream()
    expect((await tokens.fetch(openId, '/v2/x', { method: 'POST', body })).status).toBe(401)
    expect(fake.fetched).toHaveLength(1)
    expect((await tokens.fetch(openId, '/v2/x')).status).toBe(200)
  })

  test.each([
    ['bytes', new Uint8Array(2)],
    ['a buffer', new ArrayBuffer(2)],
    ['a blob', new Blob(['x'])],
    ['a form', new URLSearchParams('a=1')],
    ['form data', new FormData()],
  ])('for a body of %s repeats', async (_name, body) => {
    const { tokens } = await refusing(refused)
    expect((await tokens.fetch(openId, '/v2/x', { method: 'POST', body })).status).toBe(200)
  })
})

test("an answer whose body cannot even be cancelled is the caller's all the same", async () => {
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
    cancel: () => Promise.reject(new Error('the socket is gone')),
  })
  const { tokens } = await refusing(() => new Response(body, { status: 401 }))
  const response = await tokens.fetch(openId, '/v2/x')
  expect(response.status).toBe(401)
  await expect(response.body?.cancel()).rejects.toThrow('the socket is gone')
})

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) })
}
