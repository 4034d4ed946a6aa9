import * as oauth from 'oauth4webapi'
import OAuth2Strategy from 'passport-oauth2'
import { AuthorizationCode } from 'simple-oauth2'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Emulator, ListeningEmulator } from '../src/index.ts'
import {
  base64url,
  credentials,
  desktopClient,
  desktopRedirectUri,
  hex,
  redirectUri,
  start,
  verifier,
  webClient,
} from './support.ts'

let emulator: Emulator
let listening: ListeningEmulator
beforeEach(async () => {
  emulator = start()
  listening = await emulator.listen()
})
afterEach(() => listening.close())

const scope = 'user.info.basic,user.info.profile'
const outcomes = () =>
  emulator.requests
    .filter(({ endpoint }) => endpoint === 'token')
    .map(({ grantType, outcome }) => [grantType, outcome])
const loginAndRefresh = [
  ['authorization_code', 'ok'],
  ['refresh_token', 'ok'],
]

describe('oauth4webapi', () => {
  const server = (): oauth.AuthorizationServer => ({
    issuer: listening.origin,
    authorization_endpoint: listening.endpoints.authorizationEndpoint,
    token_endpoint: listening.endpoints.tokenEndpoint,
  })
  const client: oauth.Client = { client_id: webClient.clientKey }

  /** Puts TikTok's names into the form, as users of this client do. */
  const tiktokAuth: oauth.ClientAuth = (_as, { client_id }, body) => {
    body.set('client_key', client_id)
    body.set(
      'client_secret',
      client_id === webClient.clientKey ? webClient.clientSecret : desktopClient.clientSecret,
    )
  }

  const insecure = { [oauth.allowInsecureRequests]: true }
  const bare = {
    ...insecure,
    [oauth.customFetch]: (
      url: string,
      { headers, ...init }: oauth.CustomFetchOptions<'POST', URLSearchParams>,
    ) =>
      fetch(url, { ...init, headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' } }),
  }

  function authorize(changes: Record<string, string> = {}): Promise<URL> {
    const url = new URL(listening.endpoints.authorizationEndpoint)
    url.search = new URLSearchParams({
      client_key: webClient.clientKey,
      response_type: 'code',
      scope,
      redirect_uri: redirectUri,
      state: 'state-1',
      ...changes,
    }).toString()
    return emulator.consent(url)
  }

  async function readTokens(reply: Response) {
    // TikTok's scope is joined by commas and its token_type capitalised; both pass this client's checks.
    return oauth.processGenericTokenEndpointResponse(server(), client, reply)
  }

  test('logs in and refreshes', async () => {
    const callback = oauth.validateAuthResponse(server(), client, await authorize(), 'state-1')
    const options = [callback, redirectUri, oauth.nopkce, bare] as const
    const first = await readTokens(
      await oauth.authorizationCodeGrantRequest(server(), client, tiktokAuth, ...options),
    )
    expect(first.refresh_token).toMatch(/^rft\./)
    const refreshToken = String(first.refresh_token)
    const reply = await oauth.refreshTokenGrantRequest(server(), client, tiktokAuth, refreshToken, bare)
    const second = await readTokens(reply)
    expect(second.refresh_token).not.toBe(first.refresh_token)
    expect(outcomes()).toEqual(loginAndRefresh)
    const info = await oauth.protectedResourceRequest(
      second.access_token,
      'GET',
      new URL(`${listening.endpoints.apiOrigin}/v2/user/info/?fields=open_id`),
      new Headers(),
      null,
      insecure,
    )
    expect(await info.json()).toMatchObject({
      error: { code: 'ok' },
      data: { user: { open_id: second.open_id } },
    })
  })

  test('is refused for the charset that its own fetch adds, and for client_id', async () => {
    const callback = oauth.validateAuthResponse(server(), client, await authorize(), 'state-1')
    const post = (auth: oauth.ClientAuth, options: oauth.TokenEndpointRequestOptions) =>
      oauth.authorizationCodeGrantRequest(
        server(),
        client,
        auth,
        callback,
        redirectUri,
        oauth.nopkce,
        options,
      )
    const charset = {
      ...insecure,
      [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<'POST', URLSearchParams>) =>
        fetch(url, { ...init, headers: {} }),
    }
    const refused = await post(tiktokAuth, charset)
    expect(await refused.json()).toMatchObject({ error_description: 'The request parameters are malformed.' })
    const own = await post(oauth.ClientSecretPost(webClient.clientSecret), bare)
    expect(await own.json()).toMatchObject({ error: 'invalid_request' })
    const basic = await post(oauth.ClientSecretBasic(webClient.clientSecret), bare)
    expect(await basic.json()).toMatchObject({ error: 'invalid_request' })
  })

  test('as a desktop app: its base64url challenge fails at the exchange, hexadecimal passes', async () => {
    const desktop: oauth.Client = { client_id: desktopClient.clientKey }
    expect(await oauth.calculatePKCECodeChallenge(verifier)).toBe(base64url(verifier))
    const exchange = async (code_challenge: string) => {
      const url = await authorize({
        client_key: desktopClient.clientKey,
        redirect_uri: desktopRedirectUri,
        code_challenge,
        code_challenge_method: 'S256',
      })
      const callback = oauth.validateAuthResponse(server(), desktop, url, 'state-1')
      return oauth.authorizationCodeGrantRequest(
        server(),
        desktop,
        tiktokAuth,
        callback,
        desktopRedirectUri,
        verifier,
        bare,
      )
    }
    const refused = await exchange(base64url(verifier))
    expect([refused.status, await refused.json()]).toMatchObject([
      200,
      { error: 'invalid_request', error_description: 'Code verifier or code challenge is invalid.' },
    ])
    expect(await (await exchange(hex(verifier))).json()).toHaveProperty('access_token')
  })
})

describe('simple-oauth2', () => {
  const create = (changes: object = {}) =>
    new AuthorizationCode({
      client: {
        id: webClient.clientKey,
        secret: webClient.clientSecret,
        idParamName: 'client_key',
        secretParamName: 'client_secret',
      },
      auth: {
        tokenHost: listening.origin,
        tokenPath: '/v2/oauth/token/',
        authorizePath: '/v2/auth/authorize/',
      },
      options: { authorizationMethod: 'body', bodyFormat: 'form', ...changes },
    })

  async function authorize(client: AuthorizationCode): Promise<string> {
    const url = client.authorizeURL({ redirect_uri: redirectUri, scope, state: 'state-1' })
    return (await emulator.consent(url)).searchParams.get('code') ?? ''
  }

  test('logs in and refreshes', async () => {
    const client = create()
    const first = await client.getToken({ code: await authorize(client), redirect_uri: redirectUri })
    expect(first.token.access_token).toMatch(/^act\./)
    const second = await first.refresh()
    expect(second.token.refresh_token).not.toBe(first.token.refresh_token)
    expect(outcomes()).toEqual(loginAndRefresh)
  })

  test('is refused with JSON, and with Basic credentials', async () => {
    for (const options of [{ bodyFormat: 'json' }, { authorizationMethod: 'header' }]) {
      const code = await authorize(create())
      // TikTok refuses at status 200, so this client takes the error for a token.
      const { token } = await create(options).getToken({ code, redirect_uri: redirectUri })
      expect(token).toMatchObject({ error: 'invalid_request' })
    }
  })

  test('is refused at authorize under its own name client_id', async () => {
    const client = new AuthorizationCode({
      client: { id: webClient.clientKey, secret: webClient.clientSecret },
      auth: { tokenHost: listening.origin, authorizePath: '/v2/auth/authorize/' },
    })
    await expect(authorize(client)).rejects.toMatchObject({ error: 'param_error', errCode: '10003' })
  })
})

describe('passport-oauth2', () => {
  interface Outcome {
    readonly redirect?: string
    readonly user?: { accessToken: string; refreshToken: string }
    readonly fail?: unknown
    readonly error?: unknown
  }

  class Strategy extends OAuth2Strategy {
    refresh(refreshToken: string): Promise<string> {
      return new Promise((resolve, reject) => {
        const parameters = { grant_type: 'refresh_token', ...credentials }
        this._oauth2.getOAuthAccessToken(refreshToken, parameters, (error, accessToken) =>
          accessToken === undefined ? reject(new Error(JSON.stringify(error))) : resolve(accessToken),
        )
      })
    }
  }

  function create(extra: { secret?: string } = {}): Strategy {
    const strategy = new Strategy(
      {
        authorizationURL: listening.endpoints.authorizationEndpoint,
        tokenURL: listening.endpoints.tokenEndpoint,
        clientID: webClient.clientKey,
        clientSecret: extra.secret ?? webClient.clientSecret,
        callbackURL: redirectUri,
        scope: ['user.info.basic', 'user.info.profile'],
        scopeSeparator: ',',
        skipUserProfile: true,
      },
      (accessToken: string, refreshToken: string, _profile: unknown, done: OAuth2Strategy.VerifyCallback) =>
        done(null, { accessToken, refreshToken }),
    )
    strategy.authorizationParams = () => ({ client_key: webClient.clientKey })
    strategy.tokenParams = () => ({ client_key: webClient.clientKey })
    return strategy
  }

  /** Runs the strategy once, as Passport does. */
  function authenticate(strategy: OAuth2Strategy, query: Record<string, string>): Promise<Outcome> {
    return new Promise((resolve) => {
      const run = Object.assign(Object.create(strategy), {
        redirect: (redirect: string) => resolve({ redirect }),
        success: (user: Outcome['user']) => resolve({ ...(user !== undefined && { user }) }),
        fail: (fail: unknown) => resolve({ fail }),
        error: (error: unknown) => resolve({ error }),
      })
      run.authenticate({ query, body: {}, headers: {}, connection: {} }, {})
    })
  }

  async function logIn(strategy: OAuth2Strategy): Promise<Outcome> {
    const { redirect } = await authenticate(strategy, {})
    const callback = await emulator.consent(redirect ?? '')
    return authenticate(strategy, Object.fromEntries(callback.searchParams))
  }

  test('logs in and refreshes', async () => {
    const strategy = create()
    const { user } = await logIn(strategy)
    expect(user?.accessToken).toMatch(/^act\./)
    const refreshed = await strategy.refresh(user?.refreshToken ?? '')
    expect(refreshed).toMatch(/^act\./)
    expect(refreshed).not.toBe(user?.accessToken)
    expect(outcomes()).toEqual(loginAndRefresh)
  })

  test('is refused without client_key', async () => {
    const strategy = create()
    strategy.tokenParams = () => ({})
    const { error } = await logIn(strategy)
    expect(error).toMatchObject({ message: 'Failed to obtain access token' })
    expect(emulator.requests.at(-1)).toMatchObject({ outcome: 'invalid_request', status: 200 })
    strategy.authorizationParams = () => ({})
    await expect(logIn(strategy)).rejects.toMatchObject({ error: 'param_error', errorType: 'client_key' })
  })

  test('is refused with a wrong secret, and can only tell why where errors have a status of their own', async () => {
    const blind = await logIn(create({ secret: 'wrong' }))
    expect(blind.error).toMatchObject({ message: 'Failed to obtain access token' })
    expect(emulator.requests.at(-1)).toMatchObject({ outcome: 'invalid_client', status: 200 })
    emulator.setBehavior({ errorStatus: '4xx' })
    const told = await logIn(create({ secret: 'wrong' }))
    expect(told.error).toMatchObject({ code: 'invalid_client' })
  })
})
