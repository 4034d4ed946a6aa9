import { ConfigurationError, UnexpectedResponseError } from '../errors.ts'
import { isJsonObject, own, type JsonObject } from './json.ts'
import { requestJson, type RequestContext } from './request-json.ts'
import { isHeaderSafe } from './token-set.ts'

/** The fields of TikTok's user object. */
export type UserInfoField =
  | 'open_id'
  | 'union_id'
  | 'avatar_url'
  | 'avatar_url_100'
  | 'avatar_large_url'
  | 'display_name'
  | 'bio_description'
  | 'profile_deep_link'
  | 'profile_web_link'
  | 'is_verified'
  | 'username'
  | 'follower_count'
  | 'following_count'
  | 'likes_count'
  | 'video_count'
  | (string & {})

/** What TikTok says about a user; only the fields asked for and granted are there. */
export interface UserInfo {
  /** The user, as this app knows them. */
  readonly openId: string
  /** The user, as all apps of one developer know them. */
  readonly unionId?: string
  /** A signed address that ends after a while: copy the picture, do not link to it for ever. */
  readonly avatarUrl?: string
  /** The same at 100 × 100 pixels. */
  readonly avatarUrl100?: string
  /** The same, larger. */
  readonly avatarLargeUrl?: string
  /** Chosen by the user, and not unique. */
  readonly displayName?: string
  /** Needs `user.info.profile`. */
  readonly bioDescription?: string
  /** Opens the profile in TikTok. Needs `user.info.profile`. */
  readonly profileDeepLink?: string
  /** Needs `user.info.profile`, and to be asked for by name. */
  readonly profileWebLink?: string
  /** Whether TikTok shows its mark. Needs `user.info.profile`. */
  readonly isVerified?: boolean
  /** The `@` name; the user may change it. Needs `user.info.profile`. */
  readonly username?: string
  /** Needs `user.info.stats`. */
  readonly followerCount?: number
  /** Needs `user.info.stats`. */
  readonly followingCount?: number
  /** Needs `user.info.stats`. */
  readonly likesCount?: number
  /** Needs `user.info.stats`. */
  readonly videoCount?: number
  /** The user object as TikTok sent it, fields unknown to this version included. */
  readonly raw: Readonly<Record<string, unknown>>
}

const fieldsByScope: ReadonlyMap<string, readonly UserInfoField[]> = new Map([
  ['user.info.open_id', ['open_id']],
  [
    'user.info.basic',
    ['open_id', 'union_id', 'avatar_url', 'avatar_url_100', 'avatar_large_url', 'display_name'],
  ],
  ['user.info.profile', ['bio_description', 'profile_deep_link', 'is_verified', 'username']],
  ['user.info.stats', ['follower_count', 'following_count', 'likes_count', 'video_count']],
])

/**
 * Lists the documented fields that these granted scopes allow. One field more, and TikTok refuses the whole call.
 *
 * `profile_web_link` is not among them: TikTok's pages contradict each other about it. Ask for it by name.
 *
 * @throws `configuration` when the scope is no array.
 */
export function userInfoFieldsFor(scope: readonly string[]): readonly UserInfoField[] {
  if (!Array.isArray(scope)) throw new ConfigurationError('scope', 'must be an array of scope names.')
  return [...new Set(scope.flatMap((name) => fieldsByScope.get(name) ?? []))]
}

/** TikTok's members: their name on the wire, ours, and their type. */
const members: readonly (readonly [wireName: string, name: keyof UserInfo, type: string])[] = [
  ['union_id', 'unionId', 'string'],
  ['avatar_url', 'avatarUrl', 'string'],
  ['avatar_url_100', 'avatarUrl100', 'string'],
  ['avatar_large_url', 'avatarLargeUrl', 'string'],
  ['display_name', 'displayName', 'string'],
  ['bio_description', 'bioDescription', 'string'],
  ['profile_deep_link', 'profileDeepLink', 'string'],
  ['profile_web_link', 'profileWebLink', 'string'],
  ['is_verified', 'isVerified', 'boolean'],
  ['username', 'username', 'string'],
  ['follower_count', 'followerCount', 'number'],
  ['following_count', 'followingCount', 'number'],
  ['likes_count', 'likesCount', 'number'],
  ['video_count', 'videoCount', 'number'],
]

/** What a user-info request needs. */
export interface UserInfoRequest {
  readonly apiOrigin: string
  readonly accessToken: string
  readonly fields: readonly UserInfoField[]
}

/**
 * Asks TikTok about the user behind an access token. `open_id` is asked for in any case: without it nobody can
 * check whose profile came back.
 *
 * Counts are read as numbers; beyond 2^53 they are approximate. Ids are strings.
 *
 * @throws `configuration`, `network`, `oauth_response`, `unexpected_response`
 * @see https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info
 */
export async function requestUserInfo(context: RequestContext, request: UserInfoRequest): Promise<UserInfo> {
  const { apiOrigin, accessToken } = request
  // The names are letters, digits and underscores, so only what joins them needs an escape.
  const fields = checkFields(request.fields).join('%2C')
  const reply = await requestJson(context, {
    endpoint: 'user_info',
    method: 'GET',
    url: `${apiOrigin}/v2/user/info/?fields=${fields}`,
    headers: { authorization: `Bearer ${checkAccessToken(accessToken)}`, accept: 'application/json' },
    secrets: () => [accessToken],
  })
  const data = reply.json === undefined ? undefined : own(reply.json, 'data')
  const user = isJsonObject(data) ? own(data, 'user') : undefined
  const openId = isJsonObject(user) ? own(user, 'open_id') : undefined
  if (!isJsonObject(user) || typeof openId !== 'string' || openId === '') {
    const problem = 'it has no `data.user` with an `open_id`.'
    throw new UnexpectedResponseError({ ...reply, logId: reply.logId(), problem })
  }
  return toUserInfo(openId, user)
}

function checkFields(fields: unknown): readonly string[] {
  const named = Array.isArray(fields) ? fields : []
  const valid = named.every((name) => typeof name === 'string' && /^\w{1,64}$/.test(name))
  if (named.length === 0 || !valid) {
    throw new ConfigurationError('fields', 'must be an array of field names, such as `display_name`.')
  }
  return [...new Set(['open_id', ...(named as readonly string[])])]
}

/** Returns the token if it can travel in a header. @throws `configuration`, never quoting it. */
export function checkAccessToken(accessToken: unknown): string {
  if (typeof accessToken !== 'string' || !isHeaderSafe(accessToken)) {
    throw new ConfigurationError('accessToken', 'must be visible ASCII characters without white space.')
  }
  return accessToken
}

/** A member of another type than documented is left out here and stays in `raw`. */
function toUserInfo(openId: string, user: JsonObject): UserInfo {
  // A member of this name would change the prototype of whatever an application assigns `raw` to.
  const { ['__proto__']: _, ...raw } = user
  const info: Record<string, unknown> = { openId, raw: Object.freeze(raw) }
  for (const [wireName, name, type] of members) {
    const value = own(user, wireName)
    if (typeof value === type) info[name] = value
  }
  return info as unknown as UserInfo
}
