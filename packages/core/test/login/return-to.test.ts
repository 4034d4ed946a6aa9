import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createReturnToPolicy } from '../../src/login/return-to.ts'

const origin = 'https://app.example'
const other = 'https://www.example:8443'
const ownPaths = ['/auth/tiktok', '/auth/tiktok/callback', '/auth/tiktok/logout', '/auth/tiktok/disconnect']
const policy = createReturnToPolicy({ origin, origins: [other], ownPaths })

/** What a browser does with a `Location` header: the judge of every case here. */
function landing(location: string): URL {
  return new URL(location, `${origin}/auth/tiktok/callback`)
}

const hosts = [
  'evil.example',
  'app.example.evil.example',
  'app.exampleevil',
  'evil.example#.app.example',
  'evil.example?app.example',
  '[::1]',
  '0x7f.1',
  'app.example.',
  'APP.example',
  'ａpp.example',
  'app.example:444',
]
const blanks = [
  '',
  '\t',
  '\n',
  '\r',
  '\0',
  '\u007f',
  '\u000b',
  ' ',
  '%09',
  '%0a',
  '%0d',
  '%00',
  '\u00a0',
  '\u2028',
  '\ufeff',
  '\u3000',
]
const slashes = [
  '/',
  '//',
  '///',
  '\\',
  '/\\',
  '\\/',
  '\\\\',
  '/%5c',
  '/%2f',
  '%2f%2f',
  '／／',
  '/./',
  '/.//',
  '/..//',
  '/a/..//',
  '/%2e%2e//',
]
const schemes = [
  '',
  'https:',
  'http:',
  'HTTPS:',
  'javascript:',
  'data:',
  'blob:https:',
  'ftp:',
  'file:',
  'ws:',
  'about:',
]
const users = [
  '',
  '@',
  'a@',
  'app.example@',
  'a:b@',
  'https://app.example@',
  'https://app.example:80@',
  'app.example%40',
  '.',
  ':80@',
  `${origin}@`,
]
const tails = ['', '/', '/path', '?q', '#f', '/%0d%0aSet-Cookie:x=1']

function* corpus(): Generator<string> {
  for (const scheme of schemes) {
    for (const slash of slashes) {
      for (const host of hosts) yield scheme + slash + host
      for (const blank of blanks) yield `${blank}${scheme}${slash}${blank}evil.example`
      for (const blank of blanks) yield `${scheme}${slash}${blank}/evil.example`
      for (const user of users) yield `${scheme}${slash}${user}evil.example`
    }
    for (const host of hosts) for (const tail of tails) yield `${scheme}//${host}${tail}`
  }
  for (const user of users) for (const host of hosts) yield user + host
}

describe('the corpus', () => {
  const strings = [...new Set(corpus())]

  it('is large', () => {
    expect(strings.length).toBeGreaterThan(5000)
  })

  it('leads a browser off this origin in no case', () => {
    const astray = strings.filter((target) => {
      const location = policy.check(target)
      return location !== undefined && landing(location).origin !== origin
    })
    expect(astray).toEqual([])
  })

  it('passes nothing that could break a header or a page, and passes it unchanged a second time', () => {
    const emitted = strings.map((target) => policy.check(target)).filter((location) => location !== undefined)
    expect(emitted.length).toBeGreaterThan(50)
    expect(emitted.filter((location) => !/^\/(?![/\\])[\x21-\x7e]*$/.test(location))).toEqual([])
    expect(emitted.filter((location) => policy.check(location) !== location)).toEqual([])
  })
})

describe('any text at all', () => {
  const pieces = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...hosts, ...blanks, ...slashes, ...schemes, ...users, ...tails),
    fc.webUrl(),
    fc.webPath(),
  )

  it('leads to an allowed origin or nowhere', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 6 }), (parts) => {
        const location = policy.check(parts.join(''))
        const landed = location === undefined ? origin : landing(location).origin
        expect([origin, other]).toContain(landed)
        expect(policy.check(location)).toBe(location)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a target of the own origin', () => {
  it.each([
    ['/videos', '/videos'],
    ['/videos?page=2&q=a%20b#top', '/videos?page=2&q=a%20b#top'],
    ['/search?q=a b', '/search?q=a%20b'],
    ['/ünï?ö#ß', '/%C3%BCn%C3%AF?%C3%B6#%C3%9F'],
    ['/@name', '/@name'],
    ['/a/../b', '/b'],
    ['/?client_key=x&scope=y', '/?client_key=x&scope=y'],
    [`${origin}/x?y`, '/x?y'],
    [origin, '/'],
    [`${origin}?y`, '/?y'],
  ])('is sent as a path: %s', (target, location) => {
    expect(policy.check(target)).toBe(location)
  })

  it.each([
    'videos',
    '',
    '?q',
    '#f',
    'https:videos',
    'https:/videos',
    '/a\\b',
    '/a\tb',
    ' /a',
    'HTTPS://app.example/',
    'https://APP.example/',
    `${origin}:443/`,
    'https://u@app.example/',
  ])('is refused in a spelling that parsers may disagree about: %j', (target) => {
    expect(policy.check(target)).toBeUndefined()
  })

  it('may be long, but not endless', () => {
    expect(policy.check(`/${'x'.repeat(511)}`)).toHaveLength(512)
    expect(policy.check(`/${'x'.repeat(1024)}`)).toBeUndefined()
    expect(policy.check(`/${'ü'.repeat(500)}`)).toBeUndefined()
  })

  it.each([undefined, null, 7, {}, ['/videos']])('is a text: %j', (target) => {
    expect(policy.check(target)).toBeUndefined()
  })
})

describe('a target of another origin', () => {
  it('is sent whole when its exact origin is allowed', () => {
    expect(policy.check(`${other}/x?y#z`)).toBe(`${other}/x?y#z`)
    expect(policy.check(other)).toBe(`${other}/`)
  })

  it.each([
    'https://www.example/',
    'http://www.example:8443/',
    'https://www.example.:8443/',
    'https://x.www.example:8443/',
    'https://www.example:84430/',
    'https://www.example:8443@evil.example/',
    'https://WWW.example:8443/',
    'https://evil.example/',
  ])('is refused otherwise: %s', (target) => {
    expect(policy.check(target)).toBeUndefined()
  })
})

describe('the routes of the login', () => {
  const spellings = (path: string) => [
    path,
    `${path}/`,
    `${path}?x`,
    `${path}#x`,
    `${origin}${path}`,
    path.toUpperCase(),
    path.replace('/auth', '/%61uth'),
    path.replace('/auth', '/%2561uth'),
    path.replace('/tiktok', '//tiktok'),
    path.replace('/tiktok', '%2ftiktok'),
    path.replace('/tiktok', '%5Ctiktok'),
    path.replace('/auth', '/x/../auth'),
    path.replace('/auth', '/x/%2e%2e/auth'),
    path.replace('/auth', '/x/%252e%252e/auth'),
    `${path}%3Fx`,
  ]

  it.each(ownPaths)('are no target in any spelling: %s', (path) => {
    expect(spellings(path).filter((target) => policy.check(target) !== undefined)).toEqual([])
  })

  it('do not take their neighbours with them', () => {
    expect(policy.check('/auth')).toBe('/auth')
    expect(policy.check('/auth/tiktok/profile')).toBe('/auth/tiktok/profile')
    expect(policy.check(`${other}/auth/tiktok`)).toBe(`${other}/auth/tiktok`)
  })
})

describe('createReturnToPolicy', () => {
  it('has a fallback that passed its own check', () => {
    expect(policy.fallback).toBe('/')
    expect(createReturnToPolicy({ origin, fallback: '/home' }).fallback).toBe('/home')
    expect(createReturnToPolicy({ origin, origins: [other], fallback: `${other}/in` }).fallback).toBe(
      `${other}/in`,
    )
    for (const fallback of ['//evil.example', 'https://evil.example', '/auth/tiktok', '', 'home']) {
      expect(() => createReturnToPolicy({ origin, ownPaths, fallback })).toThrow('`defaultReturnTo`')
    }
  })

  it.each([
    'https://app.example/',
    'app.example',
    'https://App.example',
    'https://app.example:443',
    '*',
    'null',
    'https://a@app.example',
    'ftp://app.example',
    'data:x',
    7,
  ])('takes exact origins only: %j', (value) => {
    expect(() => createReturnToPolicy({ origin, origins: [value as string] })).toThrow('`returnToOrigins[0]`')
  })

  it('takes a list of origins only', () => {
    expect(() => createReturnToPolicy({ origin, origins: other as never })).toThrow('`returnToOrigins`')
  })
})
