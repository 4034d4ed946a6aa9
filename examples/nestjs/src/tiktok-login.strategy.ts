import { Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { TikTokStrategy, type TikTokProfile } from '@tiktok-auth/passport-tiktok'
import { Settings } from './settings'

/** What the app asks for. */
export const scope = ['user.info.basic', 'user.info.stats', 'video.list']

/** Who is signed in. */
export interface User {
  readonly openId: string
}

/** Logs people in with TikTok. `tokens` and `client` are there for whoever injects it. */
@Injectable()
export class TikTokLogin extends PassportStrategy(TikTokStrategy, 'tiktok') {
  constructor(settings: Settings) {
    super({ scope, ...settings.tiktok })
  }

  validate(_accessToken: string, _refreshToken: string, profile: TikTokProfile): User {
    return { openId: profile.id }
  }
}
