import { type HttpBrowser, tokenRequests } from '@tiktok-auth/test-rig'
import type { ErrorRequestHandler, Request, RequestHandler } from 'express'
import { describe, expect, test } from 'vitest'
import type { TikTokStrategyOptions } from '../src/index.ts'
import { hosts, newest, serve, type Rig, type Site } from './support/rig.ts'

const fromElsewhere = { 'sec-fetch-site': 'cross-site' }

/** An app with accounts of its own, to which TikTok accounts are linked by `passport.authorize`. */
function routes({ app, passport }: Site): void {
  app.get('/sign-in/:name', (req, res, next) => {
    req.logIn({ id: req.params['name'], name: req.params['name'] }, (error) =>
      error ? next(error) : res.end(),
    )
  })
  const authorize = passport.authorize('tiktok') as RequestHandler
  app.get('/auth/tiktok', authorize)
  app.post('/auth/tiktok', authorize)
  app.get('/auth/tiktok/callback', authorize, (req, res) => {
    res.json({ user: req.user, account: Reflect.get(req, 'account') as unknown })
  })
  app.get('/', (req, res) => void res.json({ user: req.user ?? null }))
}

async function signedIn(rig: Rig, name = 'ada'): Promise<HttpBrowser> {
  await rig.browser.open(`/sign-in/${name}`)
  return rig.browser
}

async function consent(rig: Rig, location: string | undefined): Promise<string> {
  const { pathname, search } = await rig.emulator.consent(location ?? '')
  return pathname + search
}

describe.each(hosts)('passport.authorize with %s', (_, host) => {
  test('links an account beside the login, which stays', async () => {
    const rig = await serve(host, { routes })
    const browser = await signedIn(rig)
    const start = await browser.post('/auth/tiktok')
    expect(start.status).toBe(303)
    const answer = await browser.open(await consent(rig, start.location))
    expect(answer.json()).toMatchObject({
      user: { id: 'ada' },
      account: { id: rig.emulator.grants[0]?.openId },
    })
    expect((await browser.open('/')).json()).toMatchObject({ user: { id: 'ada' } })
  })

  test('is finished by the user who began it, and by nobody else', async () => {
    const rig = await serve(host, { routes })
    const browser = await signedIn(rig)
    const callback = await consent(rig, (await browser.post('/auth/tiktok')).location)
    await signedIn(rig, 'bob')
    expect((await browser.open(callback)).status).toBe(400)
    expect(tokenRequests(rig)).toBe(0)
  })

  test('does not start by a link on somebody else’s page', async () => {
    const rig = await serve(host, { routes })
    const browser = await signedIn(rig)
    const answer = await browser.open('/auth/tiktok', { headers: fromElsewhere })
    expect(answer).toMatchObject({ status: 403, cookies: [], location: undefined })
    const post = await browser.open('/auth/tiktok', { method: 'POST', headers: fromElsewhere })
    expect(post).toMatchObject({ status: 403, cookies: [] })
    expect(
      (await browser.open('/auth/tiktok', { headers: { 'sec-fetch-site': 'same-origin' } })).status,
    ).toBe(303)
  })

  test('tells a user whose attempt is lost, although they are signed in', async () => {
    const rig = await serve(host, { routes })
    const browser = await signedIn(rig)
    expect((await browser.open('/auth/tiktok/callback?code=a&state=b')).status).toBe(400)
  })
})

describe('bind', () => {
  const options: Partial<TikTokStrategyOptions> = {
    bind: (req) => Reflect.get(req.user ?? {}, 'id') as string | undefined,
  }
  const authenticating = ({ app, passport }: Site): void => {
    app.get('/sign-in/:name', (req, res, next) => {
      req.logIn({ id: req.params['name'] }, (error) => (error ? next(error) : res.end()))
    })
    app.all('/auth/tiktok', passport.authenticate('tiktok') as RequestHandler)
    app.get(
      '/auth/tiktok/callback',
      passport.authenticate('tiktok') as RequestHandler,
      (_req, res) => void res.end('in'),
    )
  }

  test('ties an ordinary login to the user who began it', async () => {
    const rig = await serve(newest, { options, routes: authenticating })
    const browser = await signedIn(rig)
    const callback = await consent(rig, (await browser.post('/auth/tiktok')).location)
    await signedIn(rig, 'bob')
    expect((await browser.open(callback)).status).toBe(400)
    await signedIn(rig, 'ada')
    const again = await consent(rig, (await browser.post('/auth/tiktok')).location)
    expect((await browser.open(again)).body).toBe('in')
    expect((await browser.open('/auth/tiktok', { headers: fromElsewhere })).status).toBe(403)
  })

  test('lets those who are not signed in log in from anywhere', async () => {
    const rig = await serve(newest, { options, routes: authenticating })
    const start = await rig.browser.open('/auth/tiktok', { headers: fromElsewhere })
    expect((await rig.browser.open(await consent(rig, start.location))).body).toBe('in')
  })

  test('is asked for where nothing names the user', async () => {
    const rig = await serve(newest, {
      session: false,
      routes({ app, passport }) {
        app.use((req: Request, _res, next) => {
          Object.assign(req, { user: { name: 'somebody without an id' } })
          next()
        })
        app.post('/auth/tiktok', passport.authorize('tiktok') as RequestHandler)
        app.use(((error: { option?: string }, _req, res, _next) => {
          res.status(500).json({ option: error.option })
        }) satisfies ErrorRequestHandler)
      },
    })
    expect((await rig.browser.post('/auth/tiktok')).json()).toEqual({ option: 'bind' })
  })

  test('names a user without a session by their id', async () => {
    const rig = await serve(newest, {
      session: false,
      routes({ app, passport }) {
        app.use((req: Request, _res, next) => {
          Object.assign(req, { user: { id: Number(req.get('x-user') ?? 1) } })
          next()
        })
        const authorize = passport.authorize('tiktok', { session: false } as object) as RequestHandler
        app.post('/auth/tiktok', authorize)
        app.get('/auth/tiktok/callback', authorize, (_req, res) => void res.end('linked'))
      },
    })
    const other = await consent(rig, (await rig.browser.post('/auth/tiktok')).location)
    expect((await rig.browser.open(other, { headers: { 'x-user': '2' } })).status).toBe(400)
    const callback = await consent(rig, (await rig.browser.post('/auth/tiktok')).location)
    expect((await rig.browser.open(callback)).body).toBe('linked')
  })
})
