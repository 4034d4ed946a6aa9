// What the fragments of the package's README take for granted.
import type koaRouter from '@koa/router'
import type { KoaTikTokAuthOptions, tiktokAuth as Create, TikTokMiddleware } from '@tiktok-auth/koa'
import type { isTikTokAuthError as Is } from '@tiktok-auth/core'
import type koa from 'koa'
import type koaBodyParser from 'koa-bodyparser'

interface User {
  readonly id: string
  readonly tiktokOpenId?: string
}

declare global {
  const app: koa
  const router: koaRouter
  const bodyParser: typeof koaBodyParser
  const options: KoaTikTokAuthOptions
  const tiktok: TikTokMiddleware
  const tiktokAuth: typeof Create
  const isTikTokAuthError: typeof Is
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
}

interface KoaSession {
  userId?: string | undefined
  currentOpenId?: string | undefined
  regenerate(): Promise<void>
  save(): Promise<void>
}

declare module 'koa' {
  interface DefaultContext {
    // What koa-session puts there.
    get session(): KoaSession
    set session(content: object)
  }
}
