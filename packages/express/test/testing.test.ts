import { listenForTest, register } from '@tiktok-auth/test-rig'
import { createTokenSet, memoryTokenStore } from '@tiktok-auth/core'
import request from 'supertest'
import { describe, expect, test } from 'vitest'
import { tiktokAuth } from '../src/index.ts'
import { versions } from './support/rig.ts'

describe.each(versions)('an app under test on %s', (_, express) => {
  test('signs somebody in with a cookie and a stored grant, without any login', async () => {
    const { emulator, options } = register({ store: memoryTokenStore() })
    const app = express()
    const tiktok = tiktokAuth(options)
    app.use(tiktok)
    app.get('/page', tiktok.requireLogin(), (req, res) => void res.send(`Hello ${req.tiktok.openId}`))
    await tiktok.tokens.save(
      createTokenSet({
        openId: 'ada',
        scope: ['user.info.basic'],
        tokenType: 'Bearer',
        accessToken: 'test-access-token',
        issuedAt: emulator.now(),
        expiresAt: emulator.now() + 7_200_000,
        refreshToken: 'test-refresh-token',
        refreshTokenExpiresAt: undefined,
      }),
    )
    const cookie = await tiktok.testCookie('ada')
    await request(app).get('/page').set('cookie', cookie).expect(200, 'Hello ada')
    await request(app).get('/page').expect(401)
    expect(emulator.requests).toEqual([])
  })

  test('begins no login for Node’s fetch, which says that it is a script', async () => {
    const { options } = register()
    const app = express()
    app.use(tiktokAuth(options))
    const port = await listenForTest(app)
    const headers = { 'sec-fetch-mode': 'navigate' }
    const answer = await fetch(`http://127.0.0.1:${port}/auth/tiktok`, { redirect: 'manual', headers })
    expect(answer.status).toBe(403)
  })

  test('goes through a whole login with supertest and the emulator', async () => {
    const { emulator, options } = register()
    const app = express()
    app.use(tiktokAuth(options))
    const start = await request(app).get('/auth/tiktok').expect(303)
    const callback = await emulator.consent(start.headers['location'] ?? '', { scope: ['user.info.basic'] })
    const done = await request(app)
      .get(callback.pathname + callback.search)
      .set('cookie', start.get('Set-Cookie')?.join('; ') ?? '')
      .expect(303)
    expect(done.get('Set-Cookie')).toHaveLength(2)
  })
})
