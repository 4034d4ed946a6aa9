import { memoryTokenStore, type TikTokAuthOptions } from '@tiktok-auth/core'
import { createEmulator, type Emulator } from '@tiktok-auth/emulator'
import { randomBytes } from 'node:crypto'

/** The other side of the wire, and an app's options for it. */
export interface Account<Options> {
  readonly emulator: Emulator
  readonly options: Options
}

/** Registers an app with an emulator of its own, whose clock and `fetch` it uses. */
export function register<Options extends TikTokAuthOptions<never>>(
  overrides: Partial<Options> = {},
): Account<Options> {
  const redirectUri = overrides.redirectUri ?? 'https://app.example/auth/tiktok/callback'
  const client = { clientKey: overrides.clientKey ?? 'awkey1', clientSecret: 'client-secret-1' }
  const emulator = createEmulator({ clients: [{ ...client, redirectUris: [redirectUri], platform: 'web' }] })
  const usual: TikTokAuthOptions<never> = {
    ...client,
    redirectUri,
    secret: randomBytes(32).toString('base64url'),
    scope: ['user.info.basic', 'video.list'],
    store: memoryTokenStore(),
    fetch: emulator.fetch,
    now: () => emulator.now(),
  }
  return { emulator, options: { ...usual, ...overrides } as Options }
}
