import { createHash } from 'node:crypto'

export const clientKey = 'browser-app'
export const clientSecret = 'browser-secret'
export const verifier: string = 'a'.repeat(43)
const scopes = ['user.info.basic', 'user.info.stats', 'video.list']

/** Returns the address at which a desktop app starts a login. */
export function buildAuthorizeUrl(origin: string, redirectUri: string): string {
  const url = new URL(`${origin}/v2/auth/authorize/`)
  const code_challenge = createHash('sha256').update(verifier).digest('hex')
  const fixed = { client_key: clientKey, response_type: 'code', redirect_uri: redirectUri, state: 'state-1' }
  const query = { ...fixed, scope: scopes.join(','), code_challenge, code_challenge_method: 'S256' }
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url.href
}

/** Asks the token endpoint as that app. */
export async function postToken(
  origin: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const body = new URLSearchParams({
    client_key: clientKey,
    client_secret: clientSecret,
    ...parameters,
  }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const reply = await fetch(`${origin}/v2/oauth/token/`, { method: 'POST', headers, body })
  return (await reply.json()) as Record<string, unknown>
}
