import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import {
  choosePrimitives,
  chooseUncached,
  constantTimeEqual,
  fromUtf8,
  hostPrimitives,
  nodePrimitives,
  warnOperator,
} from '../src/runtime.ts'
import type { Host, Primitives } from '../src/runtime.ts'
import { hosts, node, nodeCrypto, web, webCrypto } from './hosts.ts'

describe('both kinds of primitives', () => {
  it('write the same base64url and read only its canonical spelling', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const text = node.toBase64url(bytes)
        expect(web.toBase64url(bytes)).toBe(text)
        expect([...(node.fromBase64url(text) ?? [])]).toEqual([...bytes])
        expect([...(web.fromBase64url(text) ?? [])]).toEqual([...bytes])
      }),
    )
    for (const bad of ['A', 'AB', 'AAAAA', 'AA==', 'A+/A', ' AAA', 'AA\n', 'é', '....']) {
      expect(node.fromBase64url(bad)).toBeUndefined()
      expect(web.fromBase64url(bad)).toBeUndefined()
    }
  })

  it('agree on digests and derived keys', async () => {
    const secret = new Uint8Array(32).map((_, index) => index)
    for (const text of ['', 'a', 'ü€😀']) {
      expect([...(await node.sha256(text))]).toEqual([...(await web.sha256(text))])
      expect([...(await node.hkdf(secret, text))]).toEqual([...(await web.hkdf(secret, text))])
    }
  })

  it('open what the other one encrypted, and nothing that was altered', async () => {
    const bytes = new Uint8Array(32).map((_, index) => index * 7)
    for (const [, one] of hosts) {
      for (const [, other] of hosts) {
        const nonce = one.randomBytes(12)
        const data = await one.encrypt(await one.importKey(bytes), {
          nonce,
          data: new TextEncoder().encode('text'),
          associated: 'x',
        })
        const key = await other.importKey(bytes)
        const whole = Uint8Array.from(data)
        const open = async (message: { data?: Uint8Array<ArrayBuffer>; associated?: string }) =>
          other.decrypt(key, { nonce, data: whole, associated: 'x', ...message })
        expect(fromUtf8((await open({})) ?? new Uint8Array())).toBe('text')
        expect(await open({ associated: 'y' })).toBeUndefined()
        expect(await open({ data: whole.subarray(1) })).toBeUndefined()
        expect(await open({ data: whole.subarray(0, 5) })).toBeUndefined()
      }
    }
  })

  it('write the same bytes for the same nonce', async () => {
    const bytes = new Uint8Array(32).map((_, index) => index * 3)
    const message = {
      nonce: new Uint8Array(12),
      data: new TextEncoder().encode('same'),
      associated: 'context',
    }
    const a = await node.encrypt(await node.importKey(bytes), message)
    const b = await web.encrypt(await web.importKey(bytes), message)
    expect([...a]).toEqual([...b])
  })

  it('refuse a key that other primitives derived', async () => {
    const foreign = await web.importKey(new Uint8Array(32))
    const message = { nonce: new Uint8Array(12), data: new TextEncoder().encode(''), associated: '' }
    expect(() => node.encrypt(foreign, message)).toThrow('other primitives')
  })

  it.each(hosts)('compare texts of any length on %s', (_name, host) => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (left, right) => {
        expect(constantTimeEqual(left, right, host)).toBe(left === right)
        expect(constantTimeEqual(left, left, host)).toBe(true)
      }),
    )
  })

  it.each(hosts)('never call bytes of different lengths equal on %s', (_name, host) => {
    expect(host.equalBytes(new Uint8Array([1, 0]), new Uint8Array([1]))).toBe(false)
    expect(host.equalBytes(new Uint8Array([1]), new Uint8Array([1, 0]))).toBe(false)
  })

  it.each(hosts)('give random bytes on %s', (_name, host) => {
    const drawn = new Set(Array.from({ length: 1000 }, () => host.toBase64url(host.randomBytes(16))))
    expect(drawn.size).toBe(1000)
    expect(host.randomBytes(16)).toHaveLength(16)
  })

  it('draw random bytes from node:crypto each time, and keep none in stock', () => {
    const asked: number[] = []
    const randomBytes = (length: number): Uint8Array<ArrayBuffer> => {
      asked.push(length)
      return new Uint8Array(length)
    }
    const host = nodePrimitives({ ...nodeCrypto, randomBytes }, Buffer)
    for (const length of [12, 12, 32]) host.randomBytes(length)
    expect(asked).toEqual([12, 12, 32])
  })
})

describe('the choice of primitives', () => {
  const crypto = webCrypto
  const isSynchronous = (host: Primitives) => !(host.sha256('') instanceof Promise)

  it('is synchronous on this host, where node:crypto is there', () => {
    expect(isSynchronous(hostPrimitives())).toBe(true)
    const process = { getBuiltinModule: () => nodeCrypto }
    expect(isSynchronous(choosePrimitives({ crypto, Buffer, process }))).toBe(true)
  })

  it('falls back to Web Crypto wherever something is missing', () => {
    const incomplete: Host[] = [
      { crypto },
      { crypto, process: {} },
      { crypto, Buffer, process: { getBuiltinModule: () => undefined } },
      { crypto, process: { getBuiltinModule: () => nodeCrypto } },
    ]
    for (const host of incomplete) {
      expect(isSynchronous(choosePrimitives(host))).toBe(false)
    }
  })
})

describe('what keeps fetch from caching', () => {
  const crypto = webCrypto

  it('is said to hosts that understand it, and to no other', () => {
    class Refusing {
      constructor(_url: string, { cache }: { readonly cache?: string }) {
        if (cache !== undefined) throw new Error("The 'cache' field is not implemented.")
      }
    }
    expect(chooseUncached({ crypto, Request })).toEqual({ cache: 'no-store' })
    expect(chooseUncached({ crypto, Request: Refusing })).toEqual({})
    expect(chooseUncached({ crypto })).toEqual({})
  })
})

describe('fromUtf8', () => {
  it('answers undefined for bytes that are not UTF-8', () => {
    expect(fromUtf8(new Uint8Array([0xff]))).toBeUndefined()
  })
})

describe('warnOperator', () => {
  const crypto = webCrypto

  it('uses the warning channel of the host, or else the console', () => {
    const emitWarning = vi.fn<(message: string, options: { type: string }) => void>()
    const warn = vi.fn<(message: string) => void>()
    warnOperator('one', { crypto, process: { emitWarning }, console: { warn } })
    expect(emitWarning).toHaveBeenCalledWith('one', { type: 'TikTokAuthWarning' })
    expect(warn).not.toHaveBeenCalled()
    warnOperator('two', { crypto, process: {}, console: { warn } })
    expect(warn).toHaveBeenCalledWith('two')
    expect(() => warnOperator('three', { crypto })).not.toThrow()
  })
})
