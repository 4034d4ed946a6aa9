import { describe, expect, test } from 'vitest'
import type { Emulator } from '../src/index.ts'
import { authorizeUrl, login, start, userInfo, webClient } from './support.ts'

const all = 'user.info.basic,user.info.profile,user.info.stats,video.list,video.publish'

async function call(emulator: Emulator, path: string, accessToken: string, body?: object) {
  const reply = await emulator.fetch(`https://open.tiktokapis.com${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${accessToken}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: reply.status, headers: reply.headers, body: await reply.json() }
}

describe('user info', () => {
  test('gives every documented field behind its scope', async () => {
    const emulator = start()
    const { access_token } = await login(emulator, { scope: all, user: 'mia' })
    const fields =
      'open_id,union_id,avatar_url,avatar_url_100,avatar_large_url,display_name,bio_description,' +
      'profile_deep_link,profile_web_link,is_verified,username,follower_count,following_count,likes_count,video_count'
    const { status, body } = await userInfo(emulator, access_token, fields)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      data: {
        user: {
          display_name: 'Mia Sommer',
          is_verified: true,
          follower_count: 18_204,
          video_count: 3,
          avatar_url: 'https://open.tiktokapis.com/_emulator/avatars/mia.svg',
        },
      },
      error: { code: 'ok', message: '', log_id: expect.any(String) },
    })
    const { data } = body
    expect(
      typeof data === 'object' && data !== null && 'user' in data && Object.keys(data.user ?? {}),
    ).toEqual(fields.split(','))
  })

  test('avatars are served by the emulator itself', async () => {
    const emulator = start()
    const picture = await emulator.fetch('https://open.tiktokapis.com/_emulator/avatars/mia.svg')
    expect(picture.headers.get('content-type')).toBe('image/svg+xml')
    expect(await picture.text()).toContain('>M</text>')
    expect((await emulator.fetch('https://open.tiktokapis.com/_emulator/avatars/x%.svg')).status).toBe(404)
  })

  test('one field beyond the granted scopes fails the whole call', async () => {
    const emulator = start()
    const { access_token } = await login(emulator, { scope: 'user.info.basic' })
    const reply = await userInfo(emulator, access_token, 'open_id,username')
    expect(reply.status).toBe(401)
    expect(reply.body).toMatchObject({ data: {}, error: { code: 'scope_not_authorized' } })
  })

  test('a scope the app lacks is another error', async () => {
    const emulator = start({ clients: [{ ...webClient, scopes: ['user.info.basic'] }] })
    const { access_token } = await login(emulator, { scope: 'user.info.basic' })
    const reply = await userInfo(emulator, access_token, 'username')
    expect([reply.status, reply.body]).toMatchObject([400, { error: { code: 'scope_permission_missed' } }])
  })

  test('fields are demanded and have to be known', async () => {
    const emulator = start()
    const { access_token } = await login(emulator)
    for (const fields of ['', 'email', 'constructor']) {
      const reply = await userInfo(emulator, access_token, fields)
      expect([reply.status, reply.body]).toMatchObject([400, { error: { code: 'invalid_params' } }])
    }
  })

  test('a bad token is 401 access_token_invalid, in either form', async () => {
    const emulator = start()
    const error = { code: 'access_token_invalid', message: expect.any(String), log_id: expect.any(String) }
    for (const header of [undefined, 'Bearer', 'Bearer act.unknown', 'Basic x']) {
      const reply = await emulator.fetch('https://open.tiktokapis.com/v2/user/info/?fields=open_id', {
        headers: header === undefined ? {} : { authorization: header },
      })
      expect([reply.status, await reply.json()]).toEqual([401, { data: {}, error }])
    }
    emulator.setBehavior({ userInfoErrorForm: 'bare' })
    expect((await userInfo(emulator, 'act.unknown')).body).toEqual(error)
  })
})

describe('rate limit', () => {
  test('600 per minute and endpoint, sliding, without Retry-After', async () => {
    const emulator = start({ now: () => 1e12 })
    const { access_token } = await login(emulator, { scope: all })
    const first = await userInfo(emulator, access_token)
    emulator.advance(30_000)
    const rest = await Promise.all(Array.from({ length: 599 }, () => userInfo(emulator, access_token)))
    expect([first, ...rest].every(({ status }) => status === 200)).toBe(true)
    const refused = await userInfo(emulator, access_token)
    expect(refused.status).toBe(429)
    expect(refused.body).toMatchObject({ data: {}, error: { code: 'rate_limit_exceeded' } })
    expect(refused.headers.has('retry-after')).toBe(false)
    expect((await call(emulator, '/v2/video/list/?fields=id', access_token, {})).status).toBe(200)
    emulator.advance(30_000)
    expect((await userInfo(emulator, access_token)).status).toBe(200)
    expect((await userInfo(emulator, access_token)).status).toBe(429)
  })

  test('adjustable, with Retry-After, or off', async () => {
    const emulator = start({ behavior: { rateLimit: { perMinute: 1, retryAfter: true } }, now: () => 1e12 })
    const { access_token } = await login(emulator)
    await userInfo(emulator, access_token)
    emulator.advance(15_000)
    const refused = await userInfo(emulator, access_token)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '45'])
    emulator.setBehavior({ rateLimit: false })
    expect((await userInfo(emulator, access_token)).status).toBe(200)
  })
})

describe('videos', () => {
  test('are listed page by page, newest first', async () => {
    const emulator = start()
    const { access_token } = await login(emulator, { scope: all, user: 'mia' })
    const list = (body: object) => call(emulator, '/v2/video/list/?fields=id,title', access_token, body)
    const first = await list({ max_count: 2 })
    expect(first.body.data.videos.map((video: { title: string }) => video.title)).toEqual([
      'Sourdough in sixty seconds',
      'Over the pass by bike',
    ])
    expect(first.body).toMatchObject({ data: { has_more: true }, error: { code: 'ok' } })
    const rest = await list({ max_count: 2, cursor: first.body.data.cursor })
    expect(rest.body.data).toMatchObject({ has_more: false, videos: [{ title: 'A pun you will regret' }] })
    const ids = [first.body.data.videos[1].id, 'unknown']
    const query = await call(emulator, '/v2/video/query/?fields=id', access_token, {
      filters: { video_ids: ids },
    })
    expect(query.body.data).toEqual({ videos: [{ id: ids[0] }] })
  })

  test('need their scope and sound parameters', async () => {
    const emulator = start()
    const { access_token } = await login(emulator, { scope: 'user.info.basic' })
    const path = '/v2/video/list/?fields=id'
    expect((await call(emulator, path, access_token, {})).body.error.code).toBe('scope_not_authorized')
    const listing = await login(emulator, { scope: all })
    const code = async (where: string, body: object) =>
      (await call(emulator, where, listing.access_token, body)).body.error.code
    expect(await code('/v2/video/list/', {})).toBe('invalid_params')
    expect(await code('/v2/video/list/?fields=nonsense', {})).toBe('invalid_params')
    expect(await code(path, { max_count: 21 })).toBe('invalid_params')
    expect(await code(path, [])).toBe('invalid_params')
    expect(await code('/v2/video/query/?fields=id', {})).toBe('invalid_params')
    const garbled = await emulator.fetch(`https://open.tiktokapis.com${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${listing.access_token}` },
      body: '{',
    })
    expect(garbled.status).toBe(400)
  })

  test('a creator may ask what may be posted', async () => {
    const emulator = start()
    const { access_token } = await login(emulator, { url: authorizeUrl({ scope: all }), user: 'mia' })
    const { body } = await call(emulator, '/v2/post/publish/creator_info/query/', access_token, {})
    expect(body.data).toMatchObject({ creator_username: 'mia.sommer', creator_nickname: 'Mia Sommer' })
  })
})
