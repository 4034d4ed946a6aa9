import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEmulator } from '../src/index.ts'
import type { ClientPlatform } from '../src/index.ts'
import { matchesRedirectUri } from '../src/redirect-uris.ts'
import { desktopAuthorizeUrl, desktopClient, start, webClient } from './support.ts'

function register(platform: ClientPlatform, ...redirectUris: string[]): string {
  try {
    createEmulator({ clients: [{ ...webClient, platform, redirectUris }] })
    return 'ok'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

test('what the portal accepts', () => {
  expect(register('web', 'https://dev.example.com/auth/callback/')).toBe('ok')
  expect(register('web', 'https://dev.example.com:8443')).toBe('ok')
  for (const uri of [
    'http://localhost:3455/callback/',
    'http://127.0.0.1:*/callback/',
    'https://127.0.0.1:3455/callback/',
    'http://localhost:80/',
    'http://localhost:*',
  ]) {
    expect(register('desktop', uri)).toBe('ok')
  }
})

test('what the portal refuses, and what to change', () => {
  expect(register('web', 'http://localhost:3000/cb')).toMatch(
    /https, or register the app as platform 'desktop'/,
  )
  expect(register('web', '/callback')).toMatch(/absolute/)
  expect(register('web', 'https://a.example/cb?x=1')).toMatch(/query/)
  expect(register('web', 'https://a.example/cb?')).toMatch(/query/)
  expect(register('web', 'https://a.example/cb#x')).toMatch(/fragment/)
  expect(register('web', 'https://a.example/cb#')).toMatch(/fragment/)
  expect(register('web', 'https://me:pw@a.example/cb')).toMatch(/user name/)
  expect(register('web', 'https://a.example/c b')).toMatch(/white space/)
  expect(register('web', 'https://a.example:*/cb')).toMatch(/absolute/)
  expect(register('web', `https://a.example/${'x'.repeat(494)}`)).toMatch(/512/)
  expect(register('web', `https://a.example/${'x'.repeat(493)}`)).toBe('ok')
  expect(register('web', ...Array.from({ length: 11 }, (_, at) => `https://a.example/${at}`))).toMatch(
    /at most 10/,
  )
  expect(register('desktop', 'https://app.example.com:443/cb')).toMatch(/localhost or 127\.0\.0\.1/)
  expect(register('desktop', 'http://localhost/cb')).toMatch(/port/)
  expect(register('desktop', 'http://127.0.0.1:**/cb')).toMatch(/absolute/)
  expect(register('desktop', 'myapp://localhost:1/cb')).toMatch(/http or https/)
})

test('a wildcard stands for any port and for nothing else', async () => {
  const emulator = start()
  const opens = (redirect_uri: string) =>
    emulator.consent(desktopAuthorizeUrl({ redirect_uri })).then(
      () => true,
      () => false,
    )
  expect(await opens('http://127.0.0.1:1/callback/')).toBe(true)
  expect(await opens('http://127.0.0.1:65535/callback/')).toBe(true)
  expect(await opens('http://127.0.0.1:*/callback/')).toBe(false)
  expect(await opens('http://127.0.0.1:/callback/')).toBe(false)
  expect(await opens('http://127.0.0.1:1@evil.example/callback/')).toBe(false)
  expect(await opens('http://127.0.0.1:1/x/callback/')).toBe(false)
  expect(await opens('http://127.0.0.1:1/callback')).toBe(false)
  expect(await opens('http://localhost:1/callback/')).toBe(false)
  expect(await opens('https://127.0.0.1:1/callback/')).toBe(false)
  expect(desktopClient.redirectUris).toEqual(['http://127.0.0.1:*/callback/'])
})

test('whatever a wildcard matches is the registered address with a port in it', () => {
  const parts = fc.constantFrom(
    'http://',
    '127.0.0.1',
    'localhost',
    ':',
    '1',
    '3455',
    '*',
    '/',
    'callback',
    '@',
    '%',
    '?',
  )
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 10 }), (pieces) => {
      const sent = `${pieces.join('')}`
      for (const candidate of [sent, `http://127.0.0.1:${sent}/callback/`, `http://127.0.0.1:${sent}`]) {
        const matches = matchesRedirectUri('http://127.0.0.1:*/callback/', candidate)
        expect(matches).toBe(/^http:\/\/127\.0\.0\.1:\d{1,5}\/callback\/$/.test(candidate))
      }
    }),
  )
})
