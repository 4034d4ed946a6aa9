import { ApiFault } from './errors.ts'
import { derivedId } from './random.ts'
import { avatarUrl, demandFields, demandScope } from './user-info.ts'
import type { Caller } from './user-info.ts'
import type { EmulatorUser } from './users.ts'
import type { JsonObject, JsonValue } from './wire.ts'
import type { Exchange } from './world.ts'

const day = 86_400
const firstVideoAt = 1_767_225_600
const mostPerPage = 20

function describeVideo(user: EmulatorUser, index: number): JsonObject {
  const id = `7${BigInt(`0x${derivedId('video', user.id, String(index)).slice(0, 13).replace('-', '')}`)}`
  const title = user.videos[index] ?? ''
  return {
    id,
    title,
    video_description: title,
    create_time: firstVideoAt - index * day,
    duration: 15 + (index % 45),
    height: 1920,
    width: 1080,
    cover_image_url: '',
    share_url: `https://www.tiktok.com/@${user.username}/video/${id}`,
    embed_link: `https://www.tiktok.com/embed/v2/${id}`,
    embed_html: '',
    like_count: 0,
    comment_count: 0,
    share_count: 0,
    view_count: 0,
  }
}

function pick(video: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.map((name) => {
      const value = video[name]
      if (value === undefined)
        throw new ApiFault(400, 'invalid_params', `The field ${JSON.stringify(name)} is unknown.`)
      return [name, value]
    }),
  )
}

function readBody({ request }: Exchange): JsonObject {
  if (request.body === '') return {}
  try {
    const value: unknown = JSON.parse(request.body)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // The answer below fits both: no JSON at all, and JSON that is not an object.
  }
  throw new ApiFault(400, 'invalid_params', 'The body must be a JSON object.')
}

function readInteger(value: JsonValue | undefined, fallback: number, most: number): number {
  if (value === undefined) return fallback
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most) {
    throw new ApiFault(400, 'invalid_params', `Numbers must be whole and lie between 0 and ${most}.`)
  }
  return value
}

/** Serves `POST /v2/video/list/`, newest first, page by page. */
export function serveVideoList(exchange: Exchange, caller: Caller): JsonObject {
  demandScope(caller, 'video.list')
  const names = demandFields(exchange)
  const body = readBody(exchange)
  const size = readInteger(body.max_count, 10, mostPerPage)
  // The cursor is the creation time of the last video seen, in milliseconds, as TikTok documents it.
  const before = readInteger(body.cursor, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  const all = caller.user.videos.map((_, index) => describeVideo(caller.user, index))
  const rest = all.filter((video) => Number(video.create_time) * 1000 < before)
  const page = rest.slice(0, size)
  const cursor = Number(page.at(-1)?.create_time ?? 0) * 1000
  return { videos: page.map((video) => pick(video, names)), cursor, has_more: rest.length > page.length }
}

/** Serves `POST /v2/video/query/`: the user's own videos among the ids asked for. */
export function serveVideoQuery(exchange: Exchange, caller: Caller): JsonObject {
  demandScope(caller, 'video.list')
  const names = demandFields(exchange)
  const filters = readBody(exchange).filters
  const ids: unknown =
    typeof filters === 'object' && filters !== null && 'video_ids' in filters ? filters.video_ids : 0
  if (!Array.isArray(ids) || ids.length > mostPerPage) {
    throw new ApiFault(
      400,
      'invalid_params',
      `filters.video_ids must be a list of at most ${mostPerPage} ids.`,
    )
  }
  const all = caller.user.videos.map((_, index) => describeVideo(caller.user, index))
  return { videos: all.filter((video) => ids.includes(video.id)).map((video) => pick(video, names)) }
}

/** Serves `POST /v2/post/publish/creator_info/query/`: what the user may post. */
export function serveCreatorInfo(exchange: Exchange, caller: Caller): JsonObject {
  demandScope(caller, 'video.publish')
  const { user } = caller
  return {
    creator_avatar_url: avatarUrl(exchange.world.apiOrigin(), user),
    creator_username: user.username,
    creator_nickname: user.displayName,
    privacy_level_options: ['PUBLIC_TO_EVERYONE', 'MUTUAL_FOLLOW_FRIENDS', 'SELF_ONLY'],
    comment_disabled: false,
    duet_disabled: false,
    stitch_disabled: false,
    max_video_post_duration_sec: 600,
  }
}
