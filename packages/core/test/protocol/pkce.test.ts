import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeChallenge, ConfigurationError, createCodeVerifier } from '../../src/index.ts'
import { toHex } from '../../src/protocol/encoding.ts'
import { randomId, randomText } from '../../src/protocol/random.ts'

describe('codeChallenge', () => {
  test.each([
    [
      "TikTok's SDK",
      'gaeCq5mVvbhA8Ce6w5O9XBVIKMkySgv-_9A-rnhm9Ns',
      'e6a178b120743d08509508f269652b0bdf91e29332921bc9e9744fd3dd41bfef',
      '5qF4sSB0PQhQlQjyaWUrC9-R4pMykhvJ6XRP091Bv-8',
    ],
    [
      'RFC 7636, appendix B',
      'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
      '13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3',
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    ],
  ])('%s', async (_, verifier, hex, base64url) => {
    expect(await codeChallenge(verifier, 'hex')).toBe(hex)
    expect(await codeChallenge(verifier, 'base64url')).toBe(base64url)
  })

  test.each([
    ['a'.repeat(31)],
    ['a'.repeat(129)],
    [`${'a'.repeat(50)}+`],
    ['ä'.repeat(50)],
    [42],
    [undefined],
  ])('refuses the verifier %s', async (verifier) => {
    await expect(codeChallenge(verifier as string, 'hex')).rejects.toThrow(ConfigurationError)
  })

  test('refuses another encoding', async () => {
    await expect(codeChallenge('a'.repeat(43), 'HEX' as 'hex')).rejects.toThrow(/`encoding`/)
  })

  test("takes the 32 characters of TikTok's Android SDK", async () => {
    expect(await codeChallenge('a'.repeat(32), 'hex')).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('createCodeVerifier', () => {
  test('makes unique verifiers of 64 letters and digits', { timeout: 60_000 }, () => {
    const verifiers = Array.from({ length: 100_000 }, createCodeVerifier)
    expect(new Set(verifiers).size).toBe(verifiers.length)
    expect(verifiers.every((verifier) => /^[A-Za-z0-9]{64}$/.test(verifier))).toBe(true)
  })

  test('favours no character', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
    const counts = new Map<string, number>()
    for (const character of Array.from({ length: 1000 }, () => randomText(62, alphabet)).join('')) {
      counts.set(character, (counts.get(character) ?? 0) + 1)
    }
    // 1000 expected of each, standard deviation 31; modulo bias would give the first eight 1250.
    expect(counts.size).toBe(62)
    expect(Math.max(...counts.values())).toBeLessThan(1200)
    expect(Math.min(...counts.values())).toBeGreaterThan(800)
  })
})

test('randomId is 43 base64url characters and unique', () => {
  const ids = Array.from({ length: 10_000 }, randomId)
  expect(ids.every((id) => /^[A-Za-z0-9_-]{43}$/.test(id))).toBe(true)
  expect(new Set(ids).size).toBe(ids.length)
})

test('encodings agree with those of Node', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
    }),
  )
})
