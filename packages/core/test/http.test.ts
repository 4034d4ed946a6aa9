import { createServer as createNetServer } from 'node:net'
import { inspect } from 'node:util'
import { brotliCompressSync, gzipSync, deflateSync } from 'node:zlib'
import * as undici from 'undici'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  createTikTokClient,
  fetchTransport,
  isTikTokAuthError,
  NetworkError,
  OAuthResponseError,
  TransportError,
  undiciTransport,
  UnexpectedResponseError,
  type AnyTikTokAuthError,
  type HttpTransport,
  type TikTokClient,
  type UndiciLike,
} from '../src/index.ts'
import { sentFromError } from '../src/http.ts'
import { listen, reply, startRawServer, type RawRequest, type RawServer } from './support/raw-server.ts'

const good = JSON.stringify({
  access_token: 'act.1',
  expires_in: 7200,
  open_id: 'user-1',
  refresh_token: 'rft.1',
  refresh_expires_in: 15552000,
  scope: 'user.info.basic',
  token_type: 'Bearer',
})

const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(cleanUp.splice(0).map((close) => close()))
})

async function start(answer: (request: RawRequest) => void): Promise<RawServer> {
  const server = await startRawServer(answer)
  cleanUp.push(() => server.close())
  return server
}

describe.each<[string, () => HttpTransport]>([
  ['fetch', () => fetchTransport()],
  ['undici', () => undiciTransport(undici)],
])('over %s', (_, makeTransport) => {
  const clientFor = (origin: string, timeoutMs = 5000): TikTokClient =>
    createTikTokClient(
      {
        clientKey: 'key123',
        clientSecret: 'canary-secret',
        redirectUri: 'https://app.example/cb',
        timeoutMs,
        endpoints: { tokenEndpoint: `${origin}/v2/oauth/token/`, apiOrigin: origin },
      },
      { transport: makeTransport() },
    )
  const exchange = (server: { readonly origin: string }, timeoutMs?: number): Promise<unknown> =>
    clientFor(server.origin, timeoutMs).exchangeCode({ code: 'canary-code' })
  async function failure(
    server: { readonly origin: string },
    timeoutMs?: number,
  ): Promise<AnyTikTokAuthError> {
    const error: unknown = await exchange(server, timeoutMs).then(
      () => new Error('nothing failed'),
      (reason: unknown) => reason,
    )
    if (!isTikTokAuthError(error)) throw error
    expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/canary|act\.1|rft\.1/)
    return error
  }

  test('the form is bare, once, and whole', async () => {
    const server = await start((request) => reply(request, good))
    await expect(exchange(server)).resolves.toMatchObject({ openId: 'user-1' })
    const [request] = server.requests
    expect(request?.head.match(/^content-type:.*$/gim)).toEqual([
      'content-type: application/x-www-form-urlencoded',
    ])
    expect(request?.head).toMatch(/^POST \/v2\/oauth\/token\/ HTTP\/1\.1/)
    expect(request?.head).not.toContain('canary')
    expect(new URLSearchParams(request?.body).get('client_secret')).toBe('canary-secret')
  })

  test.each(['301 x', '302 x', '303 x', '307 x', '308 x'])('%s is not followed', async (status) => {
    const other = await start((request) => reply(request, good))
    const server = await start((request) =>
      reply(request, '', { status, headers: { location: `${other.origin}/v2/oauth/token/` } }),
    )
    const error = await failure(server)
    expect(error).toBeInstanceOf(UnexpectedResponseError)
    expect(error).toMatchObject({
      httpStatus: Number(status.slice(0, 3)),
      message: expect.stringContaining('redirect') as string,
    })
    expect(other.requests).toHaveLength(0)
  })

  test.each<[string, (request: RawRequest) => void, string]>([
    [
      'HTML with status 200',
      (r) => reply(r, '<!doctype html><title>Sign in</title>act.1'),
      'titled "Sign in"',
    ],
    [
      'HTML with status 502',
      (r) => reply(r, '<html><TITLE lang="en">502 Bad Gateway</TITLE>', { status: '502 x' }),
      'titled "502 Bad Gateway"',
    ],
    ['HTML without a title', (r) => reply(r, '\n <html>act.1', { status: '403 x' }), 'an HTML page.'],
    [
      'a title that may be a secret',
      (r) => reply(r, `<title>${'act.1'.repeat(5)} oops</title>`),
      'titled "[...] oops"',
    ],
    [
      'a title that echoes the code',
      (r) => reply(r, '<title>bad canary-code</title>'),
      'titled "bad [redacted]"',
    ],
    ['truncated JSON', (r) => reply(r, good.slice(0, 60)), '60 characters that are not JSON'],
    ['an empty body', (r) => reply(r, ''), 'empty body'],
    ['status 204', ({ socket }) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'), 'empty body'],
    ['null', (r) => reply(r, 'null'), 'JSON that is no object'],
    ['a number', (r) => reply(r, '5'), 'JSON that is no object'],
    ['an array', (r) => reply(r, `[${good}]`), 'JSON that is no object'],
    ['an object with nothing in it', (r) => reply(r, '{}'), '`access_token`'],
    ['a success with status 500', (r) => reply(r, good, { status: '500 x' }), 'a JSON object'],
    ['an empty body with status 503', (r) => reply(r, '', { status: '503 x' }), 'an empty body'],
    ['10 MB', (r) => reply(r, `"${'x'.repeat(10_000_000)}"`), 'too large'],
    ['deep nesting', (r) => reply(r, '['.repeat(500_000)), 'not JSON'],
  ])('%s is an unexpected response', async (_, answer, problem) => {
    const server = await start(answer)
    const error = await failure(server)
    expect(error).toBeInstanceOf(UnexpectedResponseError)
    expect(error.message).toContain(problem)
    expect(error.message.length).toBeLessThan(300)
  })

  test('an endless body is cut at the cap and its connection let go', async () => {
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    let sent = 0
    const server = await start(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
      const pump = (): void => {
        while (!socket.destroyed) {
          sent += chunk.length
          if (!socket.write(chunk)) return void socket.once('drain', pump)
        }
      }
      pump()
    })
    expect((await failure(server)).message).toContain('too large')
    await server.idle()
    expect(sent).toBeLessThan(16 * 1024 * 1024)
  })

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ] as const)('%s is understood, and a bomb is cut', async (encoding, compress) => {
    const headers = { 'content-encoding': encoding }
    const server = await start((request) => reply(request, compress(Buffer.from(good)), { headers }))
    await expect(exchange(server)).resolves.toMatchObject({ openId: 'user-1' })
    const bomb = compress(Buffer.alloc(100_000_000, 'x'))
    const hostile = await start((request) => reply(request, bomb, { headers }))
    const before = process.memoryUsage().rss
    expect((await failure(hostile)).message).toContain('too large')
    expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000)
  })

  test('an encoding that is not what it says is a typed error', async () => {
    const headers = { 'content-encoding': 'gzip' }
    const server = await start((request) => reply(request, good, { headers }))
    expect(['unexpected_response', 'network']).toContain((await failure(server)).code)
  })

  test('one byte after the other meets the total deadline', async () => {
    const server = await start(({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${good.length}\r\n\r\n`)
      let index = 0
      const timer = setInterval(() => socket.write(good[index++] ?? ''), 20)
      socket.on('close', () => clearInterval(timer))
    })
    expect(await failure(server, 300)).toMatchObject({ code: 'network', timedOut: true, sent: 'unknown' })
    await server.idle()
  })

  test('headers that never come meet the total deadline', async () => {
    const server = await start(() => {})
    expect(await failure(server, 200)).toMatchObject({
      code: 'network',
      timedOut: true,
      sent: 'unknown',
      status: 503,
    })
  })

  test.each<[string, (request: RawRequest) => void]>([
    ['before an answer', ({ socket }) => socket.resetAndDestroy()],
    ['closed before an answer', ({ socket }) => socket.end()],
    [
      'in the middle of the body',
      ({ socket }) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n${good.slice(0, 40)}`)
        setTimeout(() => socket.resetAndDestroy(), 20)
      },
    ],
    [
      'in the middle of a chunk',
      ({ socket }) => {
        socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n${good.slice(0, 40)}`)
        setTimeout(() => socket.end(), 20)
      },
    ],
    ['what is no HTTP', ({ socket }) => socket.write('act.1 act.1 act.1\r\n\r\n')],
    [
      'a malformed chunk',
      ({ socket }) => socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz act.1\r\n`),
    ],
  ])('a connection that breaks %s leaves the outcome unknown', async (_, answer) => {
    const server = await start(answer)
    expect(await failure(server)).toMatchObject({ code: 'network', timedOut: false, sent: 'unknown' })
  })

  test('a refused connection cannot have sent anything', async () => {
    const closed = createNetServer()
    const origin = `http://127.0.0.1:${await listen(closed)}`
    await new Promise((resolve) => closed.close(resolve))
    expect(await failure({ origin })).toMatchObject({ code: 'network', timedOut: false, sent: 'no' })
    expect(await failure({ origin: origin.replace('127.0.0.1', 'localhost') })).toMatchObject({ sent: 'no' })
  })

  test('plain text where TLS was expected cannot have received anything', async () => {
    const server = createNetServer((socket) => {
      socket.on('error', () => {})
      socket.resume()
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    })
    const port = await listen(server)
    expect(await failure({ origin: `https://127.0.0.1:${port}` })).toMatchObject({
      code: 'network',
      sent: 'no',
    })
    await new Promise((resolve) => server.close(resolve))
  })

  test('a handshake that ends early cannot have received anything', async () => {
    const server = createNetServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end())
    })
    const port = await listen(server)
    expect(await failure({ origin: `https://127.0.0.1:${port}` })).toMatchObject({
      code: 'network',
      sent: 'no',
    })
    await new Promise((resolve) => server.close(resolve))
  })

  test.each([
    ['text/plain', { 'content-type': 'text/plain' }],
    ['text/html; charset=iso-8859-1', { 'content-type': 'text/html; charset=iso-8859-1' }],
    ['no content type', {}],
  ])('JSON is JSON whatever its content type says: %s', async (_, headers) => {
    const server = await start((request) => reply(request, `\ufeff${good}`, { headers }))
    await expect(exchange(server)).resolves.toMatchObject({ accessToken: 'act.1' })
  })

  test('reads log id and retry-after from the headers', async () => {
    const headers = { 'x-tt-logid': '202211260102', 'retry-after': '7' }
    const server = await start((request) =>
      reply(request, '{"error":"temporarily_unavailable"}', { status: '503 x', headers }),
    )
    const error = await failure(server)
    expect(error).toBeInstanceOf(OAuthResponseError)
    expect(error).toMatchObject({ logId: '202211260102', retryAfterMs: 7000, httpStatus: 503 })
  })

  test('requests share a kept-alive connection', async () => {
    const server = await start((request) => reply(request, good))
    const client = clientFor(server.origin)
    for (let index = 0; index < 10; index += 1) await client.exchangeCode({ code: 'canary-code' })
    expect(server.requests).toHaveLength(10)
    // A connection is only free a moment after its answer, so one behind the other they may need two.
    expect(server.sockets.size).toBeLessThanOrEqual(2)
  })
})

describe('undiciTransport', () => {
  test.each([[undefined], [null], [{}], [{ Agent: 'Agent' }]])('%j is not undici', (module) => {
    expect(() => undiciTransport(module as unknown as UndiciLike)).toThrow(/`undici`/)
  })

  test('refuses an encoding it cannot undo', async () => {
    const server = await start((request) =>
      reply(request, brotliCompressSync(good), { headers: { 'content-encoding': 'br' } }),
    )
    const transport = undiciTransport(undici)
    await expect(
      transport({ method: 'GET', url: server.origin, headers: {}, maxBytes: 10_000 }),
    ).rejects.toMatchObject({
      reply: { status: 200, problem: expect.stringContaining('encoding') as string },
    })
  })

  test.each([
    ['identity', good],
    ['', good],
    ['gzip', ''],
  ])('takes the encoding %j of %j as it is', async (encoding, body) => {
    const server = await start((request) =>
      reply(request, body, { headers: { 'content-encoding': encoding } }),
    )
    const answer = await undiciTransport(undici)({
      method: 'GET',
      url: server.origin,
      headers: {},
      maxBytes: 1000,
    })
    expect(new TextDecoder().decode(answer.body)).toBe(body)
  })

  test('takes the first of repeated headers', async () => {
    const server = await start(({ socket }) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\nset-cookie: a\r\nset-cookie: b\r\n\r\n'),
    )
    const answer = await undiciTransport(undici)({
      method: 'GET',
      url: server.origin,
      headers: {},
      maxBytes: 10,
    })
    expect(answer.header('set-cookie')).toBe('a')
    expect(answer.header('x-none')).toBeUndefined()
  })
})

describe('fetchTransport', () => {
  test('looks the global fetch up at each call', async () => {
    const transport = fetchTransport()
    const original = globalThis.fetch
    globalThis.fetch = () => Promise.resolve(new Response('replaced'))
    try {
      const answer = await transport({
        method: 'GET',
        url: 'https://app.example/',
        headers: {},
        maxBytes: 100,
      })
      expect(new TextDecoder().decode(answer.body)).toBe('replaced')
    } finally {
      globalThis.fetch = original
    }
  })

  test('tells a fetch that caches to leave it', async () => {
    const fetch = vi.fn<typeof globalThis.fetch>(async () => new Response('fresh'))
    for (const method of ['GET', 'POST'] as const) {
      await fetchTransport(fetch)({ method, url: 'https://app.example/', headers: {}, maxBytes: 100 })
    }
    expect(fetch.mock.calls.map(([, init]) => init?.cache)).toEqual(['no-store', 'no-store'])
  })

  test('cuts a body even if cancelling it fails', async () => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(64)),
      cancel: () => Promise.reject(new Error('no')),
    })
    const transport = fetchTransport(() => Promise.resolve(new Response(body)))
    await expect(
      transport({ method: 'GET', url: 'https://app.example/', headers: {}, maxBytes: 100 }),
    ).rejects.toThrow(TransportError)
  })
})

describe('sentFromError', () => {
  const coded = (code: string, more: object = {}): Error => Object.assign(new Error(code), { code, ...more })
  const wrapped = (cause: unknown): Error => new TypeError('fetch failed', { cause })

  test.each<[string, unknown]>([
    ['ECONNREFUSED', wrapped(coded('ECONNREFUSED'))],
    ['ENOTFOUND', wrapped(coded('ENOTFOUND', { syscall: 'getaddrinfo' }))],
    ['EAI_AGAIN', coded('EAI_AGAIN')],
    ['connect timeout', wrapped(coded('UND_ERR_CONNECT_TIMEOUT'))],
    ['an expired certificate', wrapped(coded('CERT_HAS_EXPIRED'))],
    ['a foreign certificate', wrapped(coded('ERR_TLS_CERT_ALTNAME_INVALID'))],
    ['no route while connecting', wrapped(coded('EHOSTUNREACH', { syscall: 'connect' }))],
    [
      'every address refused',
      wrapped(new AggregateError([coded('ECONNREFUSED'), coded('ETIMEDOUT', { syscall: 'connect' })])),
    ],
    ['a transport that knows', wrapped(new TransportError({ sent: 'no' }))],
  ])('%s: no', (_, error) => {
    expect(sentFromError(error)).toBe('no')
  })

  test.each<[string, unknown]>([
    ['reset', wrapped(coded('ECONNRESET', { syscall: 'read' }))],
    ['socket closed', wrapped(coded('UND_ERR_SOCKET'))],
    ['no route on an open connection', coded('EHOSTUNREACH', { syscall: 'read' })],
    ['one of the addresses', new AggregateError([coded('ECONNREFUSED'), coded('ECONNRESET')])],
    ['no errors at all', new AggregateError([])],
    ['a plain error', new Error('x')],
    ['a string', 'ECONNREFUSED'],
    ['nothing', undefined],
    ['null', null],
    ['a transport that does not know', new TransportError({ sent: 'unknown', cause: coded('ECONNREFUSED') })],
  ])('%s: unknown', (_, error) => {
    expect(sentFromError(error)).toBe('unknown')
  })

  test('a circle of causes ends', () => {
    const error = new Error('circle')
    error.cause = error
    expect(sentFromError(error)).toBe('unknown')
  })

  test('a network error says what it knows', () => {
    expect(new NetworkError({ endpoint: 'token', timedOut: true, sent: 'unknown' }).message).toContain(
      'in time',
    )
  })
})
