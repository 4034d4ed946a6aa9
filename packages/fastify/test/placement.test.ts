import { createHttpBrowser, logIn, register } from '@tiktok-auth/test-rig'
import { fastify, type FastifyInstance } from 'fastify'
import { describe, expect, test } from 'vitest'
import { tiktokAuth, type TikTokPlugin } from '../src/index.ts'
import { inScope, listen, serve } from './support/rig.ts'

const whoIs = (app: FastifyInstance): FastifyInstance =>
  app.get('/who', async (request) => ({ openId: request.tiktok.openId ?? null }))

const underShop = {
  redirectUri: 'https://app.example/shop/auth/tiktok/callback',
  routes: { callback: '/auth/tiktok/callback' },
}

describe('the plugin concerns', () => {
  test('the scope it is registered in, and the scopes inside', async () => {
    const rig = await serve({}, async (app, tiktok) => {
      await app.register(tiktok)
      whoIs(app)
      await app.register(
        async (inner) => {
          whoIs(inner)
        },
        { prefix: '/inner' },
      )
    })
    await logIn(rig)
    const openId = rig.emulator.grants[0]?.openId
    expect((await rig.browser.open('/who')).json()).toEqual({ openId })
    expect((await rig.browser.open('/inner/who')).json()).toEqual({ openId })
  })

  test('no scope beside it', async () => {
    const rig = await serve(underShop, async (app, tiktok) => {
      await app.register(
        async (shop) => {
          await shop.register(tiktok)
          whoIs(shop)
          shop.get('/me', { preHandler: tiktok.requireLogin() }, async () => 'in')
        },
        { prefix: '/shop' },
      )
      app.get('/who', async (request) => ({ has: 'tiktok' in request, app: 'tiktok' in app }))
    })
    const page = await rig.browser.open('/shop/me?a=1')
    expect(page.location).toBe('/shop/auth/tiktok?returnTo=%2Fshop%2Fme%3Fa%3D1')
    expect((await logIn(rig, { login: page.location ?? '' })).location).toBe('/shop/me?a=1')
    expect((await rig.browser.open('/shop/who')).json()).toEqual({ openId: rig.emulator.grants[0]?.openId })
    expect((await rig.browser.open('/who')).json()).toEqual({ has: false, app: false })
    expect((await rig.browser.open('/auth/tiktok')).status).toBe(404)
  })

  test.each(['/shop', '/shop/'])('the whole scope, with routes of its own below %s', async (prefix) => {
    const rig = await serve(underShop, async (app, tiktok) => {
      await app.register(tiktok, { prefix })
      whoIs(app)
    })
    expect((await rig.browser.open('/auth/tiktok')).status).toBe(404)
    const answer = await logIn(rig, { login: '/shop/auth/tiktok' })
    expect(answer).toMatchObject({ status: 303, location: '/shop/' })
    expect((await rig.browser.open('/who')).json()).toEqual({ openId: rig.emulator.grants[0]?.openId })
  })

  test.each([
    ['', '/me'],
    ['/proxy', '/proxy/me'],
  ])(
    'pages outside that prefix, which a login leads back to, behind a proxy that cuts off `%s`',
    async (cut, back) => {
      const redirectUri = `https://app.example${cut}/shop/auth/tiktok/callback`
      const rig = await serve({ ...underShop, redirectUri }, async (app, tiktok) => {
        await app.register(tiktok, { prefix: '/shop' })
        app.get('/me', { preHandler: tiktok.requireLogin() }, async () => 'in')
      })
      const page = await rig.browser.open('/me')
      expect(page.location).toBe(`${cut}/shop/auth/tiktok?returnTo=${encodeURIComponent(back)}`)
    },
  )

  test('whatever it is registered with, being a plugin itself', async () => {
    const { emulator, options } = register(underShop)
    const app = fastify()
    await app.register(tiktokAuth, { ...options, prefix: '/shop' })
    app.get('/me', { preHandler: app.tiktok.requireLogin() }, async (request) => request.tiktok.openId)
    const { port, close } = await listen(app)
    try {
      const browser = createHttpBrowser(port)
      const page = await browser.open('/me')
      await logIn({ browser, emulator }, { login: page.location ?? '' })
      expect((await browser.open('/me')).body).toBe(emulator.grants[0]?.openId)
    } finally {
      await close()
    }
  })

  test('requests that match no route, too', async () => {
    const rig = await serve({}, (app, tiktok) => {
      app.register(tiktok)
      app.setNotFoundHandler(async (request, reply) => reply.code(404).send([request.tiktok.openId ?? null]))
    })
    expect((await rig.browser.open('/nowhere')).json()).toEqual([null])
  })

  test('two scopes, with a prefix each', async () => {
    const rig = await serve(
      {
        ...underShop,
        redirectUri: 'https://app.example/proxy/auth/tiktok/callback',
      },
      async (app, tiktok) => {
        await app.register(inScope(tiktok), { prefix: '/one' })
        await app.register(inScope(tiktok), { prefix: '/two' })
      },
    )
    for (const path of ['/one/auth/tiktok', '/two/auth/tiktok']) {
      expect((await rig.browser.open(path)).status).toBe(303)
    }
  })
})

describe('a place', () => {
  test('that `routes` does not know of: says what to change', async () => {
    const rig = await serve({ redirectUri: underShop.redirectUri }, async (app, tiktok) => {
      await app.register(inScope(tiktok), { prefix: '/shop' })
    })
    expect((await rig.browser.open('/shop/auth/tiktok/callback?code=a&state=b')).status).toBe(500)
    expect(rig.errors).toMatchObject([{ code: 'configuration', option: 'routes.callback' }])
    expect(String(rig.errors[0])).toContain('`/shop`')
  })

  const gated = async (app: FastifyInstance, tiktok: TikTokPlugin): Promise<void> => {
    await app.register(tiktok)
    app.get('/page', { preHandler: tiktok.requireLogin() }, async () => 'in')
  }

  test('behind a proxy that cuts a prefix off', async () => {
    const rig = await serve(underShop, gated)
    expect((await rig.browser.open('/page')).location).toBe('/shop/auth/tiktok?returnTo=%2Fshop%2Fpage')
  })

  test('in an app that cuts a prefix off itself', async () => {
    const { emulator, options } = register(underShop)
    const app = fastify({ rewriteUrl: ({ url = '/' }) => url.replace(/^\/shop(?=\/)/, '') })
    await gated(app, tiktokAuth(options))
    const { port, close } = await listen(app)
    try {
      const browser = createHttpBrowser(port)
      const page = await browser.open('/shop/page')
      expect(page.location).toBe('/shop/auth/tiktok?returnTo=%2Fshop%2Fpage')
      await logIn({ browser, emulator }, { login: page.location ?? '' })
      expect((await browser.open('/shop/page')).body).toBe('in')
    } finally {
      await close()
    }
  })

  test('that the router knows by other names, which are not ours', async () => {
    const { emulator, options } = register()
    const app = fastify({ routerOptions: { ignoreTrailingSlash: true, caseSensitive: false } })
    await app.register(tiktokAuth(options))
    const { port, close } = await listen(app)
    try {
      const browser = createHttpBrowser(port)
      for (const path of ['/auth/tiktok/', '/AUTH/tiktok', '/%61uth/tiktok', '/auth/tiktok%3f']) {
        expect(await browser.open(path)).toMatchObject({ status: 404, cookies: [] })
      }
      const callback = await browser.open('/AUTH/tiktok/callback?code=secret-code')
      expect(callback.status).toBe(404)
      expect(callback.body).not.toContain('secret-code')
      expect(await logIn({ browser, emulator })).toMatchObject({ status: 303 })
    } finally {
      await close()
    }
  })

  test('beside a logout of the app’s own, where sessions are', async () => {
    const session = { identify: () => undefined }
    const rig = await serve({ session }, async (app, tiktok) => {
      await app.register(tiktok)
      app.get('/auth/tiktok/logout', async () => 'gone')
    })
    expect(await rig.browser.open('/auth/tiktok/logout')).toMatchObject({ status: 200, body: 'gone' })
  })

  test('with characters that the router would take for its own', async () => {
    const rig = await serve({
      redirectUri: 'https://app.example/a%20b/:tiktok/r%C3%BCck',
      routes: { login: '/a%20b/:tiktok' },
    })
    expect(await logIn(rig, { login: '/a%20b/:tiktok' })).toMatchObject({ status: 303 })
    expect((await rig.browser.open('/a%20b/other')).status).toBe(404)
  })
})

test('two plugins serve two client keys', async () => {
  const studio = register({
    clientKey: 'awkey2',
    redirectUri: 'https://app.example/studio/callback',
    routes: { login: '/studio/login', logout: '/studio/logout', disconnect: '/studio/disconnect' },
  })
  const second = tiktokAuth(studio.options)
  const rig = await serve({}, async (app, tiktok) => {
    await app.register(tiktok)
    await app.register(second)
    expect(app.tiktok).toBe(tiktok)
    app.setErrorHandler(tiktok.recover(second.recover()))
    app.get('/studio/page', { preHandler: second.requireLogin() }, async (request) => {
      return [tiktok.of(request).openId ?? null, second.of(request).openId ?? null, request.tiktok.openId]
    })
    app.get('/studio/token', async (request) => request.tiktok.accessToken())
  })
  await logIn(rig)
  const [mine] = rig.emulator.grants.map(({ openId }) => openId)
  expect((await rig.browser.open('/studio/token')).location).toBe('/studio/login?returnTo=%2Fstudio%2Ftoken')
  const page = await rig.browser.open('/studio/page')
  expect(page.location).toBe('/studio/login?returnTo=%2Fstudio%2Fpage')
  await logIn({ ...rig, emulator: studio.emulator }, { login: page.location ?? '' })
  const [theirs] = studio.emulator.grants.map(({ openId }) => openId)
  expect((await rig.browser.open('/studio/page')).json()).toEqual([mine, theirs, theirs])
})

test('a plugin that was never registered says so', async () => {
  const rig = await serve({}, (app, tiktok) => {
    app.get('/', async (request) => tiktok.of(request).openId)
    app.get('/me', { preHandler: tiktok.requireLogin() }, async () => 'in')
  })
  expect((await rig.browser.open('/')).status).toBe(500)
  expect(rig.errors).toMatchObject([{ code: 'configuration' }])
  expect((await rig.browser.open('/me')).location).toBe('/auth/tiktok?returnTo=%2Fme')
})

test('an option that cannot work stops the app while it starts', async () => {
  expect(() => tiktokAuth({ ...register().options, clientKey: '' })).toThrow(
    expect.objectContaining({ code: 'configuration', option: 'clientKey' }),
  )
  const nothing = JSON.parse('{}') as ReturnType<typeof register>['options']
  await expect(async () => fastify().register(tiktokAuth, nothing)).rejects.toMatchObject({
    code: 'configuration',
  })
})
