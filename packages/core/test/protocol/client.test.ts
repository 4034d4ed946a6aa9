import { inspect } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  ConfigurationError,
  createTikTokClient,
  NetworkError,
  type AuthorizationRequest,
  type ClientHost,
  type CodeExchange,
  type HttpReply,
  type TikTokClient,
  type TokenSet,
} from '../../src/index.ts'
import { fakeTikTok, tokenResponse } from '../support/fake-tiktok.ts'

const now = 1_700_000_000_000
const tokenUrl = 'https://open.tiktokapis.com/v2/oauth/token/'
const credentials = { client_key: 'key123', client_secret: 'canary-secret' }
const refused = { error: 'invalid_grant', error_description: 'Used.', log_id: 'L1' }

afterEach(() => void vi.useRealTimers())

describe('a client', () => {
  test('shows no secret when printed or serialized', () => {
    const { client } = fakeTikTok(() => tokenResponse)
    const printed =
      inspect(client, { depth: null, showHidden: true, showProxy: true }) + JSON.stringify(client)
    expect(printed).not.toContain('canary')
    expect(JSON.parse(JSON.stringify(client))).toEqual({
      clientKey: 'key123',
      redirectUri: 'https://App.Example:443/cb/',
      pkce: false,
      codeChallengeEncoding: 'hex',
      timeoutMs: 10_000,
    })
  })

  test('a given fetch wins over the transport of the host', async () => {
    const transport = vi.fn<() => Promise<HttpReply>>()
    const { client, seen } = fakeTikTok(() => tokenResponse, {}, { transport })
    await client.exchangeCode({ code: 'c' })
    expect(seen).toHaveLength(1)
    expect(transport).not.toHaveBeenCalled()
  })

  test('the transport of the host is used otherwise', async () => {
    const body = new TextEncoder().encode(JSON.stringify(tokenResponse))
    const transport = vi.fn<() => Promise<HttpReply>>(() =>
      Promise.resolve({ status: 200, header: () => undefined, body }),
    )
    const client = createTikTokClient({ clientKey: 'k', clientSecret: 's' }, { transport })
    await expect(client.refresh('rft')).resolves.toMatchObject({ openId: 'user-1' })
    expect(transport).toHaveBeenCalledWith(
      expect.objectContaining({ method: 'POST', url: tokenUrl, maxBytes: 1_048_576 }),
    )
  })
})

test.each([['fetch'], [null], [{}]])('the transport %j is refused', (transport) => {
  const host = { transport } as unknown as ClientHost
  expect(() => createTikTokClient({ clientKey: 'k', clientSecret: 's' }, host)).toThrow(/`host.transport`/)
})

describe('authorizationUrl', () => {
  const { client, seen } = fakeTikTok(() => undefined)
  const request: AuthorizationRequest = {
    state: 'state-1',
    scope: ['user.info.basic', 'video.list', 'user.info.basic'],
  }
  const entries = (extra: Partial<AuthorizationRequest> = {}): [string, string][] => [
    ...client.authorizationUrl({ ...request, ...extra }).searchParams,
  ]
  const base = [
    ['client_key', 'key123'],
    ['response_type', 'code'],
    ['scope', 'user.info.basic,video.list'],
    ['redirect_uri', 'https://App.Example:443/cb/'],
    ['state', 'state-1'],
  ]

  test('says each thing once', () => {
    const url = client.authorizationUrl(request)
    expect(url.origin + url.pathname).toBe('https://www.tiktok.com/v2/auth/authorize/')
    expect(entries()).toEqual(base)
    expect(url.href).not.toContain('canary')
    expect(seen).toHaveLength(0)
  })

  test('adds a challenge with its method, and the consent switch, when asked', () => {
    const codeChallenge = 'ab'.repeat(32)
    expect(entries({ codeChallenge, disableAutoAuth: true })).toEqual([
      ...base,
      ['disable_auto_auth', '1'],
      ['code_challenge', codeChallenge],
      ['code_challenge_method', 'S256'],
    ])
    expect(entries({ disableAutoAuth: false })).toEqual(base)
  })

  test('adds parameters that are not its own', () => {
    expect(entries({ extra: { lang: 'de', rid: 'a&state=b' } })).toEqual([
      ...base,
      ['lang', 'de'],
      ['rid', 'a&state=b'],
    ])
  })

  test.each<[string, object]>([
    ['state', { state: '' }],
    ['state', { state: undefined }],
    ['scope', { scope: [] }],
    ['scope', { scope: 'user.info.basic' }],
    ['scope', { scope: ['a b'] }],
    ['scope', { scope: ['a,b'] }],
    ['scope', { scope: [''] }],
    ['codeChallenge', { codeChallenge: '' }],
    ['codeChallenge', { codeChallenge: 'short' }],
    ['codeChallenge', { codeChallenge: 5 }],
    ['extra', { extra: { lang: 5 } }],
    ['extra', { extra: 'lang=de' }],
    ...[
      'client_key',
      'client_id',
      'client_secret',
      'response_type',
      'scope',
      'redirect_uri',
      'state',
      'code_challenge',
      'code_challenge_method',
      'disable_auto_auth',
    ].map((name): [string, object] => ['extra', { extra: { [name]: 'x' } }]),
  ])('%s: %j is refused', (option, change) => {
    const bad = { ...request, ...change } as AuthorizationRequest
    expect(() => client.authorizationUrl(bad)).toThrow(ConfigurationError)
    expect(() => client.authorizationUrl(bad)).toThrow(expect.objectContaining({ option }))
  })

  test('needs a request, and a redirect URI', () => {
    expect(() => client.authorizationUrl(undefined as unknown as AuthorizationRequest)).toThrow(
      ConfigurationError,
    )
    const bare = createTikTokClient({ clientKey: 'k', clientSecret: 's' })
    expect(() => bare.authorizationUrl(request)).toThrow(/`redirectUri`/)
  })
})

describe('exchangeCode', () => {
  test('sends the code as it is, encoded once, and the redirect URI byte for byte', async () => {
    const { client, seen } = fakeTikTok(() => tokenResponse)
    const code = 'a*b!c+d%25e&f=g'
    const codeVerifier = 'v'.repeat(64)
    const tokenSet = await client.exchangeCode({ code, codeVerifier })
    expect(Object.fromEntries(seen[0]?.form ?? [])).toEqual({
      ...credentials,
      grant_type: 'authorization_code',
      code,
      redirect_uri: 'https://App.Example:443/cb/',
      code_verifier: codeVerifier,
    })
    expect(seen[0]?.url).toBe(tokenUrl)
    expect(seen[0]?.init).toMatchObject({ method: 'POST', redirect: 'manual' })
    expect(tokenSet).toMatchObject({ openId: 'user-1', issuedAt: now, expiresAt: now + 7_200_000 })
    expect(inspect(tokenSet)).not.toContain('canary')
  })

  test('takes another redirect URI, and what was asked for where TikTok names no scope', async () => {
    const { scope: _, ...reply } = tokenResponse
    const { client, seen } = fakeTikTok(() => reply)
    const exchange = { code: 'c', redirectUri: 'https://app.example/mobile', requestedScope: ['a'] }
    expect((await client.exchangeCode(exchange)).scope).toEqual(['a'])
    expect(seen[0]?.form.get('redirect_uri')).toBe('https://app.example/mobile')
    expect(seen[0]?.form.has('code_verifier')).toBe(false)
  })

  test.each([
    ['request', undefined],
    ['code', {}],
    ['code', { code: '' }],
    ['code', { code: ['a'] }],
    ['codeVerifier', { code: 'c', codeVerifier: 'short' }],
    ['redirectUri', { code: 'c', redirectUri: '' }],
    ['requestedScope', { code: 'c', requestedScope: 'a' }],
  ])('%s: %j is refused before anything is sent', async (option, exchange) => {
    const { client, seen } = fakeTikTok(() => tokenResponse)
    await expect(client.exchangeCode(exchange as CodeExchange)).rejects.toMatchObject({
      code: 'configuration',
      option,
    })
    expect(seen).toHaveLength(0)
  })

  test('does not try again', async () => {
    const { client, seen } = fakeTikTok(() => new Response('', { status: 503 }))
    await expect(client.exchangeCode({ code: 'c' })).rejects.toMatchObject({ code: 'unexpected_response' })
    expect(seen).toHaveLength(1)
  })
})

describe('refresh', () => {
  const previous: TokenSet = {
    openId: 'user-1',
    scope: ['user.info.basic'],
    tokenType: 'Bearer',
    accessToken: 'act.old',
    issuedAt: 1,
    expiresAt: 2,
    refreshToken: 'rft.older',
    refreshTokenExpiresAt: 3,
  }

  test('sends the refresh token', async () => {
    const { client, seen } = fakeTikTok(() => tokenResponse)
    await expect(client.refresh('rft.canary-old')).resolves.toMatchObject({ refreshToken: 'rft.canary' })
    const form = { ...credentials, grant_type: 'refresh_token', refresh_token: 'rft.canary-old' }
    expect(Object.fromEntries(seen[0]?.form ?? [])).toEqual(form)
  })

  test('keeps what the reply leaves out; the refresh token that was sent, for one', async () => {
    const { client } = fakeTikTok(() => ({ access_token: 'act.new' }))
    const tokenSet = await client.refresh('rft.sent', previous)
    expect(tokenSet).toEqual({
      ...previous,
      accessToken: 'act.new',
      issuedAt: now,
      expiresAt: undefined,
      refreshToken: 'rft.sent',
    })
    await expect(client.refresh('rft.sent')).rejects.toThrow(/`open_id`/)
  })

  test('hands on a reply for another user', async () => {
    const { client } = fakeTikTok(() => ({ ...tokenResponse, open_id: 'user-2' }))
    expect((await client.refresh('rft.sent', previous)).openId).toBe('user-2')
  })

  test('has no deadline but a bound of ten minutes', async () => {
    vi.useFakeTimers()
    const { client, seen } = fakeTikTok(() => new Promise(() => {}), { timeoutMs: 1000 })
    const exchange = client.exchangeCode({ code: 'c' }).catch((error: unknown) => error)
    const refresh = client.refresh('rft.canary').catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await exchange).toMatchObject({ timedOut: true })
    await vi.advanceTimersByTimeAsync(597_000)
    expect(seen.map(({ init }) => init.signal?.aborted)).toEqual([true, false])
    await vi.advanceTimersByTimeAsync(2000)
    expect(await refresh).toMatchObject({ code: 'network', timedOut: true, sent: 'unknown' })
    expect(seen[1]?.init.signal?.aborted).toBe(true)
  })

  test.each([[''], [undefined], [5]])('refuses the refresh token %j', async (refreshToken) => {
    const { client, seen } = fakeTikTok(() => tokenResponse)
    await expect(client.refresh(refreshToken as string)).rejects.toMatchObject({ option: 'refreshToken' })
    expect(seen).toHaveLength(0)
  })
})

describe('revoke', () => {
  test.each([['{}'], [''], ['{"error":{"code":"ok","message":"","log_id":"L"}}'], ['{"error":""}']])(
    'the answer %j is a success',
    async (answer) => {
      const { client, seen } = fakeTikTok(() => answer)
      await expect(client.revoke('act.canary')).resolves.toBeUndefined()
      expect(seen[0]?.url).toBe('https://open.tiktokapis.com/v2/oauth/revoke/')
      expect(Object.fromEntries(seen[0]?.form ?? [])).toEqual({ ...credentials, token: 'act.canary' })
    },
  )

  test('status 204 is a success', async () => {
    const { client } = fakeTikTok(() => new Response(null, { status: 204 }))
    await expect(client.revoke('act.canary')).resolves.toBeUndefined()
  })

  test('an error is a failure', async () => {
    const { client } = fakeTikTok(() => refused)
    await expect(client.revoke('act.canary')).rejects.toMatchObject({
      endpoint: 'revocation',
      error: 'invalid_grant',
    })
    await expect(client.revoke('')).rejects.toMatchObject({ option: 'accessToken' })
  })

  test('text that is no JSON is no success', async () => {
    const { client } = fakeTikTok(() => 'revoked')
    await expect(client.revoke('act.canary')).rejects.toMatchObject({ code: 'unexpected_response' })
  })
})

describe('clientToken', () => {
  const reply = { access_token: 'clt.canary', expires_in: 7200, token_type: 'Bearer' }

  test('is asked for once and kept until shortly before it expires', async () => {
    let time = now
    const { client, seen } = fakeTikTok(() => reply, { now: () => time })
    const [first, second] = await Promise.all([client.clientToken(), client.clientToken()])
    expect(first).toBe(second)
    expect(first).toEqual({ accessToken: 'clt.canary', tokenType: 'Bearer', expiresAt: now + 7_200_000 })
    expect(Object.fromEntries(seen[0]?.form ?? [])).toEqual({
      ...credentials,
      grant_type: 'client_credentials',
    })
    time = now + 7_200_000 - 300_001
    await client.clientToken()
    expect(seen).toHaveLength(1)
    time += 2
    await client.clientToken()
    expect(seen).toHaveLength(2)
  })

  test('a short life leaves a lead of a quarter', async () => {
    let time = now
    const { client, seen } = fakeTikTok(() => ({ ...reply, expires_in: 100 }), { now: () => time })
    await client.clientToken()
    time += 74_000
    await client.clientToken()
    expect(seen).toHaveLength(1)
    time += 2000
    await client.clientToken()
    expect(seen).toHaveLength(2)
  })

  test('neither a failure nor a token of unknown life is kept', async () => {
    const answers = [{ error: 'invalid_client' }, { access_token: 'clt.canary' }, reply, reply]
    const { client, seen } = fakeTikTok(() => answers.shift())
    await expect(client.clientToken()).rejects.toMatchObject({ error: 'invalid_client' })
    await expect(client.clientToken()).resolves.toMatchObject({ expiresAt: undefined })
    await client.clientToken()
    await client.clientToken()
    expect(seen).toHaveLength(3)
  })
})

describe('fetch', () => {
  const ask = (client: TikTokClient, path: unknown, init?: unknown): Promise<Response> =>
    client.fetch('act.canary', path as string, init as RequestInit)

  test('sends the token, follows nothing, returns the answer as it is', async () => {
    const { client, seen } = fakeTikTok(
      () => new Response('moved', { status: 302, headers: { location: 'https://evil.example/' } }),
    )
    const response = await ask(client, '/v2/video/list/?fields=id', {
      method: 'POST',
      body: '{}',
      redirect: 'follow',
      headers: { Authorization: 'Bearer other', 'content-type': 'application/json' },
    })
    expect(response.status).toBe(302)
    expect(seen[0]?.url).toBe('https://open.tiktokapis.com/v2/video/list/?fields=id')
    expect(seen[0]?.init).toMatchObject({ method: 'POST', body: '{}', redirect: 'manual' })
    expect([...new Headers(seen[0]?.init.headers)]).toEqual([
      ['authorization', 'Bearer act.canary'],
      ['content-type', 'application/json'],
    ])
  })

  test('caches nothing unless the caller says so', async () => {
    const { client, seen } = fakeTikTok(() => ({}))
    await ask(client, '/v2/user/info/')
    await ask(client, '/v2/user/info/', { cache: 'default' })
    expect(seen.map(({ init }) => init.cache)).toEqual(['no-store', 'default'])
  })

  test.each(['v2/user/info/', '/v2/a/../user/info/', 'https://open.tiktokapis.com/v2/user/info/'])(
    '%s stays',
    async (path) => {
      const { client, seen } = fakeTikTok(() => ({}))
      await ask(client, path)
      expect(seen[0]?.url).toBe('https://open.tiktokapis.com/v2/user/info/')
    },
  )

  test.each([
    'https://evil.example/v2/',
    '//evil.example/v2/',
    '\\\\evil.example\\v2',
    '/\\evil.example/v2',
    '/\t/evil.example/',
    'http://open.tiktokapis.com/v2/',
    'https://open.tiktokapis.com:444/',
    'https://open.tiktokapis.com@evil.example/',
    'https://user:pass@open.tiktokapis.com/',
    'https://open.tiktokapis.com.evil.example/',
    'data:text/plain,x',
    'javascript:x',
    'http://[/',
    new URL('https://open.tiktokapis.com/'),
    undefined,
  ])('%s leaves nothing', async (path) => {
    const { client, seen } = fakeTikTok(() => ({}))
    await expect(ask(client, path)).rejects.toMatchObject({ code: 'configuration', option: 'path' })
    expect(seen).toHaveLength(0)
  })

  test.each([
    ['accessToken', 'act.canary\r\nx: y', {}],
    ['accessToken', '', {}],
    ['accessToken', undefined, {}],
    ['init', 'act.canary', null],
    ['init', 'act.canary', { headers: { 'bad name': 'x' } }],
  ])('%s: %j is refused', async (option, token, init) => {
    const { client, seen } = fakeTikTok(() => ({}))
    const error: unknown = await client
      .fetch(token as string, '/v2/', init as RequestInit)
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'configuration', option })
    expect(String(error)).not.toContain('canary')
    expect(seen).toHaveLength(0)
  })

  test("the caller's own abort is the caller's", async () => {
    const { client } = fakeTikTok(
      ({ init }) =>
        new Promise((_, reject) =>
          init.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
        ),
    )
    const controller = new AbortController()
    const pending = ask(client, '/v2/', { signal: controller.signal }).catch((reason: unknown) => reason)
    controller.abort(new Error('mine'))
    expect(await pending).toMatchObject({ message: 'mine' })
  })

  test('a failure is a network error without the token', async () => {
    const { client } = fakeTikTok(() => Promise.reject(new TypeError('bad header Bearer act.canary')))
    const error: unknown = await ask(client, '/v2/', { signal: new AbortController().signal }).catch(
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(NetworkError)
    expect(error).toMatchObject({ endpoint: 'api', timedOut: false, sent: 'unknown' })
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('canary')
  })

  test('the deadline ends with the headers', async () => {
    vi.useFakeTimers()
    const { client } = fakeTikTok(() => new Promise(() => {}), { timeoutMs: 1000 })
    const pending = ask(client, '/v2/').catch((reason: unknown) => reason)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await pending).toMatchObject({ timedOut: true })
  })

  test('without an own fetch the global one is used', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('global')))
    const client = createTikTokClient({ clientKey: 'k', clientSecret: 's' })
    expect(await (await ask(client, '/v2/')).text()).toBe('global')
    vi.unstubAllGlobals()
  })
})
