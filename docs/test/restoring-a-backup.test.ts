import { createSecretSealer, type GrantStatus } from '@tiktok-auth/core'
import { createEmulator, type Emulator } from '@tiktok-auth/emulator'
import { openSqlite, sqliteTokenStore, type SqliteTokenStore } from '@tiktok-auth/store-sqlite'
import { tiktokAuth, type TikTokHandler, type WebTikTokAuthOptions } from '@tiktok-auth/web'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

// What docs/restoring-a-backup.md says, with a real file.
const client = { clientKey: 'awbackup', clientSecret: 'secret' }
const redirectUri = 'https://app.example/auth/tiktok/callback'
const secret = randomBytes(32).toString('base64url')
const hours = 60 * 60 * 1000

let folder: string
let emulator: Emulator
let store: SqliteTokenStore
let app: TikTokHandler
const file = (name: string): string => join(folder, name)

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tiktok-auth-backup-'))
  emulator = createEmulator({
    clients: [{ ...client, redirectUris: [redirectUri], platform: 'web' }],
    users: ['idle', 'active', 'gone', 'new'].map((id) => ({ id, displayName: id })),
  })
  await start()
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

async function start(options: Partial<WebTikTokAuthOptions> = {}): Promise<void> {
  store = sqliteTokenStore(await openSqlite(file('grants.sqlite')))
  await store.setup()
  app = tiktokAuth({
    ...client,
    redirectUri,
    secret,
    store,
    fetch: emulator.fetch,
    now: () => emulator.now(),
    ...options,
  })
}

async function backUp(name: string): Promise<void> {
  const database = await openSqlite(file('grants.sqlite'))
  database.exec(`VACUUM INTO '${file(name)}'`)
  database.close()
}

/** Stops every process, puts a file in the place of the store, starts again. */
async function restore(name: string, options?: Partial<WebTikTokAuthOptions>): Promise<void> {
  await app.tokens.close()
  await store.close()
  for (const side of ['-wal', '-shm']) rmSync(file(`grants.sqlite${side}`), { force: true })
  renameSync(file(name), file('grants.sqlite'))
  await start(options)
}

const page = (path: string, cookie = ''): Request => {
  const headers = { accept: 'text/html', 'sec-fetch-mode': 'navigate', ...(cookie && { cookie }) }
  return new Request(new URL(path, 'https://app.example'), { headers })
}
const cookiesOf = (response: Response | undefined): string =>
  (response?.headers.getSetCookie() ?? []).map((line) => line.split(';', 1)[0] ?? '').join('; ')

/** Logs in; gives the session's cookie. */
async function logIn(user: string): Promise<string> {
  const begun = await app(page('/auth/tiktok?returnTo=/in'))
  const { pathname, search } = await emulator.consent(begun?.headers.get('location') ?? '', { user })
  return cookiesOf(await app(page(pathname + search, cookiesOf(begun))))
}

const openIdOf = (user: string): string => emulator.grants.find(({ userId }) => userId === user)?.openId ?? ''
const statusOf = (user: string): Promise<GrantStatus> => app.tokens.status(openIdOf(user))
/** What a visit comes to: a connected user's, or the reason to log in. */
const visit = (user: string): Promise<string> =>
  app.tokens.get(openIdOf(user)).then(
    () => 'connected',
    (error: { reason?: string; code?: string }) => error.reason ?? error.code ?? 'an error of no kind',
  )
const isSignedIn = async (cookie: string): Promise<boolean> =>
  (await app.requireLogin(page('/in', cookie))) === undefined

test('each grant fares as the page says', async () => {
  for (const user of ['idle', 'active', 'gone']) await logIn(user)
  await backUp('last-night')
  emulator.advance(3 * hours)
  expect(await visit('active')).toBe('connected')
  await app.tokens.revoke(openIdOf('gone'))
  await logIn('new')

  await restore('last-night')
  expect((await statusOf('gone')).state).toBe('connected')
  expect(await visit('idle')).toBe('connected')
  expect(await visit('active')).toBe('refresh_token_rejected')
  expect(await visit('gone')).toBe('refresh_token_rejected')
  expect(await visit('new')).toBe('no_grant')
})

test('a login over a rejected grant keeps its connection, and with it the user’s sessions', async () => {
  const cookie = await logIn('active')
  const { connectionId } = await statusOf('active')
  await backUp('last-night')
  emulator.advance(3 * hours)
  await visit('active')
  await restore('last-night')
  await visit('active')
  await logIn('active')
  expect(await statusOf('active')).toMatchObject({ state: 'connected', connectionId })
  expect(await isSignedIn(cookie)).toBe(true)
})

test('what was rejected over an older copy by mistake lives again with the newer one', async () => {
  await logIn('active')
  await backUp('last-night')
  emulator.advance(3 * hours)
  await visit('active')
  await backUp('newest')
  await restore('last-night')
  expect(await visit('active')).toBe('refresh_token_rejected')
  await restore('newest')
  expect(await visit('active')).toBe('connected')
})

test('a session that a disconnect had ended is back with its row, unless the secret is another one', async () => {
  const cookie = await logIn('gone')
  await backUp('last-night')
  await app.tokens.revoke(openIdOf('gone'))
  expect(await isSignedIn(cookie)).toBe(false)
  await restore('last-night')
  expect(await isSignedIn(cookie)).toBe(true)

  await backUp('again')
  const changed = { secret: randomBytes(32).toString('base64url'), encryption: createSecretSealer(secret) }
  await restore('again', changed)
  expect(await isSignedIn(cookie)).toBe(false)
  expect((await statusOf('gone')).connectionId).toBeTypeOf('string')
})
