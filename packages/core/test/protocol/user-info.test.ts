import { describe, expect, test } from 'vitest'
import { userInfoFieldsFor, type UserInfo } from '../../src/index.ts'
import { fakeTikTok } from '../support/fake-tiktok.ts'

const ok = { code: 'ok', message: '', log_id: '20220829194722CBE87ED59D524E727021' }

test('asks for the fields and open_id, and reads the documented sample', async () => {
  const sample =
    '{"data":{"user":{"avatar_url":"https://p19-sign.tiktokcdn-us.com/tos-avt-0068-tx/b17f0e4b3a4f4a50993cf72cda8b88b8~c5_168x168.jpeg","open_id":"723f24d7-e717-40f8-a2b6-cb8464cd23b4","union_id":"c9c60f44-a68e-4f5d-84dd-ce22faeb0ba1"}},"error":{"code":"ok","message":"","log_id":"20220829194722CBE87ED59D524E727021"}}'
  const { client, seen } = fakeTikTok(() => sample)
  const user = await client.userInfo('act.canary', ['avatar_url', 'union_id', 'union_id'])
  expect(seen[0]?.url).toBe(
    'https://open.tiktokapis.com/v2/user/info/?fields=open_id%2Cavatar_url%2Cunion_id',
  )
  expect(seen[0]?.init).toMatchObject({
    method: 'GET',
    headers: { authorization: 'Bearer act.canary' },
    redirect: 'manual',
  })
  expect(seen[0]?.init).not.toHaveProperty('body')
  expect(user).toMatchObject({
    openId: '723f24d7-e717-40f8-a2b6-cb8464cd23b4',
    unionId: 'c9c60f44-a68e-4f5d-84dd-ce22faeb0ba1',
  })
})

test('maps what is documented, keeps what is not', async () => {
  const raw = {
    open_id: 'user-1',
    union_id: 'union',
    avatar_url: 'a',
    avatar_url_100: 'b',
    avatar_large_url: 'c',
    display_name: 'd',
    bio_description: '',
    profile_deep_link: 'e',
    profile_web_link: 'f',
    is_verified: false,
    username: 'g',
    follower_count: 0,
    following_count: 1,
    likes_count: 2 ** 53,
    video_count: 3,
    new_field: { x: 1 },
  }
  const { client } = fakeTikTok(() => ({ data: { user: raw }, error: ok }))
  const user = await client.userInfo('act.canary', ['display_name'])
  const expected: UserInfo = {
    openId: 'user-1',
    unionId: 'union',
    avatarUrl: 'a',
    avatarUrl100: 'b',
    avatarLargeUrl: 'c',
    displayName: 'd',
    bioDescription: '',
    profileDeepLink: 'e',
    profileWebLink: 'f',
    isVerified: false,
    username: 'g',
    followerCount: 0,
    followingCount: 1,
    likesCount: 2 ** 53,
    videoCount: 3,
    raw,
  }
  expect(user).toEqual(expected)
  expect(Object.isFrozen(user.raw)).toBe(true)
})

test('a member of another type stays in raw alone', async () => {
  const { client } = fakeTikTok(
    () =>
      '{"data":{"user":{"open_id":"u","follower_count":"5","display_name":null,"is_verified":1,"__proto__":{"x":1}}}}',
  )
  const user = await client.userInfo('act.canary', ['follower_count'])
  expect(user).toEqual({
    openId: 'u',
    raw: { open_id: 'u', follower_count: '5', display_name: null, is_verified: 1 },
  })
  expect(Object.hasOwn(user.raw, '__proto__')).toBe(false)
})

describe('failures', () => {
  test.each([
    [{}],
    [{ data: {} }],
    [{ data: { user: {} } }],
    [{ data: { user: { open_id: '' } }, error: ok }],
    [{ data: [], error: ok }],
    [''],
  ])('%j is an unexpected response', async (answer) => {
    const { client } = fakeTikTok(() => answer)
    await expect(client.userInfo('act.canary', ['open_id'])).rejects.toMatchObject({
      code: 'unexpected_response',
      endpoint: 'user_info',
      httpStatus: 200,
    })
  })

  test('an error tells a missing scope from a bad token', async () => {
    const { client } = fakeTikTok(
      () =>
        new Response('{"data":{},"error":{"code":"scope_not_authorized","message":"m","log_id":"L"}}', {
          status: 401,
        }),
    )
    await expect(client.userInfo('act.canary', ['username'])).rejects.toMatchObject({
      code: 'oauth_response',
      endpoint: 'user_info',
      error: 'scope_not_authorized',
      httpStatus: 401,
    })
  })

  test.each([[[]], ['open_id'], [['a,b']], [['']], [[5]], [undefined]])(
    'the fields %j are refused',
    async (fields) => {
      const { client, seen } = fakeTikTok(() => ({}))
      await expect(client.userInfo('act.canary', fields as string[])).rejects.toMatchObject({
        option: 'fields',
      })
      expect(seen).toHaveLength(0)
    },
  )

  test('a token that cannot stand in a header is refused', async () => {
    const { client, seen } = fakeTikTok(() => ({}))
    await expect(client.userInfo('act.canary\n', ['open_id'])).rejects.toMatchObject({
      option: 'accessToken',
    })
    expect(seen).toHaveLength(0)
  })
})

test('userInfoFieldsFor lists what the granted scopes allow, each once', () => {
  expect(userInfoFieldsFor(['user.info.basic'])).toEqual([
    'open_id',
    'union_id',
    'avatar_url',
    'avatar_url_100',
    'avatar_large_url',
    'display_name',
  ])
  expect(userInfoFieldsFor(['user.info.open_id', 'user.info.basic'])).toHaveLength(6)
  expect(userInfoFieldsFor(['user.info.profile', 'video.list', 'toString'])).toEqual([
    'bio_description',
    'profile_deep_link',
    'is_verified',
    'username',
  ])
  expect(userInfoFieldsFor(['user.info.stats'])).toHaveLength(4)
  expect(userInfoFieldsFor([])).toEqual([])
  expect(() => userInfoFieldsFor('user.info.basic' as unknown as string[])).toThrow(/`scope`/)
})
