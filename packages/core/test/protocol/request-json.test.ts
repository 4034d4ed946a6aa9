import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { isTikTokAuthError, type AnyTikTokAuthError } from '../../src/index.ts'
import { fakeTikTok, tokenResponse } from '../support/fake-tiktok.ts'

async function failure(answer: unknown): Promise<AnyTikTokAuthError> {
  const { client } = fakeTikTok(() => answer)
  const error: unknown = await client
    .exchangeCode({ code: 'canary-code', codeVerifier: 'canary-'.repeat(8) })
    .then(
      () => new Error('nothing failed'),
      (reason: unknown) => reason,
    )
  if (!isTikTokAuthError(error)) throw error
  const printed = inspect(error, { depth: null, showHidden: true }) + JSON.stringify(error) + String(error)
  expect(printed).not.toContain('canary')
  return error
}

const json = (body: unknown, status: number, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers })

describe('the body decides before the status', () => {
  // As the documents and reports quote them.
  const flat = {
    error: 'invalid_request',
    error_description: 'Redirect_uri is not matched with the uri when requesting code.',
    log_id: '202206221854370101130062072500FFA2',
  }
  test.each([200, 201, 400, 401, 500, 302])('a flat error with status %i', async (status) => {
    expect(await failure(json(flat, status))).toMatchObject({
      code: 'oauth_response',
      endpoint: 'token',
      error: 'invalid_request',
      errorDescription: flat.error_description,
      logId: '202206221854370101130062072500FFA2',
      httpStatus: status,
      hint: expect.stringContaining('`redirectUri`') as string,
    })
  })

  test('a flat error beside a token', async () => {
    expect(await failure({ ...tokenResponse, error: 'invalid_grant' })).toMatchObject({
      error: 'invalid_grant',
    })
  })

  test.each([
    ['inside error', { data: {}, error: { code: 'access_token_invalid', message: 'Gone.', log_id: 'L1' } }],
    ['bare', { code: 'access_token_invalid', message: 'Gone.', log_id: 'L1' }],
  ])('the object form %s', async (_, body) => {
    expect(await failure(json(body, 401))).toMatchObject({
      code: 'oauth_response',
      error: 'access_token_invalid',
      errorDescription: 'Gone.',
      logId: 'L1',
      httpStatus: 401,
    })
  })

  test('numeric codes are read as text', async () => {
    expect(await failure({ error: { code: 10002 } })).toMatchObject({
      error: '10002',
      errorDescription: undefined,
    })
    expect(await failure({ code: 10002, message: '' })).toMatchObject({ error: '10002' })
  })

  test.each([
    ['an object', { error: { code: 'ok', message: '', log_id: 'L1' } }],
    ['an object with 0', { error: { code: 0 } }],
    ['bare', { code: 'ok', message: '', log_id: 'L1' }],
    ['an empty string', { error: '', error_description: '' }],
    ['null', { error: null }],
    ['a code of another kind', { code: true }],
    ['a code of its own', { code: 'abc' }],
  ])('%s that says ok is none', async (_, extra) => {
    const { client } = fakeTikTok(() => ({ ...tokenResponse, ...extra }))
    await expect(client.exchangeCode({ code: 'c' })).resolves.toMatchObject({ openId: 'user-1' })
  })

  test.each([[true], [42], [[]], [{}], [{ code: null }], [{ code: '' }], [{ code: {} }]])(
    'an error of unknown form, %j, is no success',
    async (error) => {
      expect(await failure({ ...tokenResponse, error, log_id: 'L2' })).toMatchObject({
        code: 'unexpected_response',
        logId: 'L2',
        message: expect.stringContaining('unknown form') as string,
      })
    },
  )
})

test('what TikTok echoes is cleaned before it enters an error', async () => {
  const error = await failure({
    error: 'canary-code',
    error_description: `line\r\nfeed canary-code canary-secret ${'canary-'.repeat(8)} ${'x'.repeat(1000)}`,
    log_id: '<script>',
  })
  expect(error).toMatchObject({ error: '[redacted]', logId: undefined })
  expect(error).toMatchObject({
    errorDescription: expect.stringMatching(
      /^line feed \[redacted\] \[redacted\] \[redacted\] x+…$/,
    ) as string,
  })
})

test('a log id comes from the body, else from the error object, else from the header', async () => {
  const headers = { 'x-tt-logid': 'H' }
  const inside = { error: { code: 'x', log_id: 'I' } }
  expect(await failure(json({ ...inside, log_id: 'B' }, 200, headers))).toMatchObject({ logId: 'B' })
  expect(await failure(json(inside, 200, headers))).toMatchObject({ logId: 'I' })
  expect(await failure(json({}, 200, headers))).toMatchObject({ code: 'unexpected_response', logId: 'H' })
})

test('a log id that repeats a secret is none', async () => {
  expect(await failure({ error: 'invalid_grant', log_id: 'L.canary-code.1' })).toMatchObject({
    error: 'invalid_grant',
    logId: undefined,
  })
  const headers = { 'x-tt-logid': 'canary-secret' }
  expect(await failure(json({}, 200, headers))).toMatchObject({
    code: 'unexpected_response',
    logId: undefined,
  })
})

test('retry-after is passed on uncapped, with either kind of failure', async () => {
  const headers = { 'retry-after': '1000000000' }
  expect(await failure(json({ error: 'rate_limit_exceeded' }, 429, headers))).toMatchObject({
    retryAfterMs: 1e12,
  })
  expect(await failure(json({}, 503, headers))).toMatchObject({
    code: 'unexpected_response',
    retryAfterMs: 1e12,
  })
})

test('a failing fetch is a network error without the request in it', async () => {
  const thrown = Object.assign(new TypeError('no match for code=canary-code'), {
    request: { body: 'canary-code' },
    cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', data: 'canary-code' }),
  })
  expect(await failure(Promise.reject(thrown))).toMatchObject({
    code: 'network',
    sent: 'no',
    timedOut: false,
    cause: { name: 'TypeError', message: 'no match for code=[redacted]', cause: { code: 'ECONNREFUSED' } },
  })
})
