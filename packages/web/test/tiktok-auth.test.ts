import { describe, expect, test } from 'vitest'
import { applyErrorHeaders, errorResponse, type WebTikTokAuthOptions } from '../src/index.ts'
import { readRequest } from '../src/read-request.ts'
import { callbackOf, createRig, logIn, page } from './support/rig.ts'

const hours = 60 * 60 * 1000

describe('the handler', () => {
  test('answers its routes and leaves every other request alone', async () => {
    const { tiktok } = createRig()
    expect((await tiktok(page('/auth/tiktok')))?.status).toBe(303)
    expect(await tiktok(page('/anything'))).toBeUndefined()
  })

  test('knows after a login who is signed in, and gives one state per request', async () => {
    const rig = createRig()
    const request = page('/', await logIn(rig))
    const user = await rig.tiktok.signedIn(request)
    expect(user.openId).toBe(rig.emulator.grants[0]?.openId)
    expect(await rig.tiktok.signedIn(request)).toBe(user)
    expect(await rig.tiktok.requireLogin(request)).toBeUndefined()
    expect(user.scope).toEqual(['user.info.basic'])
    expect((await user.userInfo()).openId).toBe(user.openId)
  })

  test('sends a page to the login and answers a script with 401', async () => {
    const { tiktok } = createRig()
    const answer = await tiktok.requireLogin(page('/in?a=1'))
    expect(answer?.headers.get('location')).toBe('/auth/tiktok?returnTo=%2Fin%3Fa%3D1')
    const script = await tiktok.requireLogin(new Request('https://app.example/in'))
    expect(script?.status).toBe(401)
    await expect(tiktok.requireLogin(page('/'), { scope: ['other'] })).rejects.toMatchObject({
      code: 'configuration',
    })
  })

  test('says so when the callback comes in under a path that `routes` does not know of', async () => {
    const { tiktok } = createRig({
      redirectUri: 'https://app.example/shop/auth/tiktok/callback',
      routes: { callback: '/auth/tiktok/callback' },
    })
    await expect(tiktok(page('/shop/auth/tiktok/callback?code=a&state=b'))).rejects.toMatchObject({
      code: 'configuration',
      option: 'routes.callback',
    })
  })

  test('asks the app who its users are', async () => {
    const session = { identify: (request: Request) => request.headers.get('x-user') ?? undefined }
    const { tiktok } = createRig({ session })
    const request = new Request('https://app.example/', { headers: { 'x-user': 'ada' } })
    expect((await tiktok.signedIn(request)).openId).toBe('ada')
    expect((await tiktok.signedIn(page('/'))).openId).toBeUndefined()
  })

  test('signs an app under test in by a cookie', async () => {
    const { tiktok } = createRig()
    expect((await tiktok.signedIn(page('/', await tiktok.testCookie('ada')))).openId).toBe('ada')
  })

  test('keeps two apps in one process apart', async () => {
    const [one, other] = [createRig(), createRig({ clientKey: 'awkey2' })]
    const request = page('/', await logIn(one))
    expect((await one.tiktok.signedIn(request)).openId).toBeDefined()
    expect((await other.tiktok.signedIn(request)).openId).toBeUndefined()
  })

  test('refuses hooks that are no functions', () => {
    for (const name of ['onStart', 'onLogin', 'onError']) {
      const wrong = JSON.parse(`{"${name}":"yes"}`) as object
      expect(() => createRig(wrong)).toThrow(expect.objectContaining({ code: 'configuration', option: name }))
    }
  })
})

describe('apply', () => {
  test('takes the session away on the response, after logout', async () => {
    const rig = createRig()
    const user = await rig.tiktok.signedIn(page('/', await logIn(rig)))
    await user.logout()
    const response = user.apply(new Response('bye', { headers: { 'set-cookie': 'mine=1' } }))
    const [mine, gone, ...more] = response.headers.getSetCookie()
    expect(mine).toBe('mine=1')
    expect(gone).toMatch(/session.*=; .*Max-Age=0/)
    expect(more).toEqual([])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(user.apply(response).headers.getSetCookie()).toHaveLength(2)
  })

  test('renews a session, also on responses that do not let themselves be changed', async () => {
    const rig = createRig()
    const cookie = await logIn(rig)
    rig.emulator.advance(5 * hours)
    const user = await rig.tiktok.signedIn(page('/', cookie))
    for (const response of [Response.redirect('https://app.example/in'), Response.json({ ok: true })]) {
      const applied = user.apply(response)
      expect(applied.status).toBe(response.status)
      expect(applied.headers.getSetCookie()).toHaveLength(1)
    }
    const text = user.apply(new Response('whole', { status: 201, headers: { 'x-mine': '1' } }))
    expect([text.status, text.headers.get('x-mine'), await text.text()]).toEqual([201, '1', 'whole'])
  })

  test('gives the same response back where there is nothing to say', async () => {
    const { tiktok } = createRig()
    const response = Response.redirect('https://app.example/')
    expect((await tiktok.signedIn(page('/'))).apply(response)).toBe(response)
  })

  test('is part of the answers of requireLogin and recover', async () => {
    const rig = createRig({ optionalScope: ['video.list'] })
    const cookie = await logIn(rig)
    rig.emulator.advance(5 * hours)
    const refused = await rig.tiktok.requireLogin(page('/', cookie), { scope: ['video.list'] })
    expect(refused?.headers.getSetCookie()).toHaveLength(1)
    const request = page('/', cookie)
    const user = await rig.tiktok.signedIn(request)
    await user.disconnect()
    const error: unknown = await user.accessToken().catch((thrown: unknown) => thrown)
    const recovered = await rig.tiktok.recover(error, request)
    expect(recovered?.status).toBe(303)
    expect(recovered?.headers.getSetCookie().at(-1)).toContain('Max-Age=0')
    expect(await rig.tiktok.recover(new Error('mine'), request)).toBeUndefined()
  })
})

describe('onLogin', () => {
  const answers: readonly (readonly [string, NonNullable<WebTikTokAuthOptions['onLogin']>, number])[] = [
    ['a response', () => new Response('Welcome', { headers: { 'set-cookie': 'mine=1' } }), 200],
    ['a response that cannot be changed', () => Response.redirect('https://app.example/welcome'), 302],
    ['nothing', () => undefined, 303],
    ['nothing, later', async () => undefined, 303],
  ]

  test.each(answers)('may return %s, and no cookie is lost', async (_what, onLogin, status) => {
    const rig = createRig({ onLogin })
    const answer = await rig.tiktok(await callbackOf(rig))
    expect(answer?.status).toBe(status)
    const ours = answer?.headers.getSetCookie().filter((cookie) => cookie.includes('tiktok-'))
    expect(ours).toHaveLength(2)
    expect(answer?.headers.get('cache-control')).toBe('no-store')
  })

  test('signs nobody in when it throws', async () => {
    const refusal = Object.assign(new Error('no place'), { status: 409 })
    const rig = createRig({ onLogin: () => Promise.reject(refusal) })
    await expect(rig.tiktok(await callbackOf(rig))).rejects.toBe(refusal)
    const answer = errorResponse(refusal)
    expect(answer.status).toBe(409)
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/tiktok-login.*Max-Age=0/)])
  })
})

describe('errors', () => {
  test('reject with a status, and `errorResponse` answers them in private', async () => {
    const rig = createRig()
    const request = await callbackOf(rig, { cancel: true })
    const error: unknown = await rig.tiktok(request).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'authorization_response', status: 403 })
    const answer = errorResponse(error)
    expect(answer.status).toBe(403)
    expect(await answer.text()).toBe('That did not work (authorization_response).')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect(answer.headers.getSetCookie()).toHaveLength(1)
    expect(applyErrorHeaders(error, new Response('Maybe another time')).headers.getSetCookie()).toHaveLength(
      1,
    )
  })

  test('go to onError once, and its answer gets the headers', async () => {
    const seen: unknown[] = []
    const onError = (error: unknown, request: Request): Response => {
      seen.push(error, request.method)
      return new Response('told', { status: 418 })
    }
    const rig = createRig({ onError })
    const answer = await rig.tiktok(await callbackOf(rig, { cancel: true }))
    expect(answer?.status).toBe(418)
    expect(answer?.headers.getSetCookie()).toHaveLength(1)
    expect(seen).toMatchObject([{ code: 'authorization_response' }, 'GET'])
  })

  test.each([
    ['throws', () => Promise.reject(new Error('no page either')), { message: 'no page either' }],
    ['throws a word', () => Promise.reject('no page either' as never), { cause: 'no page either' }],
    ['gives no response', () => undefined as never, { code: 'configuration', option: 'onError' }],
  ])('keep the headers that their answer needs when onError %s', async (_what, onError, expected) => {
    const rig = createRig({ onError })
    const request = await callbackOf(rig, { cancel: true })
    const error: unknown = await rig.tiktok(request).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject(expected)
    const answer = errorResponse(error)
    expect(answer.status).toBe(500)
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/tiktok-login.*Max-Age=0/)])
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test('say so when onLogin gives something else than a response', async () => {
    const rig = createRig({ onLogin: () => 'handled' as never })
    const error: unknown = await rig.tiktok(await callbackOf(rig)).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'configuration', option: 'onLogin' })
  })

  test.each([
    ['an error', new Error('secret detail'), 500],
    ['an error with a status', Object.assign(new Error(), { status: 404 }), 404],
    ['a status that is no error', { status: 200 }, 500],
    ['a status that is no number', { status: '403' }, 500],
    ['a word', 'no', 500],
    ['nothing', undefined, 500],
  ])('that are %s are answered without a word of them', async (_what, thrown, status) => {
    const answer = errorResponse(thrown)
    expect([answer.status, await answer.text()]).toEqual([status, 'That did not work.'])
    expect(answer.headers.getSetCookie()).toEqual([])
  })
})

describe('a request', () => {
  const post = (body: string | ReadableStream | null): Request => {
    const init = { method: 'POST', body, duplex: 'half' }
    return new Request('https://app.example/auth/tiktok?a=%zz&b=1', init)
  }

  test('is read as it came', async () => {
    const read = readRequest(post('a=b%20c'))
    expect(read).toMatchObject({ method: 'POST', url: '/auth/tiktok?a=%zz&b=1', mountPath: '' })
    expect(read.header('content-type')).toContain('text/plain')
    expect(read.header('x-none')).toBeUndefined()
    expect(new TextDecoder().decode(await read.body())).toBe('a=b%20c')
    expect(await readRequest(post(null)).body()).toEqual(new Uint8Array())
  })

  test('is not read beyond a megabyte, nor a second time', async () => {
    let cancelled = false
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
      cancel: () => void (cancelled = true),
    })
    await expect(readRequest(post(endless)).body()).rejects.toMatchObject({ status: 413 })
    expect(cancelled).toBe(true)
    const used = post('a=1')
    await used.text()
    await expect(readRequest(used).body()).rejects.toMatchObject({ code: 'configuration' })
  })
})
