import type { ClientToken } from './token-set.ts'

const maxLeadMs = 5 * 60 * 1000

/**
 * Keeps a client token until shortly before it expires: five minutes, or a quarter of its life if that is less.
 * Concurrent calls share one request; a failure is not kept, nor is a token whose life TikTok did not name.
 */
export function createClientTokenCache(
  request: () => Promise<ClientToken>,
  now: () => number,
): () => Promise<ClientToken> {
  let kept: { readonly token: ClientToken; readonly until: number } | undefined
  let pending: Promise<ClientToken> | undefined
  const renew = async (): Promise<ClientToken> => {
    const startedAt = now()
    try {
      const token = await request()
      const { expiresAt } = token
      kept =
        expiresAt === undefined
          ? undefined
          : { token, until: expiresAt - Math.min(maxLeadMs, (expiresAt - startedAt) / 4) }
      return token
    } finally {
      pending = undefined
    }
  }
  return () => {
    if (kept !== undefined && now() < kept.until) return Promise.resolve(kept.token)
    return (pending ??= renew())
  }
}
