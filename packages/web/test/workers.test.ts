import { PGlite } from '@electric-sql/pglite'
import { postgresTokenStore } from '@tiktok-auth/store-postgres'
import type { Miniflare } from 'miniflare'
import { randomBytes } from 'node:crypto'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createRig, logIn, type Rig } from './support/rig.ts'
import { startWorker } from './support/start-worker.ts'

const minute = 60_000
const secret = randomBytes(32).toString('base64url')
const redirectUri = 'https://app.example/auth/tiktok/callback'

let database: PGlite
const http = createServer((req, res) => {
  void (async () => {
    let body = ''
    for await (const chunk of req) body += String(chunk)
    const { text, values } = JSON.parse(body) as { text: string; values: string[] }
    const { rows } = await database.query(text, values)
    res.setHeader('content-type', 'application/json')
    res.end(JSON.stringify({ rows }))
  })().catch((error: unknown) => res.writeHead(500).end(String(error)))
})
beforeAll(async () => {
  database = await PGlite.create()
  await postgresTokenStore(database).setup()
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  http.close()
  http.closeAllConnections()
  await database.close()
})

/** Somebody who logged in on Node, whose cookie is now sent to the same app on workerd. */
let rig: Rig
let cookie: string
let aheadMs = 0
let closeEmulator: (() => Promise<void>) | undefined
let worker: Miniflare | undefined

beforeEach(async () => {
  aheadMs = 0
  const now = (): number => Date.now() + aheadMs
  rig = createRig({ redirectUri, secret, store: postgresTokenStore(database), now })
  // Logged in so long ago that the token has four minutes left: usable, and about to be refreshed.
  aheadMs = -116 * minute
  cookie = await logIn(rig)
  aheadMs = 0
})
afterEach(async () => {
  await worker?.dispose()
  worker = undefined
  await closeEmulator?.()
})

async function start({ holds }: { holds: boolean }): Promise<void> {
  const listening = await rig.emulator.listen()
  closeEmulator = listening.close
  const { tokenEndpoint, revocationEndpoint, apiOrigin } = listening.endpoints
  const { port } = http.address() as AddressInfo
  worker = await startWorker({
    databaseUrl: `http://127.0.0.1:${port}/`,
    holds,
    options: {
      clientKey: 'awkey1',
      clientSecret: 'client-secret-1',
      redirectUri,
      secret,
      endpoints: { tokenEndpoint, revocationEndpoint, apiOrigin },
    },
  })
}

async function ask(): Promise<string> {
  const headers = { cookie, accept: 'application/json' }
  if (worker === undefined) throw new Error('There is no worker.')
  const reply = await worker.dispatchFetch('https://app.example/', { headers })
  expect(reply.status).toBe(200)
  return ((await reply.json()) as { accessToken: string }).accessToken
}

const refreshes = () => rig.emulator.requests.filter(({ grantType }) => grantType === 'refresh_token')
const openId = () => rig.emulator.grants[0]?.openId ?? ''

/** What TikTok thinks of the refresh token that is stored. */
async function storedToken(): Promise<string | undefined> {
  const { refreshToken } = await rig.tiktok.tokens.get(openId())
  return rig.emulator.grants[0]?.tokens.find(({ value }) => value === refreshToken)?.state
}

/** Has TikTok rotate, and keep its answer back until the Worker has answered. */
async function answerFirst(): Promise<void> {
  const held = rig.emulator.faults.next('token', { kind: 'hold', phase: 'after', grantType: 'refresh_token' })
  const old = rig.emulator.grants[0]?.tokens.find(({ kind }) => kind === 'access')?.value
  expect(await ask()).toBe(old)
  await held.reached
  expect(await storedToken()).toBe('consumed')
  held.release()
  await vi.waitFor(() => expect(refreshes().map(({ durationMs }) => typeof durationMs)).toEqual(['number']))
}

test('with waitUntil a refresh is stored although the response has gone', async () => {
  await start({ holds: true })
  await answerFirst()
  await vi.waitFor(async () => expect(await storedToken()).toBe('live'), 10_000)
  expect(refreshes()).toHaveLength(1)
})

test('without it the runtime ends the refresh, and the token that is stored stays a used one', async () => {
  await start({ holds: false })
  await answerFirst()
  // Time in which the other one has long been stored.
  await new Promise((resolve) => setTimeout(resolve, 2000))
  expect(await storedToken()).toBe('consumed')
})

/** Logs somebody in so long ago that the token has ended. */
async function logInLongAgo(): Promise<void> {
  aheadMs = -130 * minute
  cookie = await logIn(rig)
  aheadMs = 0
}

test('requests of one isolate share a refresh', async () => {
  await logInLongAgo()
  await start({ holds: true })
  rig.emulator.faults.next('token', { kind: 'delay', ms: 300, grantType: 'refresh_token' })
  const tokens = await Promise.all(Array.from({ length: 10 }, ask))
  expect(new Set(tokens).size).toBe(1)
  expect(refreshes().map(({ effect, replay }) => [effect, replay])).toEqual([['ok', false]])
})

test('a visitor who leaves takes no refresh along, and those who wait for it get it', async () => {
  await logInLongAgo()
  await start({ holds: true })
  const held = rig.emulator.faults.next('token', { kind: 'hold', phase: 'after', grantType: 'refresh_token' })
  const leaving = request((await worker?.ready) ?? '', { headers: { cookie, accept: 'application/json' } })
  leaving.on('error', () => undefined).end()
  await held.reached
  const waiting = [ask(), ask()]
  leaving.destroy()
  // So that the runtime has heard of it.
  await new Promise((resolve) => setTimeout(resolve, 500))
  held.release()
  const live = rig.emulator.grants[0]?.tokens
    .filter(({ state }) => state === 'live')
    .map(({ value }) => value)
  for (const token of await Promise.all(waiting)) expect(live).toContain(token)
  expect(await storedToken()).toBe('live')
  expect(refreshes()).toHaveLength(1)
})
