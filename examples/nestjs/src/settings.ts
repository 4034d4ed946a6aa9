import type { TokenStore } from '@tiktok-auth/core'
import type { DemoLinks } from '@tiktok-auth/example-view'
import type { TikTokStrategyOptions } from '@tiktok-auth/passport-tiktok'

/** The strategy's options, with the store that keeps the grants. */
export type Options = TikTokStrategyOptions & { readonly store: TokenStore }

/** What the app is started with. */
export class Settings {
  constructor(
    readonly tiktok: Options,
    readonly demo?: DemoLinks,
  ) {}
}
