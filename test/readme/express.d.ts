// What the fragments of the package's README take for granted.
import type { ExpressTikTokAuthOptions, tiktokAuth as Create, TikTokMiddleware } from '@tiktok-auth/express'
import type { isTikTokAuthError as Is } from '@tiktok-auth/core'
import type expressModule from 'express'
import type util from 'node:util'

interface User {
  readonly id: string
  readonly tiktokOpenId?: string
}

declare global {
  const express: typeof expressModule
  const promisify: typeof util.promisify
  const app: expressModule.Express
  const options: ExpressTikTokAuthOptions
  const tiktok: TikTokMiddleware
  const tiktokAuth: typeof Create
  const isTikTokAuthError: typeof Is
  type ErrorRequestHandler = expressModule.ErrorRequestHandler
  const users: {
    find(id: string | undefined): Promise<User | undefined>
    findByTikTok(openId: string): Promise<User | undefined>
    findOrCreate(user: { tiktokOpenId: string }): Promise<User>
    update(
      id: string | undefined,
      changes: { tiktokOpenId?: string; name?: string | undefined },
    ): Promise<void>
    addAccount(id: string | undefined, openId: string): Promise<void>
  }
  const userIdOf: (from: { session: { userId?: string | undefined } }) => string
  const sessions: { create(openId: string): Promise<string> }
  namespace Express {
    interface Request {
      // What express-session puts there.
      session: {
        userId?: string | undefined
        currentOpenId?: string | undefined
        regenerate(done: (error: unknown) => void): void
        save(done: (error: unknown) => void): void
      }
    }
  }
}
