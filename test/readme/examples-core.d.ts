import type {
  AuthRequest,
  Exchange,
  KeyValueBacking,
  TikTokAuth,
  TikTokAuthOptions,
  TikTokClient,
  TokenStore,
  UndiciLike,
  VisitRequest,
} from '@tiktok-auth/core'

declare global {
  const client: TikTokClient
  const store: TokenStore
  const auth: TikTokAuth
  const options: TikTokAuthOptions<never>
  const request: VisitRequest
  const exchange: Exchange<[request: object]>
  const next: () => void
  const method: string
  const header: AuthRequest['header']
  const body: AuthRequest['body']
  const undici: UndiciLike
  const Keyv: new (options: { readonly store: object }) => KeyValueBacking
}
