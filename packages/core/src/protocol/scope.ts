/** The scopes TikTok documents; any other string is accepted too, because the list grows. */
export type Scope =
  | 'user.info.basic'
  | 'user.info.profile'
  | 'user.info.stats'
  | 'video.list'
  | 'video.upload'
  | 'video.publish'
  | (string & {})
