import type { ServeApp, SiteRoute, SiteSetup, TokenStoreSubject } from '@tiktok-auth/conformance'

declare global {
  const test: (name: string, run: () => Promise<void>) => void
  const after: (run: () => unknown) => void
  const serve: ServeApp
  const setup: SiteSetup
  const createSubject: () => Promise<TokenStoreSubject>
  const app: { use(middleware: unknown): void } & Record<
    SiteRoute['method'],
    (path: string, handle: unknown) => void
  >
  const tiktokAuth: (options: object) => unknown
  const handler: (handle: SiteRoute['handle']) => unknown
}
