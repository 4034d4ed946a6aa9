import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { ConfigurationError, createTikTokAuth, memoryTokenStore } from '../../src/index.ts'
import type { AuthHooks, Login } from '../../src/index.ts'
import { newKey } from '../hosts.ts'
import { createApp, createBrowser, createTikTok, tokenOutcomes } from './browser.ts'

describe('a login', () => {
  it('signs the person in, stores the grant and goes where it was asked to', async () => {
    const app = createApp()
    const browser = createBrowser(app)
    const page = await browser.logIn('/auth/tiktok?returnTo=/videos?page=2')
    expect(page.answer?.status).toBe(303)
    expect(page.location).toBe('/videos?page=2')
    expect(tokenOutcomes(app.emulator)).toEqual(['ok'])
    const signedIn = await app.auth.identify(browser.cookieHeader())
    const openId = app.emulator.grants[0]?.openId
    expect(signedIn).toMatchObject({ openId, headers: [] })
    expect(await app.auth.tokens.status(String(openId))).toMatchObject({
      state: 'connected',
      connectionId: signedIn?.connectionId,
    })
    expect(app.events.map(({ type }) => type)).toEqual(['login_started', 'login_finished'])
    expect([...browser.jar.keys()]).toEqual([expect.stringMatching(/^__Host-tiktok-session-/)])
  })

  it('sets cookies that browsers keep to this host and out of scripts, and caches nothing', async () => {
    const app = createApp()
    const browser = createBrowser(app)
    const start = await browser.visit('/auth/tiktok')
    expect(start.answer?.status).toBe(303)
    expect(start.cookies).toEqual([
      expect.stringMatching(
        /^__Host-tiktok-login-\w{6}-[\w-]{8}=[\w.-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
      ),
    ])
    const callback = await app.emulator.consent(String(start.location))
    const end = await browser.visit(callback.pathname + callback.search)
    for (const page of [start, end]) {
      expect(page.headers).toContainEqual(['cache-control', 'no-store'])
      expect(page.headers).toContainEqual(['referrer-policy', 'no-referrer'])
    }
    const [cleared] = end.cookies
    const flags = start.cookies[0]?.replace(/=[^;]*/, '=').replace('Max-Age=600', 'Max-Age=0')
    expect(cleared).toBe(flags)
  })

  it('works for a desktop app on a loopback address, without https and with PKCE', async () => {
    const redirectUri = 'http://127.0.0.1:3455/callback/'
    const app = createApp({ redirectUri })
    const browser = createBrowser(app)
    const page = await browser.logIn()
    expect(page.location).toBe('/')
    expect([...browser.jar.keys()][0]).toMatch(/^tiktok-session-/)
    const token = app.emulator.requests.find(({ endpoint }) => endpoint === 'token')
    expect(token?.parameters.code_verifier).toMatch(/^\w{43,128}$/)
    const authorize = app.emulator.requests.find(({ endpoint }) => endpoint === 'authorize')
    expect(authorize?.url).not.toContain(String(token?.parameters.code_verifier))
  })

  it('keeps two applications in one process and on one host apart', async () => {
    const emulator = createTikTok()
    const secret = newKey()
    const one = createApp({ secret }, emulator)
    const two = createApp({ secret, clientKey: 'awother' }, emulator)
    const jar = new Map<string, string>()
    const [first, second] = [createBrowser(one, jar), createBrowser(two, jar)]
    const callback = await first.begin()
    await second.logIn()
    expect((await first.visit(callback)).location).toBe('/')
    expect(jar.size).toBe(2)
    expect((await one.auth.identify(first.cookieHeader()))?.openId).not.toBe(
      (await two.auth.identify(first.cookieHeader()))?.openId,
    )
  })

  it('tells the application, with the profile, before anybody is signed in', async () => {
    const app = createApp()
    const onLogin = vi.fn<NonNullable<AuthHooks['onLogin']>>()
    const onStart = () => ({ data: { invite: 7 }, bind: 'user-1' })
    const page = await createBrowser(app).logIn(
      '/auth/tiktok',
      {},
      {
        headers: { 'sec-fetch-site': 'same-origin' },
        hooks: { onLogin, onStart },
      },
    )
    const [login, headers] = onLogin.mock.calls[0] ?? []
    expect(login).toMatchObject({
      data: { invite: 7 },
      returnTo: '/',
      scope: ['user.info.basic'],
      missingScope: [],
      user: { displayName: expect.any(String), openId: login?.openId },
    })
    expect(headers).toEqual(page.headers.filter(([name]) => name !== 'location'))
  })

  it('leaves the answer to a hook that has answered itself', async () => {
    const app = createApp()
    const page = await createBrowser(app).logIn('/auth/tiktok', {}, { hooks: { onLogin: () => 'handled' } })
    expect(page).toMatchObject({ answer: undefined, error: undefined })
    expect(app.events.at(-1)?.type).toBe('login_finished')
  })

  it('signs nobody in when the hook throws, and clears the attempt all the same', async () => {
    const app = createApp()
    const browser = createBrowser(app)
    const failure = new Error('no seat left')
    const page = await browser.logIn(
      '/auth/tiktok',
      {},
      {
        hooks: {
          onLogin: () => {
            throw failure
          },
        },
      },
    )
    expect(page.error).toBe(failure)
    expect(page.cookies).toHaveLength(1)
    expect(browser.jar.size).toBe(0)
    expect(app.events.at(-1)).toMatchObject({ type: 'login_failed', code: 'application', error: failure })
  })

  it('turns a thrown value that is no error into one that can carry headers', async () => {
    const page = await createBrowser(createApp()).logIn(
      '/auth/tiktok',
      {},
      {
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- applications do this
        hooks: { onLogin: () => Promise.reject('a text') },
      },
    )
    expect(page.error).toMatchObject({ message: expect.stringContaining('no error'), cause: 'a text' })
    expect(page.cookies).toHaveLength(1)
  })

  it('does not fail for want of a profile', async () => {
    const app = createApp()
    app.emulator.faults.next('user_info', { kind: 'status', status: 500 })
    let login: Login | undefined
    const page = await createBrowser(app).logIn(
      '/auth/tiktok',
      {},
      { hooks: { onLogin: (done) => void (login = done) } },
    )
    expect(page.location).toBe('/')
    expect(login?.user).toBeUndefined()
    expect(app.events.map(({ type }) => type)).toContain('user_info_failed')
  })

  it('believes no profile of somebody else', async () => {
    const emulator = createTikTok()
    const fetch = async (...call: Parameters<typeof globalThis.fetch>): Promise<Response> => {
      if (!new Request(...call).url.includes('/user/info/')) return emulator.fetch(...call)
      return Response.json({ data: { user: { open_id: 'other' } }, error: { code: 'ok' } })
    }
    const app = createApp({ fetch }, emulator)
    const onLogin = vi.fn<NonNullable<AuthHooks['onLogin']>>()
    await createBrowser(app).logIn('/auth/tiktok', {}, { hooks: { onLogin } })
    expect(onLogin.mock.calls[0]?.[0].user).toBeUndefined()
    expect(app.events).toContainEqual(expect.objectContaining({ type: 'user_info_failed' }))
  })

  it.each([
    ['it is switched off', { userInfo: false as const }],
    ['no field is wanted', { userInfo: [] }],
    ['no granted scope allows any', { scope: ['video.list'] }],
  ])('asks for no profile when %s', async (_name, options) => {
    const app = createApp(options)
    await createBrowser(app).logIn()
    expect(app.emulator.requests.filter(({ endpoint }) => endpoint === 'user_info')).toEqual([])
  })

  it('asks for the fields it was told to', async () => {
    const app = createApp({ userInfo: ['display_name'] })
    await createBrowser(app).logIn()
    const asked = app.emulator.requests.find(({ endpoint }) => endpoint === 'user_info')
    expect(asked?.parameters.fields).toBe('open_id,display_name')
  })

  it('stores nothing when a required scope is unticked', async () => {
    const app = createApp({ scope: ['user.info.basic', 'video.list'], requireScope: ['video.list'] })
    const browser = createBrowser(app)
    const page = await browser.logIn('/auth/tiktok', { scope: ['user.info.basic'] })
    expect(page.error).toMatchObject({
      code: 'authorization_response',
      error: 'access_denied',
      errorType: 'required_scope_missing',
      errorDescription: expect.stringContaining('video.list'),
      status: 403,
    })
    const openId = String(app.emulator.grants[0]?.openId)
    expect(await app.auth.tokens.status(openId)).toMatchObject({ cause: 'no_grant' })
    expect(browser.jar.size).toBe(0)
    expect(app.emulator.requests.some(({ endpoint }) => endpoint === 'revoke')).toBe(false)
  })

  it('goes on without an optional scope, and says which is missing', async () => {
    const app = createApp({ scope: ['user.info.basic', 'video.list'] })
    const page = await createBrowser(app).logIn('/auth/tiktok', { scope: ['user.info.basic'] })
    expect(page.location).toBe('/')
    expect(app.events.at(-1)).toMatchObject({ missingScope: ['video.list'] })
  })

  it('keeps a cancelled login apart from a broken one', async () => {
    const app = createApp()
    const browser = createBrowser(app)
    const page = await browser.logIn('/auth/tiktok', { cancel: true })
    expect(page.error).toMatchObject({ code: 'authorization_response', error: 'access_denied', status: 403 })
    expect(browser.jar.size).toBe(0)
    expect(tokenOutcomes(app.emulator)).toEqual([])
  })

  it('survives listeners that throw or reject', async () => {
    for (const onEvent of [
      () => {
        throw new Error('listener')
      },
      () => Promise.reject(new Error('listener')),
    ]) {
      const app = createApp({ onEvent: onEvent as () => void, tokens: { onEvent: onEvent as () => void } })
      expect((await createBrowser(app).logIn()).location).toBe('/')
    }
  })
})

describe('scopes', () => {
  const options = { scope: ['user.info.basic'], optionalScope: ['video.list', 'video.upload'] }
  const askedFor = (location: string | undefined) => new URL(String(location)).searchParams.get('scope')

  it('are those configured, and optional ones on demand, however they are joined', async () => {
    const browser = createBrowser(createApp(options))
    expect(askedFor((await browser.visit('/auth/tiktok')).location)).toBe('user.info.basic')
    for (const query of [
      'scope=video.list,video.upload',
      'scope=video.list%20video.upload',
      'scope=video.list&scope=video.upload',
    ]) {
      expect(askedFor((await browser.visit(`/auth/tiktok?${query}`)).location)).toBe(
        'user.info.basic,video.list,video.upload',
      )
    }
  })

  it.each(['scope=video.publish', 'scope=__proto__', 'scope=video.list%26client_key%3Dx'])(
    'outside the configuration are refused: %s',
    async (query) => {
      const page = await createBrowser(createApp(options)).visit(`/auth/tiktok?${query}`)
      expect(page.error).toMatchObject({ code: 'transaction', reason: 'request_refused', status: 400 })
      expect(page.cookies).toEqual([])
    },
  )

  it('granted before are asked for again by whoever is signed in', async () => {
    const app = createApp(options)
    const browser = createBrowser(app)
    await browser.logIn('/auth/tiktok?scope=video.list')
    expect(askedFor((await browser.visit('/auth/tiktok')).location)).toBe('user.info.basic,video.list')
    expect(askedFor((await createBrowser(app).visit('/auth/tiktok')).location)).toBe('user.info.basic')
  })

  it('that left the configuration, or belonged to a connection that ended, are not', async () => {
    const app = createApp(options)
    const browser = createBrowser(app)
    await browser.logIn('/auth/tiktok?scope=video.list')
    const smaller = createApp({ ...app.options, optionalScope: [] }, app.emulator)
    const visitor = createBrowser(smaller, browser.jar)
    expect(askedFor((await visitor.visit('/auth/tiktok')).location)).toBe('user.info.basic')
    await app.auth.tokens.revoke(String(app.emulator.grants[0]?.openId))
    expect(askedFor((await browser.visit('/auth/tiktok')).location)).toBe('user.info.basic')
  })

  it('are reported when a new login narrows them', async () => {
    const app = createApp(options)
    const browser = createBrowser(app)
    await browser.logIn('/auth/tiktok?scope=video.list')
    await browser.logIn('/auth/tiktok', { scope: ['user.info.basic'] })
    expect(app.events).toContainEqual(
      expect.objectContaining({ type: 'scope_reduced', missing: ['video.list'] }),
    )
  })

  it('of a grant that cannot be read do not stop its owner from replacing it', async () => {
    const app = createApp(options)
    const browser = createBrowser(app)
    await browser.logIn('/auth/tiktok?scope=video.list')
    const rekeyed = createApp(
      { ...app.options, encryption: { keys: [{ id: 'new', key: newKey() }] } },
      app.emulator,
    )
    const page = await createBrowser(rekeyed, browser.jar).logIn()
    expect(page.location).toBe('/')
  })

  it('may be chosen by the application', async () => {
    const app = createApp(options)
    const hooks: AuthHooks = { onStart: () => ({ scope: ['video.upload'], forceConsent: true }) }
    const { location } = await createBrowser(app).visit('/auth/tiktok', { hooks })
    expect(askedFor(location)).toBe('video.upload')
    expect(new URL(String(location)).searchParams.get('disable_auto_auth')).toBe('1')
  })
})

describe('options', () => {
  it.each([
    ['routes.logIn', { routes: { logIn: '/in' } }],
    ['session.idle', { session: { idle: 1000 } }],
    ['tokens.leadms', { tokens: { leadms: 1000 } }],
    ['endpoints.token', { endpoints: { token: 'https://example.com/' } }],
  ])('misspelt inside a group are told: %s', (option, options) => {
    expect(() => createApp(options as Parameters<typeof createApp>[0])).toThrow(`\`${option}\` is not known`)
  })

  it('say where the grant is kept, or that it is not', async () => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const options = {
      clientKey: 'k1',
      clientSecret: 's1',
      redirectUri: 'https://app.example/cb',
      secret: newKey(),
    }
    createTikTokAuth({ ...options, store: memoryTokenStore() })
    expect(warning).not.toHaveBeenCalled()
    createTikTokAuth(options)
    expect(warning).toHaveBeenCalledOnce()
    warning.mockRestore()
  })

  it('decide about encryption at rest', async () => {
    const rows = async (encryption: Parameters<typeof createApp>[0]) => {
      const store = memoryTokenStore()
      const values: string[] = []
      const app = createApp({
        store: {
          ...store,
          insert: async (key, entry) => {
            values.push(entry.value)
            return store.insert(key, entry)
          },
        },
        ...encryption,
      })
      expect((await createBrowser(app).logIn()).location).toBe('/')
      return values.join()
    }
    const sealer = { seal: (text: string) => `mine:${text}`, open: (text: string) => text.slice(5) }
    expect(await rows({})).toMatch(/^v1\./)
    expect(await rows({ encryption: { keys: [{ id: 'k7', key: newKey() }] } })).toMatch(/^v1\.k7\./)
    expect(await rows({ encryption: sealer })).toMatch(/^mine:/)
    expect(await rows({ encryption: false })).toContain('accessToken')
  })

  it('show no secret when what was made of them is printed', async () => {
    const app = createApp({ clientSecret: 'clientsecret' })
    await createBrowser(app).logIn()
    const printed = inspect(app.auth, { depth: null, showHidden: true }) + JSON.stringify(app.auth)
    expect(printed).not.toContain('clientsecret')
    expect(printed).not.toContain(String(app.options.secret))
  })

  const fine = {
    clientKey: 'k1',
    clientSecret: 's1',
    redirectUri: 'https://app.example/cb',
    secret: newKey(),
  }
  const marker = 'MARKER-OF-A-VALUE'
  const scopes = ['scope', 'optionalScope', 'requireScope']
  const groups = ['routes', 'session', 'store', 'encryption', 'tokens', 'returnToOrigins', 'trustedOrigins']
  const nullable = [...scopes, ...groups, 'userInfo', 'pkce']
  it.each<[string, unknown]>([
    ['clientKey', ''],
    ['clientSecret', 'undefined'],
    ['redirectUri', 7],
    ['redirectUri', 'http://app.example/cb'],
    ['secret', marker],
    ['scope', []],
    ['scope', marker],
    ['scope', [`${marker} x`]],
    ['optionalScope', marker],
    ['requireScope', [marker]],
    ['store', marker],
    ['store', {}],
    ['encryption', marker],
    ['encryption', { seal: 1 }],
    ['encryption', { seal: () => '', open: marker }],
    ['encryption.keys', []],
    ['encryption.keys', marker],
    ['encryption.keys[0].key', [{ id: 'k', key: marker }]],
    ['userInfo', marker],
    ['userInfo', [marker]],
    ['routes', marker],
    ['routes.login', 'login'],
    ['routes.callback', '/other'],
    ['session', marker],
    ['session.identify', marker],
    ['session.lifetimeMs', '1d'],
    ['session.cookieName', `${marker};`],
    ['defaultReturnTo', 7],
    ['defaultReturnTo', 'https://evil.example/'],
    ['defaultReturnTo', '/cb'],
    ['returnToOrigins', marker],
    ['returnToOrigins[0]', ['https://app.example/']],
    ['trustedOrigins[0]', [marker]],
    ['onEvent', marker],
    ['waitUntil', marker],
    ['now', marker],
    ['leaseMs', { leaseMs: 1 }],
    ...nullable.map((name): [string, unknown] => [name, null]),
  ])('that cannot work are refused by name: %s', (name, value) => {
    const aliases: Record<string, string> = { leaseMs: 'tokens', 'encryption.keys[0].key': 'encryption.keys' }
    const [option = '', member] = (aliases[name] ?? name).replace(/\[.*/, '').split('.')
    const options = { ...fine, [option]: member === undefined ? value : { [member]: value } }
    const make = (): unknown => createTikTokAuth({ store: memoryTokenStore(), ...options } as never)
    expect(make).toThrow(`Option \`${name}`)
    expect(make).not.toThrow(marker)
    expect(make).toThrow(ConfigurationError)
  })

  it.each([
    ['redirectUri', undefined, /missing.*environment variable/],
    ['secret', undefined, /missing.*environment variable.*randomBytes/],
    ['secret', '', /missing.*environment variable.*randomBytes/],
    ['session', true, /object, or false/],
    ['store', Promise.resolve(memoryTokenStore()), /await/],
    ['store', {}, /read, insert and replace/],
  ])('that cannot work are refused with what to do: %s', (option, value, words) => {
    const options = { store: memoryTokenStore(), ...fine, [option]: value }
    expect(() => createTikTokAuth(options as never)).toThrow(words)
  })

  it('must be an object', () => {
    expect(() => createTikTokAuth(undefined as never)).toThrow('`options`')
  })
})
