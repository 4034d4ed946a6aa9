import { randomBytes } from 'node:crypto'

/** A token endpoint without a network, so that what is measured is the store and this project. */
export interface FakeTikTok {
  readonly fetch: typeof globalThis.fetch
  /** How many refresh tokens were rotated. */
  rotated(): number
}

/** Makes one that takes each refresh token once. */
export function createFakeTikTok(): FakeTikTok {
  const used = new Set<string>()
  async function answer(_url: unknown, init?: { readonly body?: unknown }): Promise<Response> {
    const form = new URLSearchParams(String(init?.body))
    const token = form.get('refresh_token') ?? ''
    if (used.has(token)) throw new Error('A refresh token was sent twice.')
    used.add(token)
    // Who it belongs to stands in the token.
    const openId = token.split('!')[1] ?? ''
    return Response.json({
      ...tokens(openId),
      open_id: openId,
      scope: 'user.info.basic',
      token_type: 'Bearer',
    })
  }
  return { fetch: answer as typeof globalThis.fetch, rotated: () => used.size }
}

/** Tokens of the size that TikTok's have, as its token endpoint spells them. */
export function tokens(openId: string) {
  const end = `${randomBytes(42).toString('base64url')}!${openId}!4213.va`
  return {
    access_token: `act.${end}`,
    expires_in: 7_200,
    refresh_token: `rft.${end}`,
    refresh_expires_in: 15_552_000,
  }
}
