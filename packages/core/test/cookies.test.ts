import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkCookieName, fitsCookie, readCookie, readCookies, shortTag } from '../src/cookies.ts'
import { anyText } from './any-text.ts'

describe('readCookies', () => {
  it('finds what a browser sends', () => {
    expect([...readCookies('a=1; b=2;c = 3 ; d=; e=x=y')]).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
      ['d', ''],
      ['e', 'x=y'],
    ])
    expect(readCookie('a=1; a=2', 'a')).toBe('1')
    expect(readCookie('a=1', 'b')).toBeUndefined()
    expect([...readCookies(undefined)]).toEqual([])
  })

  it('leaves out what is no cookie, and decodes nothing', () => {
    expect([...readCookies('a; =b; ;; c=%E0%A4%A; __proto__=x')]).toEqual([
      ['c', '%E0%A4%A'],
      ['__proto__', 'x'],
    ])
  })

  it('takes a name as it stands, white space other than a browser’s included', () => {
    // A sibling domain may set all of these; only the prefix `__Host-` keeps it from setting `__Host-a` itself.
    for (const space of ['\u00a0', '\u000b', '\u000c', '\u0085', '\u2003', '\ufeff']) {
      expect(readCookie(`${space}__Host-a=1`, '__Host-a')).toBeUndefined()
      expect(readCookie(`__Host-a${space}=1`, '__Host-a')).toBeUndefined()
      expect(readCookie(`b=1; ${space}__Host-a=1`, `${space}__Host-a`)).toBe('1')
    }
    expect([...readCookies(' \t __Host-a \t = 1\t;\t')]).toEqual([['__Host-a', '1']])
  })

  it('never throws', () => {
    fc.assert(
      fc.property(anyText, anyText, (header, name) => {
        expect([...readCookies(header)].length).toBeLessThanOrEqual(header.length)
        expect(['string', 'undefined']).toContain(typeof readCookie(header, name))
      }),
    )
  })
})

describe('fitsCookie', () => {
  it('counts name and value together', () => {
    expect(fitsCookie('n'.repeat(96), 'v'.repeat(4000))).toBe(true)
    expect(fitsCookie('n'.repeat(96), 'v'.repeat(4001))).toBe(false)
  })
})

describe('checkCookieName', () => {
  it.each(['', 'a b', 'a;b', 'a=b', 'a\r\nb', 'ä', 'a,b', '"a"', 'x'.repeat(65), 7, null])(
    'refuses %j',
    (name) => {
      expect(() => checkCookieName(name, 'session.cookieName', true)).toThrow('`session.cookieName`')
    },
  )

  it('takes a token, and a prefix over https only', () => {
    expect(checkCookieName('__Host-sid', 'name', true)).toBe('__Host-sid')
    expect(() => checkCookieName('__Host-sid', 'name', false)).toThrow('https')
    expect(() => checkCookieName('__secure-sid', 'name', false)).toThrow('https')
    expect(checkCookieName('sid', 'name', false)).toBe('sid')
  })
})

describe('shortTag', () => {
  it('gives six letters and digits, others for other texts', () => {
    const tags = new Set<string>()
    for (let index = 0; index < 2000; index++) tags.add(shortTag(`aw${index}`))
    for (const tag of tags) expect(tag).toMatch(/^[a-z0-9]{6}$/)
    expect(tags.size).toBeGreaterThan(1990)
    expect(shortTag('')).toBe(shortTag(''))
  })
})
