import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigurationError, createTikTokClient, type TikTokClientOptions } from '../../src/index.ts'
import { isPlaceholder } from '../../src/protocol/assert.ts'
import { checkRedirectUri, resolveClientOptions } from '../../src/protocol/options.ts'

const basics = { clientKey: 'key123', clientSecret: 'secret123' }
const make = (options: unknown): unknown =>
  createTikTokClient({ ...basics, ...(options as object) } as TikTokClientOptions)

function refusal(run: () => unknown): ConfigurationError {
  try {
    run()
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('credentials', () => {
  const bad = [
    undefined,
    null,
    '',
    '   ',
    'undefined',
    'null',
    'NULL',
    '[object Object]',
    '${CANARY}',
    'x${CANARY}',
    '$CANARY',
    '%CANARY%',
    '{{CANARY}}',
    '<your-CANARY>',
    'process.env.CANARY',
    ' CANARY',
    'CANARY\n',
    'CAN ARY',
    'CAN\tARY',
    'CANARY\u00a0',
    'CANARY\ufeff',
    'CANARÿ',
    'CAN\u0000ARY',
    42,
    {},
    ['CANARY'],
  ]
  test.each(['clientKey', 'clientSecret'] as const)('%s is checked and never quoted', (option) => {
    for (const value of bad) {
      const error = refusal(() => make({ [option]: value }))
      expect(error.option).toBe(option)
      expect(error.message).toContain(`\`${option}\``)
      expect(inspect(error, { depth: null, showHidden: true }).replaceAll(/^ +at .*$/gm, '')).not.toContain(
        'CANAR',
      )
    }
  })

  test('every visible ASCII text without the look of a placeholder is taken', () => {
    const text = fc.stringMatching(/^[\x21-\x7e]{1,60}$/).filter((value) => !isPlaceholder(value))
    fc.assert(
      fc.property(text, text, (clientKey, clientSecret) => {
        expect(createTikTokClient({ clientKey, clientSecret }).clientKey).toBe(clientKey)
      }),
    )
  })
})

describe('redirectUri', () => {
  test.each([
    ['https://dev.example.com/auth/callback/', 'web'],
    ['https://Dev.Example.com/callback', 'web'],
    ['https://dev.example.com:443/callback', 'web'],
    ['https://dev.example.com', 'web'],
    ['HTTPS://dev.example.com/a%20b', 'web'],
    ['https://xn--bcher-kva.example/cb', 'web'],
    ['http://localhost:3455/callback/', 'desktop'],
    ['http://127.0.0.1:80/callback', 'desktop'],
    ['https://127.0.0.1:3455/callback/', 'desktop'],
  ])('%s is taken as it stands, for %s', (redirectUri, platform) => {
    expect(checkRedirectUri(redirectUri)).toEqual({ redirectUri, platform })
    const client = createTikTokClient({ ...basics, redirectUri })
    expect(client.redirectUri).toBe(redirectUri)
    expect(client.pkce).toBe(platform === 'desktop')
    expect(client.authorizationUrl({ state: 's', scope: ['a'] }).searchParams.get('redirect_uri')).toBe(
      redirectUri,
    )
  })

  test.each([
    ['http://dev.example.com/cb', undefined, /https/],
    ['https://dev.example.com/cb?x=1', undefined, /query.*`returnTo`/],
    ['https://dev.example.com/cb?', undefined, /query/],
    ['https://dev.example.com/cb#x', undefined, /fragment/],
    [`https://dev.example.com/${'x'.repeat(600)}`, undefined, /512/],
    [`https://dev.example.com/${'x'.repeat(488)}`, undefined, /512/],
    ['https://user:CANARY@dev.example.com/cb', undefined, /password/],
    ['https://@dev.example.com/cb', undefined, /password/],
    ['/auth/callback', undefined, /absolute.*whole address/],
    ['dev.example.com/cb', undefined, /absolute/],
    ['ftp://dev.example.com/cb', undefined, /absolute/],
    ['javascript:alert(1)', undefined, /absolute/],
    ['https:\\\\dev.example.com\\cb', undefined, /absolute/],
    ['https://dev.example.com\\cb', undefined, /absolute|normalized/],
    ['https://*.example.com/cb', undefined, /definite host/],
    ['http://127.0.0.1:*/cb', undefined, /definite host and port/],
    ['https://dev.example.com:99999/cb', undefined, /absolute/],
    ['https://dev.example.com/a/../cb', undefined, /normalized/],
    ['https://dev.example.com/a/%2e%2e/cb', undefined, /normalized/],
    ['https://dev.example.com/"cb', undefined, /normalized/],
    ['https://dev.exampl%65.com/cb', undefined, /host in normalized/],
    ['http://0x7f.1:3000/cb', undefined, /host in normalized/],
    ['https://bücher.example/cb', undefined, /ASCII/],
    [' https://dev.example.com/cb', undefined, /white space/],
    ['https://dev.example.com/c b', undefined, /white space/],
    ['https://${HOST}/cb', undefined, /placeholder/],
    ['undefined', undefined, /placeholder/],
    ['', undefined, /missing.*environment variable/],
    [null, undefined, /missing/],
    [new URL('https://dev.example.com/cb'), undefined, /string/],
    ['http://localhost/cb', undefined, /port/],
    ['https://localhost/cb', undefined, /port/],
    ['http://[::1]:3000/cb', undefined, /localhost or 127/],
    ['http://127.0.0.2:3000/cb', undefined, /localhost or 127/],
    ['http://app.localhost:3000/cb', undefined, /https/],
    ['https://dev.example.com:3000/cb', 'desktop', /localhost or 127/],
    ['http://localhost:3000/cb', 'web', /https/],
    ['https://dev.example.com/cb', 'phone', /platform/],
  ])('%s for %s is refused', (redirectUri, platform, message) => {
    const error = refusal(() => make({ redirectUri, ...(platform === undefined ? {} : { platform }) }))
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('CANARY')
  })

  test('the option is named as the caller calls it', () => {
    expect(refusal(() => checkRedirectUri('', undefined, 'callbackURL')).option).toBe('callbackURL')
  })

  test('an https loopback address may be registered as web', () => {
    expect(checkRedirectUri('https://localhost:3000/cb', 'web').platform).toBe('web')
  })
})

describe('the other options', () => {
  test.each([
    ['platform', 'mobile'],
    ['pkce', 'yes'],
    ['pkce', null],
    ['codeChallengeEncoding', 'base64'],
    ['fetch', 'fetch'],
    ['now', 5],
    ['timeoutMs', 0],
    ['timeoutMs', -1],
    ['timeoutMs', Number.NaN],
    ['timeoutMs', Number.POSITIVE_INFINITY],
    ['timeoutMs', '10000'],
    ['timeoutMs', 2 ** 31],
    ['endpoints', 'https://example.com'],
    ['endpoints', []],
    ['endpoints', null],
  ])('%s: %s', (option, value) => {
    expect(refusal(() => make({ [option]: value })).option).toBe(option)
  })

  test.each([[undefined], [null], ['options'], [[]]])('options: %s', (options) => {
    expect(refusal(() => createTikTokClient(options as unknown as TikTokClientOptions)).option).toBe(
      'options',
    )
  })

  test('defaults', () => {
    expect(resolveClientOptions(basics)).toMatchObject({
      platform: 'web',
      pkce: false,
      codeChallengeEncoding: 'hex',
      timeoutMs: 10_000,
      redirectUri: undefined,
      fetch: undefined,
    })
    expect(resolveClientOptions({ ...basics, platform: 'desktop' }).pkce).toBe(true)
    expect(resolveClientOptions({ ...basics, pkce: true, codeChallengeEncoding: 'base64url' })).toMatchObject(
      {
        pkce: true,
        codeChallengeEncoding: 'base64url',
      },
    )
  })

  test('unknown options are ignored', () => {
    expect(make({ unknown: 1 })).toMatchObject({ clientKey: 'key123' })
  })
})

describe('endpoints', () => {
  test.each([
    ['token', 'endpoints.token', 'endpoints.token` is not known'],
    ['a name\nlike no other', 'endpoints', 'endpoints` is not known'],
  ])('a misspelt one is told: %j', (name, option, message) => {
    const error = refusal(() => make({ endpoints: { [name]: 'https://example.com/secret' } }))
    expect(error.option).toBe(option)
    expect(error.message).toContain(message)
    expect(error.message).toContain('tokenEndpoint')
    expect(error.message).not.toContain('example.com')
  })

  test.each([
    'http://example.com/token/',
    'ftp://localhost/',
    'https://user:CANARY@example.com/',
    'https://example.com/?CANARY',
    'https://example.com/#CANARY',
    '/token',
    '',
    'http://127.0.0.1.evil.example/',
    'http://localhost.evil.example/',
    'http://tiktok.localhost/token/',
    5,
    null,
  ])('%s is refused', (tokenEndpoint) => {
    const error = refusal(() => make({ endpoints: { tokenEndpoint } }))
    expect(error.option).toBe('endpoints.tokenEndpoint')
    expect(error.message).not.toContain('CANARY')
  })

  test.each([
    'https://example.com/token/',
    'http://localhost:8080/token/',
    'http://127.0.0.1:1/token/',
    'http://127.9.9.9:1/token/',
    'http://[::1]:1/token/',
  ])('%s is taken', (tokenEndpoint) => {
    const { endpoints } = resolveClientOptions({ ...basics, endpoints: { tokenEndpoint } })
    expect(endpoints.tokenEndpoint).toBe(tokenEndpoint)
    expect(endpoints.revocationEndpoint).toBe('https://open.tiktokapis.com/v2/oauth/revoke/')
  })

  test('apiOrigin is an origin', () => {
    const origin = (apiOrigin: string): string =>
      resolveClientOptions({ ...basics, endpoints: { apiOrigin } }).endpoints.apiOrigin
    expect(origin('http://localhost:3000/')).toBe('http://localhost:3000')
    expect(refusal(() => origin('https://example.com/v2/')).option).toBe('endpoints.apiOrigin')
  })

  test('a polluted prototype does not move TikTok', () => {
    const prototype = Object.prototype as unknown as Record<string, unknown>
    prototype['tokenEndpoint'] = 'https://evil.example/'
    try {
      expect(resolveClientOptions({ ...basics, endpoints: {} }).endpoints.tokenEndpoint).toBe(
        'https://open.tiktokapis.com/v2/oauth/token/',
      )
    } finally {
      delete prototype['tokenEndpoint']
    }
  })
})
