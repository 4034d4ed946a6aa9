import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTransactionCookies } from '../../src/login/transaction-cookie.ts'

const cookies = createTransactionCookies({ clientKey: 'awkey', secure: true })
const attempt = (index: number, size = 200) => ({
  state: `${String(index).padStart(8, 'a')}-rest-of-the-state`,
  transaction: 'v1.key.'.padEnd(size, 'x'),
  createdAt: 1_700_000_000_000 + index * 1000,
})
const pair = (line: string | undefined): string => String(line).split(';')[0] ?? ''
const written = (index: number, size?: number): string =>
  pair(cookies.set(attempt(index, size), undefined)?.[0])
const removedBy = (lines: readonly string[] | undefined): readonly string[] =>
  (lines ?? []).filter((line) => line.includes('Max-Age=0')).map((line) => line.slice(0, line.indexOf('=')))

describe('the cookie of an attempt', () => {
  it('is found by the state it was made for', () => {
    const { state, transaction } = attempt(1)
    expect(cookies.read(state, `a=b; ${written(1)}`)).toBe(transaction)
    expect(cookies.read(attempt(2).state, written(1))).toBeUndefined()
    for (const odd of [null, '', 'short', '__proto__', 'ä'.repeat(8), '{"a":1,"b":2}']) {
      expect(cookies.read(odd, written(1))).toBeUndefined()
    }
  })

  it('can be cleared for any state that may be ours, and for no other', () => {
    expect(cookies.clear(attempt(1).state)).toMatch(
      /^__Host-tiktok-login-\w{6}-aaaaaaa1=; Path=\/; Max-Age=0;.*Secure$/,
    )
    expect(cookies.clear('bad; Domain=evil')).toBeUndefined()
    expect(cookies.clear(null)).toBeUndefined()
  })

  it('has no prefix where there is no https, and meets no other application', () => {
    const plain = createTransactionCookies({ clientKey: 'awkey', secure: false })
    expect(plain.set(attempt(1), undefined)?.[0]).toMatch(/^tiktok-login-\w{6}-aaaaaaa1=.*SameSite=Lax$/)
    const other = createTransactionCookies({ clientKey: 'awother', secure: true })
    expect(other.read(attempt(1).state, written(1))).toBeUndefined()
    const header = Array.from({ length: 9 }, (_, index) => written(index)).join('; ')
    expect(removedBy(other.set(attempt(10), header))).toEqual([])
  })

  it('is not written when a browser would drop it', () => {
    expect(cookies.set(attempt(1, 4000), undefined)).toHaveLength(1)
    expect(cookies.set(attempt(1, 4096), undefined)).toBeUndefined()
  })
})

describe('pending attempts', () => {
  it('are five at most: the oldest goes first, wherever it stands', () => {
    const header = [3, 1, 5, 2, 4].map((index) => written(index)).join('; ')
    const lines = cookies.set(attempt(6), header)
    expect(removedBy(lines)).toEqual([expect.stringMatching(/aaaaaaa1$/)])
    expect(lines).toHaveLength(2)
    expect(
      removedBy(cookies.set(attempt(6), [1, 2, 3, 4].map((index) => written(index)).join('; '))),
    ).toEqual([])
  })

  it('never fill a request header: big ones leave room', () => {
    const header = [1, 2, 3].map((index) => written(index, 1900)).join('; ')
    expect(removedBy(cookies.set(attempt(4, 1900), header))).toHaveLength(1)
  })

  it('of unknown age go first', () => {
    const unknown = written(9).replace(/=[^.]*\./, '=!.')
    const header = [unknown, ...[1, 2, 3, 4].map((index) => written(index))].join('; ')
    expect(removedBy(cookies.set(attempt(6), header))).toEqual([expect.stringMatching(/aaaaaaa9$/)])
    const bare = header.replace(unknown, `${pair(unknown).split('=')[0]}=nothing`)
    expect(removedBy(cookies.set(attempt(6), bare))).toHaveLength(1)
  })

  it('that somebody planted are removed a few at a time, and only under names of ours', () => {
    const many = Array.from({ length: 300 }, (_, index) => written(index)).join('; ')
    expect(removedBy(cookies.set(attempt(500), many))).toHaveLength(20)
    const name = written(1).split('=')[0] ?? ''
    const odd = ['x', ' Domain=evil', '\r\nSet-Cookie: a', '"'].map((tail) => `${name}${tail}=1`).join('; ')
    expect(removedBy(cookies.set(attempt(2), odd.repeat(9)))).toEqual([])
  })

  it('never make it throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (header, state) => {
        const lines = cookies.set(attempt(1), `${header}; ${written(2)}=${header}`) ?? []
        for (const line of lines) expect(line).toMatch(/^[\x21-\x7e ]+$/)
        expect(cookies.read(state, header)).toSatisfy(
          (value) => value === undefined || typeof value === 'string',
        )
      }),
    )
  })
})
