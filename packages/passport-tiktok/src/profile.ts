import type { Login } from '@tiktok-auth/core'

/** A user in the form that Passport's strategies share (portable contacts). */
export interface TikTokProfile {
  /** Which strategy it came from. */
  provider: 'tiktok'
  /** TikTok's id of the user for this app: the only thing to recognize somebody by. */
  id: string
  /** Empty when TikTok told no name: the scope was not granted, or the profile could not be had. */
  displayName: string
  /** Needs `user.info.profile`. */
  username?: string
  /** Needs `user.info.profile`. */
  profileUrl?: string
  /** Pictures, the usual size first. */
  photos?: { value: string }[]
  /** The user object as TikTok sent it, as JSON. */
  _raw?: string
  /** The user object as TikTok sent it. */
  _json?: Readonly<Record<string, unknown>>
}

/** Makes a profile of what is known: at least who it is. */
export function profileOf({ openId, user }: Pick<Login, 'openId' | 'user'>): TikTokProfile {
  if (user === undefined) return { provider: 'tiktok', id: openId, displayName: '' }
  const { displayName, username, raw, profileDeepLink, profileWebLink } = user
  const profileUrl = profileWebLink ?? profileDeepLink
  const pictures = [user.avatarUrl, user.avatarLargeUrl, user.avatarUrl100].filter((url) => url !== undefined)
  return {
    provider: 'tiktok',
    id: openId,
    displayName: displayName ?? username ?? '',
    ...(username !== undefined && { username }),
    ...(profileUrl !== undefined && { profileUrl }),
    ...(pictures.length > 0 && { photos: [...new Set(pictures)].map((value) => ({ value })) }),
    _raw: JSON.stringify(raw),
    _json: raw,
  }
}
