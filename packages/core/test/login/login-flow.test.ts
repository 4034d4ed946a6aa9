import { createEmulator } from '@tiktok-auth/emulator'
import { describe, expect, it } from 'vitest'
import { createLoginFlow, createReturnToPolicy, createSealer, createTikTokClient } from '../../src/index.ts'
import type { LoginFlowOptions, TikTokClientOptions } from '../../src/index.ts'
import { sealerFromKeys } from '../../src/sealer.ts'
import { hosts, newKey } from '../hosts.ts'

const redirectUri = 'https://app.example/callback'

function setUp(options: LoginFlowOptions & Pick<TikTokClientOptions, 'pkce' | 'codeChallengeEncoding'> = {}) {
  const registered = { clientKey: 'awkey', clientSecret: 'secret' }
  const emulator = createEmulator({
    clients: [
      {
        ...registered,
        redirectUris: [redirectUri],
        platform: 'web',
        ...(options.pkce ? { pkce: 'required' as const } : {}),
      },
    ],
  })
  const { pkce, codeChallengeEncoding, ...flowOptions } = options
  const client = createTikTokClient({
    ...registered,
    redirectUri,
    fetch: emulator.fetch,
    ...(pkce === undefined ? {} : { pkce }),
    ...(codeChallengeEncoding === undefined ? {} : { codeChallengeEncoding }),
  })
  const key = newKey()
  const flow = createLoginFlow(client, createSealer([{ id: 'k', key }]), flowOptions)
  return {
    emulator,
    client,
    flow,
    key,
    tokenRequests: () => emulator.requests.filter(({ endpoint }) => endpoint === 'token'),
  }
}

describe('a login', () => {
  it('brings back what it was started with', async () => {
    const { flow, emulator } = setUp({ scope: ['user.info.basic', 'video.list'] })
    const started = await flow.start({ returnTo: '/x', bind: 'me', data: { a: [null] } })
    const { searchParams: query } = await emulator.consent(started.url, { scope: ['user.info.basic'] })
    const login = await flow.finish({ query, transaction: started.transaction, bind: 'me' })
    expect(login).toMatchObject({
      openId: login.tokenSet.openId,
      scope: ['user.info.basic'],
      missingScope: ['video.list'],
      returnTo: '/x',
      data: { a: [null] },
    })
  })

  it.each([[null], [false], [0], [''], [undefined]])('brings back small data as it was: %j', async (data) => {
    const { flow, emulator } = setUp()
    const started = await flow.start({ data })
    const { searchParams: query } = await emulator.consent(started.url)
    expect((await flow.finish({ query, transaction: started.transaction })).data).toBe(data)
  })

  it.each(hosts)('works with the crypto of %s', async (_name, host) => {
    const { client, emulator } = setUp()
    const flow = createLoginFlow(client, sealerFromKeys([{ id: 'k', key: newKey() }], { host: host }))
    const started = await flow.start()
    const { searchParams: query } = await emulator.consent(started.url)
    expect((await flow.finish({ query, transaction: started.transaction })).scope).toEqual([
      'user.info.basic',
    ])
  })

  it('proves by PKCE that it began here, where that is on', async () => {
    const { flow, emulator, tokenRequests } = setUp({ pkce: true, codeChallengeEncoding: 'hex' })
    const started = await flow.start()
    expect(started.url.searchParams.get('code_challenge')).toMatch(/^[0-9a-f]{64}$/)
    const { searchParams: query } = await emulator.consent(started.url)
    await flow.finish({ query, transaction: started.transaction })
    const verifier = String(tokenRequests()[0]?.parameters.code_verifier)
    expect(started.url.href).not.toContain(verifier)
    expect(started.transaction).not.toContain(verifier)
    const others = new Set([verifier])
    for (let count = 0; count < 20; count++) others.add((await flow.start()).state)
    expect(others.size).toBe(21)
  })

  it('keeps a target of 512 characters in a cookie of 1 KiB', async () => {
    const { transaction } = await setUp().flow.start({ returnTo: `/${'x'.repeat(511)}` })
    expect(transaction.length).toBeLessThanOrEqual(1024 - 40)
  })

  it('leaves out a target that is not allowed, and one that is no longer', async () => {
    const origins = ['https://www.example']
    const wide = setUp({ returnTo: createReturnToPolicy({ origin: 'https://app.example', origins }) })
    const narrow = createLoginFlow(wide.client, createSealer([{ id: 'k', key: wide.key }]))
    for (const returnTo of ['//evil.example', 'https://www.example/x', '/callback']) {
      const started = await narrow.start({ returnTo })
      const { searchParams: query } = await wide.emulator.consent(started.url)
      expect((await narrow.finish({ query, transaction: started.transaction })).returnTo).toBeUndefined()
    }
    const started = await wide.flow.start({ returnTo: 'https://www.example/x' })
    const { searchParams: query } = await wide.emulator.consent(started.url)
    expect((await narrow.finish({ query, transaction: started.transaction })).returnTo).toBeUndefined()
  })
})

describe('the order of checks', () => {
  it('names the first that fails', async () => {
    let time = Date.now()
    const { flow, emulator, tokenRequests } = setUp({ now: () => time })
    const { url, transaction, state } = await flow.start({ bind: 'me' })
    const reasonOf = async (
      query: string,
      sealed: string | undefined,
      bind?: string,
    ): Promise<string | undefined> => {
      const callback = {
        query: new URLSearchParams(query),
        transaction: sealed,
        ...(bind === undefined ? {} : { bind }),
      }
      const failure: unknown = await flow.finish(callback).catch((error: unknown) => error)
      const { reason, code } = failure as { reason?: string; code?: string }
      return reason ?? code
    }
    expect(await reasonOf('state=x&state=y', undefined, 'you')).toBe('missing')
    expect(await reasonOf('state=x&state=y', '', 'you')).toBe('missing')
    expect(await reasonOf('state=x&state=y', 'v1.k.AAAA', 'you')).toBe('unreadable')
    time += 600_001
    expect(await reasonOf('state=x&state=y', transaction, 'you')).toBe('expired')
    time -= 600_001
    expect(await reasonOf('state=x&state=y', transaction, 'you')).toBe('binding')
    expect(await reasonOf('state=x&state=y', transaction, '')).toBe('binding')
    expect(await reasonOf('state=x&state=y', transaction)).toBe('binding')
    expect(await reasonOf('state=x&state=y', transaction, null as never)).toBe('binding')
    expect(await reasonOf('state=x&state=y', transaction, 'me')).toBe('malformed_callback')
    expect(await reasonOf('state=x&error=access_denied', transaction, 'me')).toBe('state_mismatch')
    expect(await reasonOf(`state=${state}&error=access_denied`, transaction, 'me')).toBe(
      'authorization_response',
    )
    expect(tokenRequests()).toEqual([])
    const { search } = await emulator.consent(url)
    expect(await reasonOf(`${search}x`, transaction, 'me')).toBe('state_mismatch')
    expect(await reasonOf(search, transaction, 'me')).toBeUndefined()
  })

  it('begins with the seal: no bit of a transaction may change', async () => {
    const { flow, emulator, tokenRequests } = setUp()
    const { url, transaction } = await flow.start()
    const { searchParams: query } = await emulator.consent(url)
    for (let index = 0; index < transaction.length; index++) {
      const flipped = String.fromCharCode(transaction.charCodeAt(index) ^ 1)
      const altered = transaction.slice(0, index) + flipped + transaction.slice(index + 1)
      await expect(flow.finish({ query, transaction: altered })).rejects.toMatchObject({
        reason: 'unreadable',
      })
    }
    expect(tokenRequests()).toEqual([])
  })

  it('refuses what another version sealed', async () => {
    const { client, key } = setUp()
    const sealer = createSealer([{ id: 'k', key }])
    const flow = createLoginFlow(client, sealer)
    for (const plaintext of ['{}', '[]', '[1]', '[1,"s"]', '["1","s",""]', 'null', 'x']) {
      const transaction = await sealer.seal(plaintext, {
        purpose: 'transaction',
        context: ['awkey', redirectUri],
      })
      await expect(flow.finish({ query: new URLSearchParams(), transaction })).rejects.toMatchObject({
        reason: 'unreadable',
      })
    }
  })
})

describe('createLoginFlow', () => {
  it('needs a redirect URI', () => {
    const client = createTikTokClient({ clientKey: 'awkey', clientSecret: 'secret' })
    const sealer = createSealer([{ id: 'k', key: newKey() }])
    expect(() => createLoginFlow(client, sealer)).toThrow('`redirectUri`')
  })
})
