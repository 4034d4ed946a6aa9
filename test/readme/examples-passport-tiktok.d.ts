import type { Express as App } from 'express'
import type passportModule from 'passport'

declare global {
  const app: App
  const passport: typeof passportModule
  const users: { findOrCreate(openId: string): Promise<Express.User> }
}
