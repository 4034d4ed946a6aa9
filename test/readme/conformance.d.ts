// What the fragments of the package's README take for granted.
import type { TokenStore } from '@tiktok-auth/core'

type Query = (sql: string, values: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>

declare global {
  /** The store of the block before. */
  const ownTokenStore: (query: Query) => TokenStore
  const connect: () => Promise<{ readonly query: Query; close(): Promise<void> }>
  const connectAndClose: () => Promise<{ readonly query: Query }>
}
