import { describe, expect, test } from 'vitest'
import type { TikTokClient, TokenManagerOptions, TokenStore } from '../../src/index.ts'
import { createTokenManager, memoryTokenStore } from '../../src/index.ts'
import { rowKey, rowKeyPrefix } from '../../src/tokens/row-key.ts'
import { fakeTikTok, openId, tokenSet } from './fake-tiktok.ts'
import fc from 'fast-check'

const { client } = fakeTikTok()

describe('options', () => {
  test.each([
    ['leaseMs', { leaseMs: 29_999 }],
    ['leaseMs', { leaseMs: Number.NaN }],
    ['waitMs', { waitMs: 0 }],
    ['waitMs', { waitMs: 2 ** 31 }],
    ['leadMs', { leadMs: -1 }],
    ['leadMs', { leadMs: '5' as unknown as number }],
    ['keepFresh', { keepFresh: 'never' as unknown as 'grant' }],
    ['onEvent', { onEvent: {} as unknown as () => void }],
    ['waitUntil', { waitUntil: true as unknown as () => void }],
    ['now', { now: 5 as unknown as () => number }],
    ['options', null as unknown as TokenManagerOptions],
  ] as const)('%s is checked while constructing', (option, options) => {
    expect(() => createTokenManager(client, memoryTokenStore(), options)).toThrow(
      expect.objectContaining({ code: 'configuration', option }),
    )
  })

  test('a lease must hold two requests: the default grows with timeoutMs', () => {
    const patient: TikTokClient = { ...client, timeoutMs: 30_000 }
    expect(() => createTokenManager(patient, memoryTokenStore())).not.toThrow()
    expect(() => createTokenManager(patient, memoryTokenStore(), { leaseMs: 69_999 })).toThrow(/leaseMs/)
  })

  test.each(['read', 'insert', 'replace'])('a store without `%s` is refused by that name', (method) => {
    const store = { ...memoryTokenStore(), [method]: undefined } as unknown as TokenStore
    expect(() => createTokenManager(client, store)).toThrow(new RegExp(`\`${method}\``))
    expect(() => createTokenManager(client, undefined as unknown as TokenStore)).toThrow(/read/)
  })

  test('something that is no client is refused', () => {
    expect(() => createTokenManager({} as TikTokClient, memoryTokenStore())).toThrow(/client/)
  })

  test('a listener that throws breaks nothing', async () => {
    const fake = fakeTikTok()
    const onEvent = (): never => {
      throw new Error('no disk space left for logs')
    }
    const tokens = createTokenManager(fake.client, memoryTokenStore(), { onEvent })
    await tokens.save(tokenSet({ issuedAt: Date.now() - 9_000_000 }))
    await tokens.get(openId)
    expect(fake.sent).toHaveLength(1)
  })

  test("the wall clock is the client's unless one is given", async () => {
    const later = Date.now() + 9_000_000
    const fake = fakeTikTok()
    const tokens = createTokenManager({ ...fake.client, now: () => later }, memoryTokenStore())
    await tokens.save(tokenSet())
    await tokens.get(openId)
    expect(fake.sent).toHaveLength(1)
  })
})

describe('row keys', () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })

  test('no two pairs share one, and all are harmless text', () => {
    fc.assert(
      fc.property(text, text, text, text, (client1, user1, client2, user2) => {
        const one = rowKey(rowKeyPrefix(client1), user1)
        const two = rowKey(rowKeyPrefix(client2), user2)
        expect(one === two).toBe(client1 === client2 && user1 === user2)
        expect(one).toMatch(/^[A-Za-z0-9\-_.~%]+:[A-Za-z0-9\-_.~%]+$/)
      }),
    )
  })

  test.each(['a:b', "o'neil; drop table", '*', 'x\ny', '\u0000', '😀', 'é', 'é'])(
    '%j is a user like any other',
    async (hostile) => {
      const fake = fakeTikTok()
      const tokens = createTokenManager(fake.client, memoryTokenStore())
      const login = tokenSet({ openId: hostile })
      await tokens.save(login)
      expect(await tokens.get(hostile)).toEqual(login)
      await expect(tokens.get(`${hostile}x`)).rejects.toMatchObject({ code: 'reauthorization_required' })
    },
  )

  test.each(['', 'x'.repeat(10_240), '\ud800', 7, undefined])(
    'what is no open id is refused by name',
    async (odd) => {
      const tokens = createTokenManager(client, memoryTokenStore())
      for (const call of [tokens.get, tokens.revoke, tokens.status]) {
        await expect(call(odd as string)).rejects.toMatchObject({ code: 'configuration', option: 'openId' })
      }
    },
  )

  test('the same user of two clients is two rows', async () => {
    const store = memoryTokenStore()
    const one = createTokenManager(fakeTikTok('one').client, store)
    const two = createTokenManager(fakeTikTok('two').client, store)
    await one.save(tokenSet())
    const kept = tokenSet()
    await two.save(kept)
    await one.revoke(openId)
    expect(await two.get(openId)).toEqual(kept)
  })
})
