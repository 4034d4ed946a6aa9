// What the fragments of the package's README take for granted.
import type { isTikTokAuthError as Is, TokenStore } from '@tiktok-auth/core'
import type { tiktokAuth as Create, WebTikTokAuthOptions } from '@tiktok-auth/web'
import type { Hono } from 'hono'

interface User {
  readonly id: string
  readonly tiktokOpenId?: string
}

declare global {
  const app: Hono
  const options: WebTikTokAuthOptions
  const store: TokenStore
  const tiktokAuth: typeof Create
  const isTikTokAuthError: typeof Is
  const Bun: { serve(options: { port: number; fetch(request: Request): Promise<Response> }): unknown }
  const Deno: {
    serve(options: { port: number }, handler: (request: Request) => Promise<Response>): unknown
  }
  const users: {
    find(id: string | undefined): Promise<User | undefined>
    findByTikTok(openId: string): Promise<User | undefined>
    findOrCreate(user: { tiktokOpenId: string }): Promise<User>
    update(
      id: string | undefined,
      changes: { tiktokOpenId?: string; name?: string | undefined },
    ): Promise<void>
  }
  const sessions: {
    userId(request: Request): Promise<string | undefined>
    /** The `Set-Cookie` line of a new session. */
    start(userId: string): Promise<string>
  }
}
