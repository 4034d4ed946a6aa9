import { describe, expect, test } from 'vitest'
import {
  AuthorizationResponseError,
  OAuthResponseError,
  TransactionError,
  type AuthorizationErrorFields,
  type EndpointName,
  type TransactionFailure,
} from '../src/index.ts'

/** One sentence: ends in one full stop, none followed by another sentence. */
const oneSentence = /^[A-Z](?:(?!\. [A-Z]).)*\.$/

function checked(error: { readonly message: string; readonly hint: string | undefined }): string | undefined {
  expect(error.hint).toMatch(oneSentence)
  expect(error.message).toContain(error.hint)
  return error.hint
}

describe('errors at the authorization page', () => {
  test.each<[string, AuthorizationErrorFields, RegExp]>([
    [
      'wrong client key',
      { error: 'param_error', errCode: '10003', errorType: 'client_key' },
      /portal.*`clientKey`/,
    ],
    ['wrong client key, number only', { error: 'param_error', errCode: '10003' }, /portal.*`clientKey`/],
    [
      'draft app',
      { error: 'unauthorized_client', errorType: 'client_key' },
      /Login Kit.*portal, .*Products.*sandbox/,
    ],
    ['draft app, no type', { error: 'unauthorized_client' }, /Login Kit.*portal/],
    ['scope', { error: 'invalid_scope', errorType: 'scope' }, /`scope`.*portal.*Scopes/],
    ['scope, type only', { error: 'x', errorType: 'scope' }, /`scope`.*portal.*Scopes/],
    ['scope not authorized', { error: 'x', errorType: 'scope_not_authorized' }, /portal.*Scopes.*`scope`/],
    [
      'redirect URI',
      { error: 'invalid_request', errorType: 'redirect_uri' },
      /`redirectUri`.*portal.*Redirect URI/,
    ],
    [
      'challenge missing',
      { error: 'param_error', errCode: '10007', errorType: 'code_challenge' },
      /`pkce` to true.*`platform`/,
    ],
    ['challenge missing, number only', { error: 'param_error', errCode: '10007' }, /`pkce` to true/],
    [
      'challenge method',
      { error: 'param_error', errCode: '10008', errorType: 'code_challenge_method' },
      /S256.*`pkce` to false.*portal/,
    ],
    ['challenge method, number only', { error: 'param_error', errCode: '10008' }, /S256/],
    [
      'not a sandbox target',
      { error: 'access_denied', errorType: 'non_sandbox_target' },
      /target users.*portal, .*Sandbox/,
    ],
    ['cancel', { error: 'access_denied' }, /refused: offer the login again/],
    ['other parameter', { error: 'param_error', errCode: '1' }, /`clientKey`.*portal/],
    [
      'malformed mobile request',
      { error: '-3', errorDescription: 'illegal client information' },
      /bundle id/,
    ],
    ['invalid_request', { error: 'invalid_request' }, /`redirectUri`.*portal/],
    ['invalid_client', { error: 'invalid_client' }, /portal.*`clientKey`/],
    ['unsupported_response_type', { error: 'unsupported_response_type' }, /portal.*Products/],
    ['server_error', { error: 'server_error' }, /try again/],
    ['temporarily_unavailable', { error: 'temporarily_unavailable' }, /try again/],
  ])('%s', (_, fields, pattern) => {
    expect(checked(new AuthorizationResponseError(fields))).toMatch(pattern)
  })

  test('a refusal of a sandbox stranger is not called a cancel', () => {
    const error = new AuthorizationResponseError({ error: 'access_denied', errorType: 'non_sandbox_target' })
    expect(error.hint).not.toMatch(/cancel/)
  })
})

describe('errors of the endpoints', () => {
  test.each<[EndpointName, string, string | undefined, RegExp]>([
    // The form itself.
    [
      'token',
      'invalid_request',
      'The request parameters are malformed.',
      /`clientKey`.*white space.*decoded exactly once.*v2.*charset/,
    ],
    [
      'token',
      'invalid_request',
      'Only `application/x-www-form-urlencoded` is accepted as Content-Type.',
      /Content-Type.*`fetch`/,
    ],
    ['token', 'invalid_request', 'Client secret is missed in request.', /`clientSecret`/],
    [
      'token',
      'invalid_request',
      'Redirect_uri is not matched with the uri when requesting code.',
      /`redirectUri`.*portal/,
    ],
    [
      'token',
      'invalid_grant',
      'Redirect_uri is not matched with the uri when requesting code.',
      /`redirectUri`.*portal/,
    ],
    [
      'token',
      'invalid_request',
      'Code verifier or code challenge is invalid.',
      /`codeChallengeEncoding` to hex.*base64url/,
    ],
    [
      'token',
      'invalid_client',
      'Client key or secret is incorrect.',
      /portal.*`clientKey` and `clientSecret`/,
    ],
    ['token', 'invalid_grant', 'Authorization code is expired.', /exchange it at once/],
    // The list of error codes.
    ['token', 'access_denied', undefined, /target users.*portal/],
    ['token', 'invalid_client', undefined, /portal.*`clientKey` and `clientSecret`/],
    ['token', 'invalid_grant', undefined, /log in again.*TikTok account|TikTok account.*log in again/],
    ['token', 'invalid_request', undefined, /portal/],
    ['token', 'invalid_scope', undefined, /`scope`.*portal/],
    ['token', 'unauthorized_client', undefined, /portal/],
    ['token', 'unsupported_grant_type', undefined, /`endpoints.tokenEndpoint`/],
    ['token', 'unsupported_response_type', undefined, /portal/],
    ['token', 'server_error', undefined, /`logId`/],
    ['token', 'temporarily_unavailable', undefined, /again/],
    ['revocation', 'invalid_client', undefined, /`clientSecret`/],
    ['revocation', 'access_token_invalid', undefined, /expired/],
    // The APIs.
    ['user_info', 'access_token_invalid', 'x', /TikTok account.*refresh it once/],
    ['user_info', 'scope_not_authorized', 'x', /`scope`.*refresh does not help/],
    ['user_info', 'scope_permission_missed', 'x', /portal.*Scopes/],
    ['user_info', 'invalid_params', 'redirect_uri', /`fields`/],
    ['api', 'invalid_file_upload', 'x', /file/],
    ['user_info', 'rate_limit_exceeded', 'x', /`retryAfterMs`/],
    ['token', 'rate_limit_exceeded', 'malformed', /`retryAfterMs`/],
    ['user_info', 'internal_error', 'x', /`logId`/],
    ['token', 'internal_error', 'x', /`logId`/],
  ])('%s: %s, %s', (endpoint, error, errorDescription, pattern) => {
    expect(checked(new OAuthResponseError({ endpoint, error, errorDescription, httpStatus: 200 }))).toMatch(
      pattern,
    )
  })

  test('an unknown code has no hint', () => {
    const error = new OAuthResponseError({ endpoint: 'token', error: 'brand_new', httpStatus: 400 })
    expect(error.hint).toBeUndefined()
    expect(error.message).toBe("TikTok's token endpoint answered `brand_new`.")
  })
})

describe('callbacks that are refused', () => {
  test.each<[TransactionFailure, RegExp]>([
    ['missing', /localhost for 127\.0\.0\.1.*www.*app switch.*cookies are not blocked/],
    ['expired', /start it again/],
    ['unreadable', /`secret`/],
    ['binding', /`bind`/],
    ['state_mismatch', /start again/],
    ['malformed_callback', /query/],
    ['request_refused', /`trustedOrigins`/],
  ])('%s', (reason, pattern) => {
    expect(checked(new TransactionError(reason))).toMatch(pattern)
  })
})
