import { tokenRequests, type Account } from '@tiktok-auth/test-rig'
import type { TokenSet } from '@tiktok-auth/core'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { inspect } from 'node:util'
import OAuth2Strategy from 'passport-oauth2'
import { describe, expect, test } from 'vitest'
import {
  AuthorizationError,
  InternalOAuthError,
  TikTokStrategy,
  TokenError,
  type TikTokProfile,
  type TikTokStrategyOptions,
  type TokenParams,
  type VerifyCallback,
  type VerifyFunction,
  type VerifyFunctionWithParams,
  type VerifyFunctionWithRequestAndParams,
} from '../src/index.ts'
import { run, type Reply } from './support/harness.ts'
import { register } from './support/rig.ts'

const accept: VerifyFunction = (_accessToken, _refreshToken, profile, done) => done(null, profile)

interface Stage extends Account<TikTokStrategyOptions> {
  readonly strategy: TikTokStrategy
}

function stage(overrides: Partial<TikTokStrategyOptions> = {}, verify: VerifyFunction = accept): Stage {
  const account = register(overrides)
  return { ...account, strategy: new TikTokStrategy(account.options, verify) }
}

/** Starts a login and gives what the browser comes back with. */
async function begin(
  { strategy, emulator }: Stage,
  consent?: Parameters<Stage['emulator']['consent']>[1],
): Promise<{ url: string; headers: { cookie: string } }> {
  const { ended, cookie } = await run(strategy, { url: '/auth/tiktok' })
  if (ended.by !== 'redirect') throw new Error(`No login: ${inspect(ended)}`)
  const { pathname, search } = await emulator.consent(ended.url, consent)
  return { url: pathname + search, headers: { cookie } }
}

async function logIn(each: Stage, options: object = {}): Promise<Reply['ended']> {
  return (await run(each.strategy, await begin(each), options)).ended
}

describe('the constructor', () => {
  test('makes a strategy of passport-oauth2 named tiktok', () => {
    const { strategy } = stage()
    expect(strategy).toBeInstanceOf(OAuth2Strategy)
    expect(strategy.name).toBe('tiktok')
  })

  test('takes clientID and redirectUri for the same', () => {
    const { clientKey, callbackURL, ...rest } = register().options
    const strategy = new TikTokStrategy(
      { ...rest, clientID: clientKey ?? '', redirectUri: callbackURL ?? '' },
      accept,
    )
    expect(strategy.client).toMatchObject({ clientKey, redirectUri: callbackURL })
  })

  test.each([
    ['state', { state: false }],
    ['state', { state: 'fixed' }],
    ['clientKey', { clientKey: undefined }],
    ['clientID', { clientID: 'another' }],
    ['clientID', { clientKey: undefined, clientID: ' ' }],
    ['clientSecret', { clientSecret: undefined }],
    ['clientSecret', { clientSecret: 'undefined' }],
    ['callbackURL', { callbackURL: undefined }],
    ['callbackURL', { callbackURL: '/auth/tiktok/callback' }],
    ['callbackURL', { callbackURL: 'http://app.example/auth/tiktok/callback' }],
    ['redirectUri', { callbackURL: undefined, redirectUri: '/relative' }],
    ['redirectUri', { redirectUri: 'https://app.example/another' }],
    ['secret', { secret: 'changeme' }],
    ['scope', { scope: [] }],
    ['scope', { scope: '' }],
    ['store', { store: true }],
    ['store', { store: { store() {}, verify() {} } }],
    ['pkce', { pkce: 'plain' }],
    ['bind', { bind: 'user' }],
    ['authorizationURL', { authorizationURL: 'https://evil.example/' }],
    ['tokenURL', { tokenURL: 'https://evil.example/' }],
    ['profileURL', { profileURL: 'https://evil.example/' }],
    ['fields', { fields: ['open_id'] }],
    ['loginPath', { loginPath: 'no-slash' }],
    ['options', undefined],
  ])('names %s when it is %j', (option, wrong) => {
    const options = wrong && { ...register().options, ...wrong }
    const make = (): unknown => Reflect.construct(TikTokStrategy, [options, accept])
    expect(make).toThrowError(expect.objectContaining({ code: 'configuration', option }))
  })

  test('wants a verify callback', () => {
    const make = (): unknown => Reflect.construct(TikTokStrategy, [register().options])
    expect(make).toThrowError(expect.objectContaining({ code: 'configuration', option: 'verify' }))
  })

  test('shows no secret when it is printed or serialized', () => {
    const secret = randomBytes(32).toString('base64url')
    const { strategy, options } = stage({ secret })
    const told = [inspect(strategy, { depth: null, showHidden: true }), JSON.stringify(strategy)].join()
    expect(told).not.toContain(options.clientSecret)
    expect(told).not.toContain(secret)
  })

  test('is the same class for require and import', () => {
    const required = createRequire(import.meta.url)('passport-oauth2') as unknown
    expect(Object.getPrototypeOf(TikTokStrategy)).toBe(required)
  })
})

describe('the verify callback', () => {
  interface Seen {
    readonly path: string | undefined
    readonly profile: TikTokProfile
    readonly params: TokenParams | undefined
    readonly tokens: readonly string[]
  }

  test.each(['plain', 'params', 'request', 'request and params'])(
    'gets what its form asks for: %s',
    async (form) => {
      const { emulator, options } = register()
      const seen: Seen[] = []
      const note = (path: string | undefined, params: TokenParams | undefined, done: VerifyCallback) => {
        return (profile: TikTokProfile, ...tokens: string[]) => {
          seen.push({ path, profile, params, tokens })
          done(null, profile)
        }
      }
      const withParams: VerifyFunctionWithParams = (access, refresh, params, profile, done) => {
        note(undefined, params, done)(profile, access, refresh)
      }
      const withBoth: VerifyFunctionWithRequestAndParams = (req, access, refresh, params, profile, done) => {
        note(req.originalUrl, params, done)(profile, access, refresh)
      }
      const withRequest = { ...options, passReqToCallback: true } as const
      const strategies: Record<string, () => TikTokStrategy> = {
        plain: () => {
          return new TikTokStrategy(options, (access, refresh, profile, done) => {
            note(undefined, undefined, done)(profile, access, refresh)
          })
        },
        params: () => new TikTokStrategy(options, withParams),
        request: () => {
          return new TikTokStrategy(withRequest, (req, access, refresh, profile, done) => {
            note(req.originalUrl, undefined, done)(profile, access, refresh)
          })
        },
        'request and params': () => new TikTokStrategy(withRequest, withBoth),
      }
      const strategy = strategies[form]?.()
      if (strategy === undefined) throw new Error(form)
      expect(await logIn({ strategy, emulator, options })).toMatchObject({ by: 'success' })

      const [grant] = emulator.grants
      expect(seen).toHaveLength(1)
      expect(seen[0]?.profile).toMatchObject({
        provider: 'tiktok',
        id: grant?.openId,
        displayName: 'Mia Sommer',
      })
      expect(seen[0]?.path?.startsWith('/auth/tiktok/callback?')).toBe(
        form.startsWith('request') ? true : undefined,
      )
      expect(seen[0]?.tokens.every((token) => token.length > 10)).toBe(true)
      expect(seen[0]?.params?.open_id).toBe(form.endsWith('params') ? grant?.openId : undefined)
      expect(seen[0]?.params?.access_token).toBe(form.endsWith('params') ? seen[0]?.tokens[0] : undefined)
    },
  )

  test('gets params that print without tokens and hold everything', async () => {
    let params: TokenParams | undefined
    const { emulator, options } = register()
    const keep: VerifyFunctionWithParams = (_access, _refresh, given, profile, done) => {
      params = given
      done(null, profile)
    }
    const strategy = new TikTokStrategy(options, keep)
    await logIn({ strategy, emulator, options })
    const tokenSet = params?.tokenSet as TokenSet
    expect(params).toMatchObject({
      refresh_token: tokenSet.refreshToken,
      scope: 'user.info.basic,video.list',
      expires_in: 7200,
      refresh_expires_in: 180 * 24 * 60 * 60,
    })
    expect(inspect(params)).not.toContain(tokenSet.accessToken)
    expect(inspect(params)).not.toContain(tokenSet.refreshToken)
    expect(JSON.stringify(params)).toContain(tokenSet.refreshToken)
  })

  test.each<[string, VerifyFunction, object]>([
    [
      'false',
      (_a, _r, _p, done) => done(null, false, { message: 'banned' }),
      { by: 'fail', challenge: { message: 'banned' } },
    ],
    ['no user', (_a, _r, _p, done) => done(null), { by: 'fail', challenge: undefined }],
    ['an error', (_a, _r, _p, done) => done(new Error('down')), { by: 'error', error: new Error('down') }],
    [
      'a throw',
      () => {
        throw new Error('down')
      },
      { by: 'error', error: new Error('down') },
    ],
    ['a rejection', async () => Promise.reject(new Error('down')), { by: 'error', error: new Error('down') }],
    [
      'a throw after success',
      (_a, _r, profile, done) => {
        done(null, profile)
        throw new Error('late')
      },
      { by: 'success' },
    ],
    [
      'two answers',
      (_a, _r, profile, done) => {
        done(null, profile)
        done(new Error('late'))
      },
      { by: 'success' },
    ],
  ])('may end a login with %s', async (_, verify, expected) => {
    expect(await logIn(stage({}, verify))).toMatchObject(expected)
  })

  test('may answer later, and may add to info', async () => {
    const ended = await logIn(
      stage({}, (_a, _r, profile, done) => {
        setTimeout(() => done(null, profile, { message: 'Welcome' }), 5)
      }),
    )
    expect(ended).toMatchObject({ by: 'success', info: { message: 'Welcome', returnTo: '/' } })
    const text = await logIn(
      stage({}, (_a, _r, profile, done) => {
        Reflect.apply(done, undefined, [null, profile, 'Welcome'])
      }),
    )
    expect(text).toMatchObject({ by: 'success', info: { message: 'Welcome' } })
  })
})

describe('the profile', () => {
  test('has Passport’s form, from the scopes that were granted', async () => {
    const each = stage({ scope: 'user.info.basic user.info.profile' })
    const ended = await logIn(each)
    const user = each.emulator.users.list()[0]
    expect(ended).toMatchObject({
      user: {
        provider: 'tiktok',
        id: each.emulator.grants[0]?.openId,
        displayName: user?.displayName,
        username: user?.username,
        photos: [{ value: expect.stringMatching(/^http/) }],
        _json: { display_name: user?.displayName },
      },
    })
    const { _raw, _json } = (ended as { user: TikTokProfile }).user
    expect(JSON.parse(_raw ?? '')).toEqual(_json)
  })

  test('is the id alone when TikTok does not give it', async () => {
    const each = stage()
    const callback = await begin(each)
    each.emulator.faults.next('user_info', { kind: 'html' })
    const { ended } = await run(each.strategy, callback)
    const id = each.emulator.grants[0]?.openId
    expect(ended).toMatchObject({ by: 'success', user: { provider: 'tiktok', id, displayName: '' } })
  })

  test.each<[string, TikTokStrategyOptions['skipUserProfile'], boolean]>([
    ['true', true, true],
    ['false', false, false],
    ['a function', () => true, true],
    ['a function that does not skip', () => false, false],
    [
      'a function that answers later',
      (_token: string, done: (error: unknown, skip?: boolean) => void) =>
        void setTimeout(() => done(null, true), 2),
      true,
    ],
  ])('is left alone by skipUserProfile: %s', async (_, skipUserProfile, skipped) => {
    const each = stage({ skipUserProfile: skipUserProfile ?? false })
    expect(await logIn(each)).toMatchObject({
      by: 'success',
      user: { displayName: skipped ? '' : 'Mia Sommer' },
    })
    const asked = each.emulator.requests.filter(({ endpoint }) => endpoint === 'user_info')
    expect(asked).toHaveLength(skipped ? 0 : 1)
  })

  test('fails the login when skipUserProfile itself fails', async () => {
    const each = stage({ skipUserProfile: (_token, done) => done(new Error('down')) })
    expect(await logIn(each)).toEqual({ by: 'error', error: new Error('down') })
  })

  test('asks for the fields that userInfo names', async () => {
    const each = stage({ userInfo: ['display_name'] })
    const ended = await logIn(each)
    expect(Object.keys((ended as { user: TikTokProfile }).user._json ?? {}).toSorted()).toEqual([
      'display_name',
      'open_id',
    ])
  })
})

describe('errors', () => {
  test('are passport-oauth2’s own classes', () => {
    expect([AuthorizationError, TokenError, InternalOAuthError]).toEqual([
      OAuth2Strategy.AuthorizationError,
      OAuth2Strategy.TokenError,
      OAuth2Strategy.InternalOAuthError,
    ])
  })

  test('of the authorization: cancelling fails, everything else is an error', async () => {
    const each = stage()
    const { ended } = await run(each.strategy, await begin(each, { cancel: true }))
    expect(ended).toMatchObject({
      by: 'fail',
      status: 403,
      challenge: {
        message: 'The login with TikTok was cancelled.',
        error: { code: 'authorization_response' },
      },
    })
    const refusedByTikTok = await begin(each)
    const denial = new URLSearchParams({
      error: 'access_denied',
      error_type: 'non_sandbox_target',
      state: new URLSearchParams(refusedByTikTok.url.split('?')[1]).get('state') ?? '',
    })
    const refused = await run(each.strategy, {
      ...refusedByTikTok,
      url: `/auth/tiktok/callback?${denial}`,
    })
    expect(refused.ended).toMatchObject({
      by: 'fail',
      challenge: {
        message: 'The login with TikTok was refused.',
        error: { errorType: 'non_sandbox_target' },
      },
    })
    const callback = await begin(each)
    const state = new URLSearchParams(callback.url.split('?')[1]).get('state') ?? ''
    const query = new URLSearchParams({ error: 'temporarily_unavailable', state })
    const other = await run(each.strategy, { ...callback, url: `/auth/tiktok/callback?${query}` })
    const { error } = other.ended as { error: unknown }
    expect(error).toBeInstanceOf(AuthorizationError)
    expect(error).toMatchObject({
      code: 'temporarily_unavailable',
      status: 503,
      cause: { code: 'authorization_response' },
    })
  })

  test('of the token endpoint', async () => {
    const each = stage()
    const callback = await begin(each)
    each.emulator.faults.next('token', { kind: 'oauth_error', error: 'invalid_client' })
    const { ended } = await run(each.strategy, callback)
    const { error } = ended as { error: unknown }
    expect(error).toBeInstanceOf(TokenError)
    expect(error).toMatchObject({ code: 'invalid_client', status: 502, cause: { code: 'oauth_response' } })
    expect(error).toHaveProperty('hint')
  })

  test.each(['html', 'truncated', 'drop_before', 'drop_after'] as const)(
    'of a token endpoint that answers %s',
    async (kind) => {
      const each = stage()
      const callback = await begin(each)
      each.emulator.faults.next('token', { kind })
      const { ended } = await run(each.strategy, callback)
      const { error } = ended as { error: Error }
      expect(error).toBeInstanceOf(InternalOAuthError)
      expect(error).toMatchObject({ oauthError: { status: (error as { status?: number }).status } })
      expect(String(error)).not.toContain(each.options.clientSecret)
    },
  )
})

describe('a request', () => {
  test.each(['HEAD', 'POST', 'PUT', 'OPTIONS'])('of method %s leaves the callback alone', async (method) => {
    const each = stage()
    const callback = await begin(each)
    const refused = await run(each.strategy, { ...callback, method })
    expect(refused.ended).toMatchObject({ by: 'fail', status: 405 })
    expect(refused.headers.get('allow')).toBe('GET')
    expect(refused.cookie).toBe('')
    expect(tokenRequests(each)).toBe(0)
    expect((await run(each.strategy, callback)).ended).toMatchObject({ by: 'success' })
  })

  test('of HEAD starts no login', async () => {
    const { ended, cookie } = await run(stage().strategy, { url: '/auth/tiktok', method: 'HEAD' })
    expect([ended, cookie]).toEqual([{ by: 'fail', challenge: undefined, status: 405 }, ''])
  })

  test('that nobody asked for a page with starts no login', async () => {
    const headers = { 'sec-purpose': 'prefetch' }
    const { ended, cookie } = await run(stage().strategy, { url: '/auth/tiktok', headers })
    expect(ended).toMatchObject({ by: 'fail', status: 403 })
    expect(cookie).toBe('')
  })

  test.each([
    'code=a&state=b&code=c',
    'code=a',
    'code[]=a&state=b',
    'error[x]=access_denied&state=b',
    'error=access_denied',
    'state=only',
    'code=&state=',
    'code=%ff%fe&state=%',
  ])('that is no callback of ours fails: %s', async (query) => {
    const each = stage()
    const { headers } = await begin(each)
    const { ended } = await run(each.strategy, { url: `/auth/tiktok/callback?${query}`, headers })
    expect(ended).toMatchObject({ by: 'fail', status: 400, challenge: { error: { code: 'transaction' } } })
    expect(tokenRequests(each)).toBe(0)
  })

  test('with code and error, or a parameter twice, fails although the state is right', async () => {
    for (const extra of ['&error=access_denied', '&code=again', '&state=again']) {
      const each = stage()
      const callback = await begin(each)
      const { ended } = await run(each.strategy, { ...callback, url: callback.url + extra })
      expect(ended).toMatchObject({ by: 'fail', challenge: { error: { reason: 'malformed_callback' } } })
      expect(tokenRequests(each)).toBe(0)
    }
  })

  test('on a start route may carry a state of its own', async () => {
    const { ended } = await run(stage().strategy, { url: '/auth/tiktok?state=theirs&client_key=evil' })
    expect(ended).toMatchObject({ by: 'redirect', status: 303 })
    const { searchParams } = new URL((ended as { url: string }).url)
    expect(searchParams.getAll('state')).not.toContain('theirs')
    expect(searchParams.getAll('client_key')).toEqual(['awkey1'])
  })

  test.each([
    ['state', { state: false }],
    ['callbackURL', { callbackURL: 'https://evil.example/' }],
    ['scope', { scope: [] }],
    ['data', { state: () => 1 }],
  ])('cannot be given a %s that weakens or breaks it', async (option, options) => {
    const { ended, cookie } = await run(stage().strategy, { url: '/auth/tiktok' }, options as object)
    expect(ended).toMatchObject({ by: 'error', error: { code: 'configuration', option } })
    expect(cookie).toBe('')
  })

  test('without an answer beside it is an error that says why', async () => {
    const { ended } = await run(stage().strategy, { url: '/auth/tiktok', members: { res: undefined } })
    expect(ended).toMatchObject({ by: 'error', error: { code: 'configuration', option: 'req.res' } })
  })

  test('is ended by Passport only', () => {
    const { strategy } = stage()
    expect(() => Reflect.apply(strategy.authenticate, strategy, [{}])).toThrowError(
      expect.objectContaining({ option: 'strategy' }),
    )
  })

  test('belongs to one app: another client’s transaction is refused', async () => {
    const [one, other] = [stage(), stage({ callbackURL: 'https://app.example/other/callback' })]
    const callback = await begin(one)
    expect((await run(other.strategy, callback)).ended).toMatchObject({ by: 'fail', status: 400 })
  })

  test('is refused when the secret has changed, and opened by an old one that is still listed', async () => {
    const [old, next] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')]
    const each = stage({ secret: old })
    const both = new TikTokStrategy({ ...each.options, secret: [next, old] }, accept)
    const only = new TikTokStrategy({ ...each.options, secret: next }, accept)
    expect((await run(only, await begin(each))).ended).toMatchObject({ by: 'fail', status: 400 })
    expect((await run(both, await begin(each))).ended).toMatchObject({ by: 'success' })
  })
})
