import { createEmulator } from '@tiktok-auth/emulator'
import type { Emulator, EmulatorBehavior, JournalEntry } from '@tiktok-auth/emulator'
import { describe, expect, test } from 'vitest'
import type { TikTokClient, TokenEvent, TokenManager, TokenManagerOptions } from '../../src/index.ts'
import { createTikTokClient, singleProcessTokenStore } from '../../src/index.ts'
import { systemClock } from '../../src/tokens/clock.ts'
import type { Clock } from '../../src/tokens/clock.ts'
import { checkManagerOptions } from '../../src/tokens/manager-options.ts'
import { createManagerOn } from '../../src/tokens/token-manager.ts'

// The emulator's journal is the oracle: it counts what TikTok would have seen.

const clientKey = 'awkey'
const redirectUri = 'https://app.example/auth/tiktok/callback'
const hour = 3_600_000

interface Scene {
  readonly emulator: Emulator
  readonly client: TikTokClient
  readonly tokens: TokenManager
  readonly events: TokenEvent[]
  readonly openId: string
  login(): Promise<string>
}

async function connect(
  behavior: Partial<EmulatorBehavior> = {},
  options: TokenManagerOptions = {},
): Promise<Scene> {
  const clientSecret = 'clientsecret'
  const emulator = createEmulator({
    clients: [{ clientKey, clientSecret, redirectUris: [redirectUri], platform: 'web' }],
  })
  emulator.setBehavior(behavior)
  const now = (): number => emulator.now()
  const client = createTikTokClient({ clientKey, clientSecret, redirectUri, fetch: emulator.fetch, now })
  const events: TokenEvent[] = []
  const settings = checkManagerOptions(client, { onEvent: (event) => events.push(event), ...options })
  const tokens = createManagerOn(hurried(now), settings, {
    client,
    store: singleProcessTokenStore(new Map<string, unknown>()),
  })
  async function login(): Promise<string> {
    const url = client.authorizationUrl({ state: 'state', scope: ['user.info.basic', 'video.list'] })
    const callback = await emulator.consent(url)
    const code = callback.searchParams.get('code') ?? ''
    const tokenSet = await client.exchangeCode({ code })
    await tokens.save(tokenSet)
    return tokenSet.openId
  }
  return { emulator, client, tokens, events, openId: await login(), login }
}

/** Leases and back-offs pass fifty times as fast. */
function hurried(now: () => number): Clock {
  const clock = systemClock(now)
  return {
    ...clock,
    monotonic: () => clock.monotonic() * 50,
    after: (ms, callback, keepAlive) => clock.after(ms / 50, callback, keepAlive),
  }
}

function refreshes({ emulator }: Scene): readonly JournalEntry[] {
  return emulator.requests.filter(({ grantType }) => grantType === 'refresh_token')
}

describe('one refresh per rotation', () => {
  test('a hundred callers, twenty rotations: twenty requests and no replay', async () => {
    const scene = await connect()
    for (let rotation = 1; rotation <= 20; rotation++) {
      scene.emulator.advance(3 * hour)
      const calls = Array.from({ length: 100 }, () => scene.tokens.get(scene.openId))
      const all = await Promise.all(calls)
      expect(new Set(all.map(({ accessToken }) => accessToken)).size).toBe(1)
      expect(refreshes(scene)).toHaveLength(rotation)
    }
    expect(refreshes(scene).every(({ replay, outcome }) => !replay && outcome === 'ok')).toBe(true)
  })

  test.each(['strict', 'none', 'same', 'omit'] as const)('rotation: %s', async (rotation) => {
    const scene = await connect({ rotation })
    for (let round = 0; round < 3; round++) {
      scene.emulator.advance(3 * hour)
      const { accessToken } = await scene.tokens.get(scene.openId)
      expect((await scene.client.userInfo(accessToken, ['open_id'])).openId).toBe(scene.openId)
    }
    expect(refreshes(scene)).toHaveLength(3)
    const kept = scene.events.filter(({ type }) => type === 'refresh_token_kept')
    expect(kept).toHaveLength(rotation === 'same' || rotation === 'omit' ? 3 : 0)
  })
})

describe('faults', () => {
  test('a connection reset before TikTok acted: one safe repetition', async () => {
    const scene = await connect({ reuse: 'revoke_family' })
    scene.emulator.advance(3 * hour)
    scene.emulator.faults.next('token', { kind: 'drop_before' })
    await scene.tokens.get(scene.openId)
    expect(refreshes(scene).map(({ effect }) => effect)).toEqual([undefined, 'ok'])
  })

  test(
    'a reset after TikTok rotated: one repetition, then the cause is ambiguous',
    { timeout: 60_000 },
    async () => {
      const scene = await connect()
      scene.emulator.advance(3 * hour)
      scene.emulator.faults.next('token', { kind: 'drop_after' })
      const pending = await scene.tokens.get(scene.openId).catch((error: unknown) => error)
      expect(pending).toMatchObject({ code: 'refresh_pending' })
      await scene.tokens.close()
      expect(await scene.tokens.status(scene.openId)).toMatchObject({
        state: 'needs_login',
        cause: 'ambiguous',
      })
      expect(refreshes(scene).map(({ outcome }) => outcome)).toEqual(['dropped_after', 'invalid_grant'])
      await scene.login()
      await scene.tokens.get(scene.openId)
      expect(refreshes(scene)).toHaveLength(2)
    },
  )

  test.each([
    ['HTML', { kind: 'html', status: 502 }],
    ['a status', { kind: 'status', status: 503 }],
  ] as const)('%s twice: one failure for everybody, no poisoned promise', async (_name, fault) => {
    const scene = await connect()
    scene.emulator.advance(3 * hour)
    scene.emulator.faults.next('token', fault)
    scene.emulator.faults.next('token', fault)
    const calls = Array.from({ length: 30 }, () => scene.tokens.get(scene.openId))
    const ends = await Promise.allSettled(calls)
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true)
    expect(refreshes(scene)).toHaveLength(2)
    scene.emulator.advance(60_000)
    await scene.tokens.get(scene.openId)
    expect(refreshes(scene)).toHaveLength(3)
  })

  test('another open id in the reply never reaches the row', async () => {
    const scene = await connect()
    scene.emulator.advance(3 * hour)
    scene.emulator.faults.next('token', { kind: 'set_field', field: 'open_id', value: 'somebody-else' })
    await expect(scene.tokens.get(scene.openId)).rejects.toMatchObject({ code: 'unexpected_response' })
    expect(scene.events.map(({ type }) => type)).toContain('other_open_id')
    await expect(scene.tokens.get('somebody-else')).rejects.toMatchObject({ reason: 'no_grant' })
  })

  test('a removal by the user ends in a new login, and nothing is asked twice', async () => {
    const scene = await connect()
    scene.emulator.advance(3 * hour)
    const [grant] = scene.emulator.grants
    if (grant === undefined) throw new Error('no grant')
    scene.emulator.removeApp(grant.userId, clientKey)
    for (let call = 0; call < 3; call++) {
      await expect(scene.tokens.get(scene.openId)).rejects.toMatchObject({
        code: 'reauthorization_required',
        reason: 'refresh_token_rejected',
      })
    }
    expect(refreshes(scene)).toHaveLength(1)
  })
})

describe('requests and revocation', () => {
  test('fifty requests with a token that TikTok has dropped: one refresh', async () => {
    const scene = await connect({ oldAccessTokenAfterRefresh: 'dies' })
    const { refreshToken } = await scene.tokens.get(scene.openId)
    scene.emulator.advance(5 * 60_000)
    // Somebody else's refresh drops the access token; its new tokens come back as a login.
    await scene.tokens.save(await scene.client.refresh(refreshToken))
    scene.emulator.advance(5 * 60_000)
    const before = refreshes(scene).length
    const path = '/v2/user/info/?fields=open_id'
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => scene.tokens.fetch(scene.openId, path)),
    )
    expect(replies.every(({ status }) => status === 200)).toBe(true)
    expect(refreshes(scene).length - before).toBe(0)
  })

  test('revoke ends the access token at TikTok, also when it had to be refreshed first', async () => {
    const scene = await connect()
    scene.emulator.advance(3 * hour)
    expect(await scene.tokens.revoke(scene.openId)).toEqual({ remote: 'revoked' })
    expect(await scene.tokens.revoke(scene.openId)).toEqual({ remote: 'nothing_to_revoke' })
    expect(scene.emulator.requests.filter(({ endpoint }) => endpoint === 'revoke')).toHaveLength(1)
    await expect(scene.tokens.fetch(scene.openId, '/v2/user/info/')).rejects.toMatchObject({
      reason: 'no_grant',
    })
  })

  test('an access token that TikTok revoked is refreshed by one of fifty requests', async () => {
    const scene = await connect({ oldAccessTokenAfterRefresh: 'dies' })
    const stale = await scene.tokens.get(scene.openId)
    scene.emulator.advance(120_000)
    scene.emulator.faults.next('api', {
      kind: 'status',
      status: 401,
      body: JSON.stringify({ error: { code: 'access_token_invalid' } }),
    })
    const reply = await scene.tokens.fetch(scene.openId, '/v2/user/info/?fields=open_id')
    expect(reply.status).toBe(200)
    const refused = Array.from({ length: 49 }, () =>
      scene.tokens.get(scene.openId, { refusedAccessToken: stale.accessToken }),
    )
    await Promise.all(refused)
    expect(refreshes(scene)).toHaveLength(1)
  })
})
