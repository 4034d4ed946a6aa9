import type { Emulator } from '@tiktok-auth/emulator'
import type { HttpBrowser, Page } from './http-browser.ts'

/** What the person does at TikTok, and where the login starts. Default: the login route. */
export type Consent = NonNullable<Parameters<Emulator['consent']>[1]> & { readonly login?: string }

interface Player {
  readonly browser: HttpBrowser
  readonly emulator: Emulator
}

/** Starts a login and gives TikTok's callback, as a path. */
export async function startLogin(
  { browser, emulator }: Player,
  { login = '/auth/tiktok', ...consent }: Consent = {},
): Promise<string> {
  const start = await browser.open(login)
  if (start.status !== 303 || start.location === undefined)
    throw new Error(`No login: ${start.status} ${start.body}`)
  const callback = await emulator.consent(start.location, consent)
  return callback.pathname + callback.search
}

/** Logs somebody in; gives the answer to the callback. */
export async function logIn(player: Player, consent: Consent = {}): Promise<Page> {
  return player.browser.open(await startLogin(player, consent))
}

/** How many requests reached TikTok's token endpoint, of one grant type or of all. */
export function tokenRequests({ emulator }: Pick<Player, 'emulator'>, grantType?: string): number {
  return emulator.requests.filter(
    (entry) => entry.endpoint === 'token' && (grantType === undefined || entry.grantType === grantType),
  ).length
}

/** The session cookies that an answer sets. */
export function sessionsOf({ cookies }: Page): readonly string[] {
  return cookies.filter((cookie) => /tiktok-session.*=[^;]/.test(cookie))
}
