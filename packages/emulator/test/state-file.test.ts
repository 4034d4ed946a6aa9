import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Emulator, EmulatorOptions } from '../src/index.ts'
import { authorizeUrl, redirectUri, start, webClient } from './support.ts'

let folder: string
let stateFile: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiktok-auth-state-'))
  stateFile = join(folder, 'state.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

const restart = (options: Partial<EmulatorOptions> = {}): Emulator => start({ stateFile, ...options })

type Tokens = { access_token: string; refresh_token: string; error?: string }

async function ask(emulator: Emulator, fields: Record<string, string>): Promise<Tokens> {
  const { clientKey, clientSecret } = webClient
  const body = new URLSearchParams({
    client_key: clientKey,
    client_secret: clientSecret,
    ...fields,
  }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const reply = await emulator.fetch(emulator.endpoints.tokenEndpoint, { method: 'POST', headers, body })
  return (await reply.json()) as Tokens
}

const refresh = (emulator: Emulator, token: string): Promise<Tokens> =>
  ask(emulator, { grant_type: 'refresh_token', refresh_token: token })

async function logIn(emulator: Emulator, user: string): Promise<Tokens> {
  const code = (await emulator.consent(authorizeUrl(), { user })).searchParams.get('code') ?? ''
  return ask(emulator, { grant_type: 'authorization_code', code, redirect_uri: redirectUri })
}

test('a login outlives the emulator, used tokens stay used', async () => {
  const first = await logIn(restart(), 'mia')
  const second = await refresh(restart(), first.refresh_token)
  const emulator = restart()
  expect(emulator.grants).toMatchObject([{ userId: 'mia', state: 'active', rotations: 1 }])
  expect(await refresh(emulator, first.refresh_token)).toMatchObject({ error: 'invalid_grant' })
  expect(emulator.requests.at(-1)).toMatchObject({ replay: true })
  const third = await refresh(restart(), second.refresh_token)
  expect(third.refresh_token).toMatch(/^rft\./)
})

test('what ended stays ended, and a grace period goes on', async () => {
  const grace = { behavior: { rotation: { graceMs: 60_000, reply: 'same_pair' } } } as const
  const one = restart(grace)
  const mia = await logIn(one, 'mia')
  const noor = await logIn(one, 'noor')
  const next = await refresh(one, mia.refresh_token)
  one.removeApp('noor', webClient.clientKey)
  const other = restart(grace)
  expect(await refresh(other, mia.refresh_token)).toMatchObject({ refresh_token: next.refresh_token })
  expect(await refresh(other, noor.refresh_token)).toMatchObject({ error: 'invalid_grant' })
  expect(other.grants.map(({ state }) => state)).toEqual(['active', 'removed'])
  await logIn(other, 'noor')
  expect(new Set(restart().grants.map(({ id }) => id)).size).toBe(3)
})

test('users who were added, and a clock that was moved, are there again', async () => {
  const one = restart({ now: () => 1_800_000_000_000 })
  one.users.add({ displayName: 'Zoë' })
  one.advance(7_200_000)
  const other = restart({ now: () => 1_800_000_000_000 })
  expect(other.users.list()).toEqual(one.users.list())
  expect(other.now()).toBe(1_800_007_200_000)
})

test('forms of the dashboard are kept as well', async () => {
  const { origin, close } = await restart().listen()
  const headers = { accept: 'application/json', origin, 'content-type': 'application/x-www-form-urlencoded' }
  await fetch(`${origin}/_emulator/users`, { method: 'POST', headers, body: 'displayName=Kim' })
  await close()
  expect(restart().users.list().at(-1)).toMatchObject({ displayName: 'Kim' })
})

test.skipIf(process.platform === 'win32')('the file is for its owner alone', async () => {
  await logIn(restart(), 'mia')
  expect(statSync(stateFile).mode & 0o777).toBe(0o600)
  expect(readFileSync(stateFile, 'utf8')).toContain('rft.')
})

test('a file that is none of this version is named, not overwritten', () => {
  for (const text of ['{', '[]', '{"version":2}']) {
    writeFileSync(stateFile, text)
    expect(() => restart()).toThrow(/^stateFile: .*state\.json .*remove it to begin anew/)
    expect(readFileSync(stateFile, 'utf8')).toBe(text)
  }
})
