import type { TokenSet } from '../../src/index.ts'
import { OAuthResponseError } from '../../src/index.ts'
import type { TikTokClient } from '../../src/protocol/client.ts'

/** What a fake client was asked, and what it answers. */
export interface FakeTikTok {
  readonly client: TikTokClient
  /** Refresh tokens in the order they were sent. */
  readonly sent: string[]
  readonly revoked: string[]
  readonly fetched: { accessToken: string; path: string }[]
  /** Answers the next refreshes, in order; afterwards every refresh succeeds. */
  readonly replies: ((sent: string) => Promise<TokenSet>)[]
  answerRevoke: () => Promise<void>
  answerFetch: (accessToken: string, path: string) => Promise<Response>
}

export const openId = '723f24d7-e717-40f8-a2b6-cb8464cd23b4'

let serial = 0

export function tokenSet(fields: Partial<TokenSet> = {}): TokenSet {
  serial++
  const issuedAt = fields.issuedAt ?? Date.now()
  return {
    openId,
    scope: ['user.info.basic'],
    tokenType: 'Bearer',
    accessToken: `act.${serial}`,
    issuedAt,
    expiresAt: issuedAt + 7_200_000,
    refreshToken: `rft.${serial}`,
    refreshTokenExpiresAt: issuedAt + 15_552_000_000,
    ...fields,
  }
}

/** A token set whose access token has expired. */
export function expired(fields: Partial<TokenSet> = {}): TokenSet {
  return tokenSet({ issuedAt: Date.now() - 7_300_000, ...fields })
}

export function oauthError(
  error: string,
  fields: { httpStatus?: number; retryAfterMs?: number } = {},
): OAuthResponseError {
  return new OAuthResponseError({ endpoint: 'token', error, httpStatus: 400, ...fields })
}

export function fakeTikTok(clientKey = 'awfakeclientkey'): FakeTikTok {
  const unused = (): never => {
    throw new Error('not part of this test')
  }
  const fake: FakeTikTok = {
    sent: [],
    revoked: [],
    fetched: [],
    replies: [],
    answerRevoke: async () => {},
    answerFetch: async () => Response.json({}),
    client: {
      clientKey,
      redirectUri: undefined,
      pkce: false,
      codeChallengeEncoding: 'hex',
      timeoutMs: 10_000,
      authorizationUrl: unused,
      exchangeCode: unused,
      clientToken: unused,
      userInfo: unused,
      async refresh(refreshToken, previous) {
        fake.sent.push(refreshToken)
        const reply = fake.replies.shift()
        if (reply !== undefined) return reply(refreshToken)
        return tokenSet({ openId: previous?.openId ?? openId })
      },
      async revoke(accessToken) {
        fake.revoked.push(accessToken)
        await fake.answerRevoke()
      },
      async fetch(accessToken, path) {
        fake.fetched.push({ accessToken, path })
        return fake.answerFetch(accessToken, path)
      },
    },
  }
  return fake
}
