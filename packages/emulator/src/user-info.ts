import type { Client } from './clients.ts'
import { ApiFault } from './errors.ts'
import { openIdOf, unionIdOf } from './identity.ts'
import type { Token } from './ledger-types.ts'
import type { EmulatorUser } from './users.ts'
import type { JsonObject, JsonValue } from './wire.ts'
import type { Exchange } from './world.ts'

/** Who is asking: a live access token with its app and user. */
export interface Caller {
  readonly token: Token
  readonly client: Client
  readonly user: EmulatorUser
}

/** Where a user's picture is. */
export function avatarUrl(apiOrigin: string, user: EmulatorUser): string {
  return `${apiOrigin}/_emulator/avatars/${encodeURIComponent(user.id)}.svg`
}

type FieldReader = (caller: Caller, apiOrigin: string) => JsonValue

const avatar: FieldReader = ({ user }, apiOrigin) => avatarUrl(apiOrigin, user)
const profileLink: FieldReader = ({ user }) => `https://www.tiktok.com/@${user.username}`

const fieldsByScope: Readonly<Record<string, Readonly<Record<string, FieldReader>>>> = {
  'user.info.basic': {
    open_id: ({ client, user }) => openIdOf(client, user.id),
    union_id: ({ client, user }) => unionIdOf(client, user.id),
    avatar_url: avatar,
    avatar_url_100: avatar,
    avatar_large_url: avatar,
    display_name: ({ user }) => user.displayName,
  },
  'user.info.profile': {
    bio_description: ({ user }) => user.bioDescription,
    profile_deep_link: profileLink,
    profile_web_link: profileLink,
    is_verified: ({ user }) => user.isVerified,
    username: ({ user }) => user.username,
  },
  'user.info.stats': {
    follower_count: ({ user }) => user.followerCount,
    following_count: ({ user }) => user.followingCount,
    likes_count: ({ user }) => user.likesCount,
    video_count: ({ user }) => user.videos.length,
  },
}

const fields = new Map(
  Object.entries(fieldsByScope).flatMap(([scope, readers]) =>
    Object.entries(readers).map(([name, read]) => [name, { scope, read }] as const),
  ),
)

/**
 * Reads the names in `fields`.
 *
 * @throws ApiFault `invalid_params` when there are none.
 */
export function demandFields(exchange: Exchange): readonly string[] {
  const names = (exchange.request.url.searchParams.get('fields') ?? '')
    .split(',')
    .filter((name) => name !== '')
  if (names.length === 0) throw new ApiFault(400, 'invalid_params', 'The parameter fields is required.')
  return names
}

/**
 * Checks that user and app both have a scope.
 *
 * @throws ApiFault 400 `scope_permission_missed` when TikTok did not approve it for the app, 401
 *   `scope_not_authorized` when the user did not grant it.
 */
export function demandScope({ client, token }: Caller, scope: string): void {
  if (!client.scopes.includes(scope)) {
    throw new ApiFault(400, 'scope_permission_missed', `The app is not approved for the scope ${scope}.`)
  }
  if (!token.scope.includes(scope)) {
    throw new ApiFault(
      401,
      'scope_not_authorized',
      `The user did not authorize the scope required: ${scope}.`,
    )
  }
}

/** Serves `GET /v2/user/info/`: one field beyond the granted scopes fails the whole call. */
export function serveUserInfo(exchange: Exchange, caller: Caller): JsonObject {
  const user: Record<string, JsonValue> = {}
  for (const name of demandFields(exchange)) {
    const field = fields.get(name)
    if (field === undefined)
      throw new ApiFault(400, 'invalid_params', `The field ${JSON.stringify(name)} is unknown.`)
    demandScope(caller, field.scope)
    user[name] = field.read(caller, exchange.world.apiOrigin())
  }
  return { user }
}
