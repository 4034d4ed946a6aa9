import { memoryTokenStore } from '@tiktok-auth/core'
import { createEmulator, type Emulator } from '@tiktok-auth/emulator'
import { randomBytes } from 'node:crypto'
import { tiktokAuth, type TikTokHandler, type WebTikTokAuthOptions } from '../../src/index.ts'

/** An app without a server, and its own TikTok. */
export interface Rig {
  readonly emulator: Emulator
  readonly tiktok: TikTokHandler
}

/** Creates the handler of an app that is registered with an emulator of its own. */
export function createRig(overrides: Partial<WebTikTokAuthOptions> = {}): Rig {
  const redirectUri = overrides.redirectUri ?? 'https://app.example/auth/tiktok/callback'
  const client = { clientKey: 'awkey1', clientSecret: 'client-secret-1' }
  const emulator = createEmulator({
    clients: [{ ...client, redirectUris: [redirectUri], platform: 'web' }],
    ...(overrides.now && { now: overrides.now }),
  })
  const tiktok = tiktokAuth({
    ...client,
    redirectUri,
    secret: randomBytes(32).toString('base64url'),
    store: memoryTokenStore(),
    fetch: emulator.fetch,
    now: () => emulator.now(),
    ...overrides,
  })
  return { emulator, tiktok }
}

/** A page that somebody opens, with these cookies. */
export function page(path: string, cookie = ''): Request {
  const headers = { accept: 'text/html', 'sec-fetch-mode': 'navigate', ...(cookie && { cookie }) }
  return new Request(new URL(path, 'https://app.example'), { headers })
}

/** The cookies that a response sets, as a browser sends them back. */
export function cookiesOf(response: Response | undefined): string {
  const set = response?.headers.getSetCookie() ?? []
  return set.map((line) => line.split(';', 1)[0] ?? '').join('; ')
}

/** Starts a login and comes back; gives the callback's request. */
export async function callbackOf(
  { tiktok, emulator }: Rig,
  consent: { readonly cancel?: boolean } = {},
): Promise<Request> {
  const start = await tiktok(page('/auth/tiktok?returnTo=/in'))
  const { pathname, search } = await emulator.consent(start?.headers.get('location') ?? '', consent)
  return page(pathname + search, cookiesOf(start))
}

/** Logs somebody in; gives their cookie. */
export async function logIn(rig: Rig): Promise<string> {
  const answer = await rig.tiktok(await callbackOf(rig))
  return cookiesOf(answer)
    .split('; ')
    .filter((cookie) => cookie.includes('session'))
    .join('; ')
}
