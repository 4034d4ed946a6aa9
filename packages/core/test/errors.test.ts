import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  AuthorizationResponseError,
  ConfigurationError,
  isTikTokAuthError,
  NetworkError,
  OAuthResponseError,
  ReauthorizationRequiredError,
  RefreshPendingError,
  StoreError,
  TikTokAuthError,
  TransactionError,
  UnexpectedResponseError,
  type AnyTikTokAuthError,
  type ErrorCode,
} from '../src/index.ts'

const cause = new Error('underlying')
const every: [AnyTikTokAuthError, ErrorCode, number, string][] = [
  [
    new ConfigurationError('redirectUri', 'must be https.', 'Use https.'),
    'configuration',
    500,
    'Option `redirectUri` must be https. Use https.',
  ],
  [new TransactionError('expired', { cause }), 'transaction', 400, '(expired)'],
  [new TransactionError('request_refused', { status: 403 }), 'transaction', 403, '(request_refused)'],
  [
    new AuthorizationResponseError({ error: 'access_denied' }),
    'authorization_response',
    403,
    '`access_denied`',
  ],
  [
    new AuthorizationResponseError({ error: 'temporarily_unavailable' }),
    'authorization_response',
    503,
    '`temporarily_unavailable`',
  ],
  [
    new AuthorizationResponseError({ error: 'server_error' }),
    'authorization_response',
    502,
    '`server_error`',
  ],
  [
    new OAuthResponseError({ endpoint: 'token', error: 'invalid_grant', httpStatus: 200 }),
    'oauth_response',
    502,
    'token endpoint answered `invalid_grant`',
  ],
  [
    new UnexpectedResponseError({ endpoint: 'user_info', problem: 'an HTML page.', httpStatus: 502 }),
    'unexpected_response',
    502,
    '(HTTP 502): an HTML page.',
  ],
  [
    new NetworkError({ endpoint: 'api', timedOut: false, sent: 'no', cause }),
    'network',
    503,
    'could not be reached',
  ],
  [new ReauthorizationRequiredError('ambiguous', cause), 'reauthorization_required', 401, '(ambiguous)'],
  [new RefreshPendingError(1500, cause), 'refresh_pending', 503, 'try again'],
  [
    new StoreError('read', { problem: 'the row is unreadable.', revision: 'r1' }),
    'store',
    503,
    'at read: the row is unreadable.',
  ],
  [new StoreError('insert', { cause }), 'store', 503, 'at insert.'],
]

describe.each(every)('%s', (error, code, status, message) => {
  test('says what it is', () => {
    expect(error.code).toBe(code)
    expect(error.status).toBe(status)
    expect(error.message).toContain(message)
    expect(error.name).toBe(error.constructor.name)
    expect(error).toBeInstanceOf(TikTokAuthError)
    expect(isTikTokAuthError(error)).toBe(true)
  })

  test('keeps its cause out of JSON, and its brand out of sight', () => {
    expect(JSON.stringify(error)).not.toContain('underlying')
    expect(Object.prototype.propertyIsEnumerable.call(error, Symbol.for('tiktok-auth.error'))).toBe(false)
    expect(inspect(error)).toContain(error.name)
  })
})

test('a cause is only there when there is one', () => {
  expect(Object.hasOwn(new StoreError('read'), 'cause')).toBe(false)
  expect(new StoreError('read', { cause }).cause).toBe(cause)
})

test('isTikTokAuthError goes by the brand, so that a second copy of the package is recognized', () => {
  const foreign = Object.defineProperty(new Error('foreign'), Symbol.for('tiktok-auth.error'), {
    value: true,
  })
  expect(isTikTokAuthError(foreign)).toBe(true)
  expect(
    [new Error('x'), undefined, null, 'configuration', { code: 'configuration' }].some(isTikTokAuthError),
  ).toBe(false)
})
