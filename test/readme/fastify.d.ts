// What the fragments of the package's README take for granted.
import type { FastifyTikTokAuthOptions, tiktokAuth as Create, TikTokPlugin } from '@tiktok-auth/fastify'
import type { isTikTokAuthError as Is } from '@tiktok-auth/core'
import type { FastifyInstance } from 'fastify'
import type nodeAssert from 'node:assert/strict'

interface User {
  readonly id: string
  readonly tiktokOpenId?: string
}

declare global {
  const app: FastifyInstance
  const assert: { equal: typeof nodeAssert.equal }
  const options: FastifyTikTokAuthOptions
  const tiktok: TikTokPlugin
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

declare module 'fastify' {
  interface FastifyRequest {
    // What @fastify/session puts there.
    session: {
      userId?: string | undefined
      currentOpenId?: string | undefined
      regenerate(): Promise<void>
      save(): Promise<void>
    }
  }
}
