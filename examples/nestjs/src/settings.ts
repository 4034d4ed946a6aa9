import type { DemoLinks } from '@tiktok-auth/example-view'
import type { TikTokStrategyOptions } from '@tiktok-auth/passport-tiktok'

/** What the app is started with. */
export class Settings {
  constructor(
    readonly tiktok: TikTokStrategyOptions,
    readonly demo?: DemoLinks,
  ) {}
}
