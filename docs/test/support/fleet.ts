import {
  createTikTokClient,
  createTokenManager,
  type TikTokClient,
  type TokenManager,
  type TokenSet,
  type TokenStore,
} from '@tiktok-auth/core'
import { createEmulator, defaultBehavior, type Emulator, type JournalEntry } from '@tiktok-auth/emulator'

const app = { clientKey: 'awfleet', clientSecret: 'secret' }
const redirectUri = 'https://app.example.com/auth/tiktok/callback'

/** Many users whose grants are due, and a TikTok that notes every refresh. */
export interface Fleet {
  /** A token manager as another process has it: nothing shared but the store's backend. */
  member(store: TokenStore): TokenManager
  /** How many grants each member has refreshed. */
  refreshedBy(): readonly number[]
  refreshes(): readonly JournalEntry[]
  close(): Promise<void>
}

/** Logs users in, and lets time pass until their grants want a refresh. */
export async function createFleet(store: TokenStore, users: number): Promise<Fleet> {
  const emulator = createEmulator({
    clients: [{ ...app, redirectUris: [redirectUri], platform: 'web' }],
    users: Array.from({ length: users }, (_, user) => ({ id: `user-${user}`, displayName: `User ${user}` })),
  })
  const listening = await emulator.listen()
  const { tokenEndpoint, revocationEndpoint, apiOrigin } = listening.endpoints
  const client = createTikTokClient({
    ...app,
    redirectUri,
    endpoints: { tokenEndpoint, revocationEndpoint, apiOrigin },
    now: () => emulator.now(),
  })
  const first = createTokenManager(client, store)
  for (let user = 0; user < users; user++) await first.save(await logIn(emulator, client, `user-${user}`))
  // More than half the life of a refresh token.
  emulator.advance(defaultBehavior.refreshTokenLifetimeMs * 0.6)
  // Slow enough for one member's request to meet another's.
  emulator.faults.always('token', { kind: 'delay', ms: 20 })
  const counts: number[] = []
  return {
    member(own) {
      const index = counts.push(0) - 1
      return createTokenManager(client, own, {
        onEvent: ({ type }) => {
          if (type === 'refreshed') counts[index] = (counts[index] ?? 0) + 1
        },
      })
    },
    refreshedBy: () => counts,
    refreshes: () => emulator.requests.filter(({ grantType }) => grantType === 'refresh_token'),
    close: () => listening.close(),
  }
}

async function logIn(emulator: Emulator, client: TikTokClient, user: string): Promise<TokenSet> {
  const url = client.authorizationUrl({ state: 'state', scope: ['user.info.basic'] })
  const callback = await emulator.consent(url, { user })
  return client.exchangeCode({ code: callback.searchParams.get('code') ?? '' })
}

/** What TikTok saw of the work, and who did it. */
export interface Work {
  readonly requests: number
  /** How many different tokens were sent. */
  readonly tokens: number
  /** Requests that were refused, or sent a used token. */
  readonly refused: readonly JournalEntry[]
  readonly refreshed: number
  /** Whether one member did it all. */
  readonly alone: boolean
}

/** Sums up what a fleet has done so far. */
export function workOf(fleet: Fleet): Work {
  const refreshes = fleet.refreshes()
  const shares = fleet.refreshedBy()
  return {
    requests: refreshes.length,
    tokens: new Set(refreshes.map(({ presented }) => presented)).size,
    refused: refreshes.filter(({ effect, replay }) => effect !== 'ok' || replay),
    refreshed: shares.reduce((sum, count) => sum + count, 0),
    alone: shares.filter((count) => count > 0).length === 1,
  }
}
