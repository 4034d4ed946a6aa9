// Modules that the README's examples import and this repository does not have.
declare module '@/tiktok' {
  import type { TikTokHandler } from '@tiktok-auth/web'
  export const tiktok: TikTokHandler
}

declare module 'next/server' {
  export function after(work: Promise<unknown>): void
}

declare module 'cloudflare:workers' {
  export function waitUntil(work: Promise<unknown>): void
  export const env: {
    readonly TIKTOK_CLIENT_KEY: string
    readonly TIKTOK_CLIENT_SECRET: string
    readonly TIKTOK_AUTH_SECRET: string
  }
}
