import * as nodeCrypto from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../src/errors.ts'
import {
  createSealer,
  createSecretSealer,
  SealError,
  sealerFromKeys,
  sealerFromSecret,
} from '../src/sealer.ts'
import { hosts, newKey, node } from './hosts.ts'

const context = { purpose: 'test', context: ['row', 'revision'] }

async function reasonOf(work: () => unknown): Promise<string> {
  try {
    await work()
  } catch (error) {
    if (error instanceof SealError) return error.reason
    throw error
  }
  return 'opened'
}

describe.each(hosts)('createSealer on %s', (_name, host) => {
  const key = newKey()
  const sealer = sealerFromKeys([{ id: 'k1', key }], { host: host })

  it('opens what it sealed, in an envelope that names the key', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        const sealed = await sealer.seal(text, context)
        expect(sealed).toMatch(/^v1\.k1\.[A-Za-z0-9_-]+$/)
        expect(await sealer.open(sealed, context)).toBe(text)
      }),
    )
  })

  it('opens values that the other kind of host sealed', async () => {
    for (const [, other] of hosts) {
      const sealed = await sealerFromKeys([{ id: 'k1', key }], { host: other }).seal('text', context)
      expect(await sealer.open(sealed, context)).toBe('text')
    }
  })

  it('refuses every single flipped bit', async () => {
    const sealed = await sealer.seal('{"a":1}', context)
    for (let index = 0; index < sealed.length; index++) {
      for (let bit = 0; bit < 7; bit++) {
        const flipped = String.fromCharCode(sealed.charCodeAt(index) ^ (1 << bit))
        const altered = sealed.slice(0, index) + flipped + sealed.slice(index + 1)
        expect(await reasonOf(async () => sealer.open(altered, context))).not.toBe('opened')
      }
    }
  })

  it('refuses another purpose, bucket or context, however the parts are cut', async () => {
    const sealed = await sealer.seal('text', context)
    for (const other of [
      { ...context, purpose: 'other' },
      { ...context, bucket: 1 },
      { ...context, context: ['row'] },
      { ...context, context: ['rowrevision'] },
      { ...context, context: ['row","revision'] },
      { ...context, context: ['row', 'revision', ''] },
      { ...context, context: ['revision', 'row'] },
      { purpose: 'test', context: [] },
    ]) {
      expect(await reasonOf(async () => sealer.open(sealed, other))).toBe('altered')
    }
    const lone = await sealer.seal('text', { purpose: 'p', context: ['\ud800'] })
    const moved = { purpose: 'p', context: ['\udfff'] }
    expect(await reasonOf(async () => sealer.open(lone, moved))).toBe('altered')
  })

  it('treats bucket 0 as the default', async () => {
    const sealed = await sealer.seal('text', context)
    expect(await sealer.open(sealed, { ...context, bucket: 0 })).toBe('text')
  })

  it('never uses a nonce twice', async () => {
    const nonces = new Set<string>()
    for (let count = 0; count < 2000; count++) {
      nonces.add((await sealer.seal('same', context)).split('.')[2]?.slice(0, 16) ?? '')
    }
    expect(nonces.size).toBe(2000)
  })

  it('refuses what is not an envelope', async () => {
    const bodies = [
      '',
      'v1',
      'v1.k1.',
      'v2.k1.AAAA',
      'v1..AAAA',
      'v1.k1.AAAA.AAAA',
      'v1.k1.A',
      'v1.k1.AB',
      '\0',
    ]
    for (const text of bodies)
      expect(await reasonOf(async () => sealer.open(text, context))).toBe('malformed')
    expect(await reasonOf(async () => sealer.open('v1.k1.AAAA', context))).toBe('altered')
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        expect(await reasonOf(async () => sealer.open(text, context))).not.toBe('opened')
      }),
    )
  })

  it('rotates: the first key seals, all open, a dropped one is unknown', async () => {
    const next = { id: 'k2', key: newKey() }
    const sealed = await sealer.seal('text', context)
    const ring = sealerFromKeys([next, { id: 'k1', key }], { host: host })
    expect(await ring.open(sealed, context)).toBe('text')
    expect(await ring.seal('text', context)).toMatch(/^v1\.k2\./)
    expect(await reasonOf(async () => sealerFromKeys([next], { host: host }).open(sealed, context))).toBe(
      'unknown_key',
    )
  })

  it('refuses another key under the same id', async () => {
    const sealed = await sealer.seal('text', context)
    const impostor = sealerFromKeys([{ id: 'k1', key: newKey() }], { host: host })
    expect(await reasonOf(async () => impostor.open(sealed, context))).toBe('altered')
  })

  it('refuses a plaintext that is not UTF-8 as altered', async () => {
    const odd = sealerFromKeys([{ id: 'k1', key }], {
      host: {
        ...host,
        encrypt: async (cipher, message) =>
          host.encrypt(cipher, { ...message, data: new Uint8Array([0xff]) }),
      },
    })
    const sealed = await odd.seal('x', context)
    expect(await reasonOf(async () => sealer.open(sealed, context))).toBe('altered')
  })
})

describe.each(hosts)('createSecretSealer on %s', (_name, host) => {
  it('names keys by a fingerprint that every host computes alike', async () => {
    const secret = newKey()
    const sealed = await sealerFromSecret(secret, { host }).seal('text', context)
    expect(await sealerFromSecret(secret, { host: node }).open(sealed, context)).toBe('text')
    expect(sealed).toMatch(/^v1\.[A-Za-z0-9_-]{8}\./)
    expect(sealed).not.toContain(secret.slice(0, 8))
  })

  it('opens with any of several secrets and seals with the first', async () => {
    const [old, current, older] = [newKey(), newKey(), newKey()]
    const sealed = await sealerFromSecret(old, { host }).seal('text', context)
    const ring = sealerFromSecret([current, older, old], { host })
    expect(await ring.open(sealed, context)).toBe('text')
    const renewed = await ring.seal('text', context)
    expect(await sealerFromSecret([current], { host }).open(renewed, context)).toBe('text')
  })

  it('tells apart a key and its fingerprint: no purpose yields the id', async () => {
    const one = await sealerFromSecret(newKey(), { host }).seal('', context)
    const two = await sealerFromSecret(newKey(), { host }).seal('', context)
    expect(one.split('.')[1]).not.toBe(two.split('.')[1])
  })
})

describe('keys', () => {
  const bad: [string, unknown][] = [
    ['empty', ''],
    ['hex', nodeCrypto.randomBytes(32).toString('hex')],
    ['16 bytes', nodeCrypto.randomBytes(16).toString('base64url')],
    ['33 bytes', nodeCrypto.randomBytes(33).toString('base64url')],
    ['a word', 'changeme'],
    ['all zero', Buffer.alloc(32).toString('base64url')],
    ['one byte repeated', Buffer.alloc(32, 0xa5).toString('base64url')],
    ['one letter repeated', 'a'.repeat(42) + 'Y'],
    ['padded base64', nodeCrypto.randomBytes(32).toString('base64')],
    ['stray bits', 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq'.slice(0, 42) + 'B'],
    ['a number', 7],
    ['undefined', undefined],
    ['null', null],
  ]

  it.each(bad)('are refused when %s, naming the option and never the value', (_name, value) => {
    const needle = String(value).slice(0, 8) || '\0'
    for (const make of [
      () => createSecretSealer(value as string),
      () => createSecretSealer([newKey(), value as string]),
      () => createSealer([{ id: 'k1', key: value as string }]),
    ]) {
      expect(make).toThrow(ConfigurationError)
      expect(make).toThrow(/Option `(secret|keys\[0\]\.key)`/)
      expect(make).not.toThrow(needle)
    }
  })

  it.each([
    ['an empty ring', []],
    ['no list', 'ring'],
    ['an empty id', [{ id: '', key: newKey() }]],
    ['an id with a dot', [{ id: 'a.b', key: newKey() }]],
    ['an id twice', [1, 2].map(() => ({ id: 'a', key: newKey() }))],
    ['no entry', [undefined]],
  ])('are refused for %s', (_name, keys) => {
    expect(() => createSealer(keys as never)).toThrow(ConfigurationError)
  })

  it('must be at least one secret', () => {
    expect(() => createSecretSealer([])).toThrow(ConfigurationError)
  })

  it('are reported under the name the caller gives', () => {
    expect(() => sealerFromSecret('x', { option: 'clientSecret' })).toThrow('`clientSecret`')
  })
})
