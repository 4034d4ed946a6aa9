// What the fragments of the package's README take for granted.
import type { memoryTokenStore as Memory } from '@tiktok-auth/core'
import type {
  TikTokStrategy as Strategy,
  TikTokStrategyOptions,
  VerifyFunction,
} from '@tiktok-auth/passport-tiktok'
import type { Express as App } from 'express'
import type passportModule from 'passport'

declare global {
  const app: App
  const passport: typeof passportModule
  const options: TikTokStrategyOptions
  const verify: VerifyFunction
  const TikTokStrategy: typeof Strategy
  const memoryTokenStore: typeof Memory
  const users: { link(id: string | undefined, openId: string): Promise<void> }
  namespace Express {
    interface User {
      id: string
      name?: string
    }
    interface Request {
      // What `passport.authorize` puts there.
      account: { id: string }
    }
  }
}
