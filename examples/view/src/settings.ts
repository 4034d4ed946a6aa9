import process from 'node:process'

/** What an example is started with to talk to the real TikTok. */
export interface Settings {
  readonly clientKey: string
  readonly clientSecret: string
  readonly redirectUri: string
  readonly secret: string
  readonly port: number
}

const wanted = {
  TIKTOK_CLIENT_KEY: 'the client key of your app, from the developer portal',
  TIKTOK_CLIENT_SECRET: 'the client secret beside it',
  TIKTOK_REDIRECT_URI: 'a redirect URI registered there, such as https://your.domain/auth/tiktok/callback',
  TIKTOK_AUTH_SECRET: 'a secret of your own: node -p "crypto.randomBytes(32).toString(\'base64url\')"',
}

/** Reads the settings from the environment. Says what is missing, and ends the process, when something is. */
export function readSettings(): Settings {
  const { TIKTOK_CLIENT_KEY, TIKTOK_CLIENT_SECRET, TIKTOK_REDIRECT_URI, TIKTOK_AUTH_SECRET, PORT } =
    process.env
  if (!TIKTOK_CLIENT_KEY || !TIKTOK_CLIENT_SECRET || !TIKTOK_REDIRECT_URI || !TIKTOK_AUTH_SECRET) {
    console.error('This example talks to the real TikTok and needs:\n')
    for (const [name, meaning] of Object.entries(wanted)) {
      console.error(`  ${process.env[name] ? 'set    ' : 'missing'}  ${name}: ${meaning}`)
    }
    console.error(
      '\nTo try it without any of that, run `npm run demo` at the root: it brings its own TikTok.',
    )
    process.exit(1)
  }
  return {
    clientKey: TIKTOK_CLIENT_KEY,
    clientSecret: TIKTOK_CLIENT_SECRET,
    redirectUri: TIKTOK_REDIRECT_URI,
    secret: TIKTOK_AUTH_SECRET,
    port: Number(PORT ?? 3000),
  }
}
