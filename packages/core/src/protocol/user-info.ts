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
  readonly openId: string
  readonly unionId?: string
  readonly avatarUrl?: string
  readonly avatarUrl100?: string
  readonly avatarLargeUrl?: string
  readonly displayName?: string
  readonly bioDescription?: string
  readonly profileDeepLink?: string
  readonly profileWebLink?: string
  readonly isVerified?: boolean
  readonly username?: string
  readonly followerCount?: number
  readonly followingCount?: number
  readonly likesCount?: number
  readonly videoCount?: number
  /** The user object as TikTok sent it, fields unknown to this version included. */
  readonly raw: Readonly<Record<string, unknown>>
}
