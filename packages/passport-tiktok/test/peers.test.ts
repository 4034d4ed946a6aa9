import { spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Strategy as OAuth2Strategy } from 'passport-oauth2'
import type { Strategy } from 'passport'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TikTokStrategy } from '../src/index.ts'
import { run, type Ended } from './support/harness.ts'

/**
 * Habits of other strategies that are unsafe, each as one check. Ours passes it; the others are shown to fail it, so
 * that the check is known to see what it is about.
 */
const { Strategy: PeerStrategy } = createRequire(import.meta.url)('passport-tiktok-auth') as {
  Strategy: new (options: object, verify: unknown) => Strategy
}
const callbackURL = 'https://app.example/auth/tiktok/callback'
const peers = ['passport-oauth2', 'passport-tiktok-auth'] as const

let origin: string
const server = createServer((req, res) => {
  res.setHeader('content-type', 'application/json')
  const user = { open_id: 'attacker', display_name: 'The attacker' }
  if (req.url?.startsWith('/v2/user/info/')) return void res.end(JSON.stringify({ data: { user } }))
  res.end(
    JSON.stringify({ access_token: 'act.1', refresh_token: 'rft.1', open_id: 'attacker', expires_in: 60 }),
  )
})
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

function strategy(which: 'ours' | (typeof peers)[number]): Strategy {
  const verify = (
    _access: string,
    _refresh: string,
    profile: object,
    done: (error: null, user: object) => void,
  ): void => done(null, profile)
  const client = { clientID: 'awkey1', clientSecret: 'client-secret-1', callbackURL }
  const [authorizationURL, tokenURL, profileURL] = ['/authorize/', '/token/', '/v2/user/info/'].map(
    (path) => origin + path,
  )
  if (which === 'ours') {
    const endpoints = {
      authorizationEndpoint: authorizationURL ?? '',
      tokenEndpoint: tokenURL ?? '',
      apiOrigin: origin,
    }
    return new TikTokStrategy({ ...client, endpoints }, verify)
  }
  const options = { ...client, authorizationURL, tokenURL, profileURL }
  return which === 'passport-oauth2'
    ? new OAuth2Strategy(options as never, verify)
    : new PeerStrategy(options, verify)
}

/** A request in a browser that has begun nothing. */
async function ask(which: Parameters<typeof strategy>[0], query: Record<string, string>): Promise<Ended> {
  const url = `/auth/tiktok/callback?${new URLSearchParams(query)}`
  return (await run(strategy(which) as never, { url, members: { query } })).ended
}

describe('an error callback is not believed before its state is', () => {
  const forged = { error: 'server_error', error_description: 'Call 555-0100 and tell your password' }
  const believed = (ended: Ended): boolean => ended.by === 'error' && String(ended.error).includes('555-0100')

  test('ours', async () => {
    const ended = await ask('ours', forged)
    expect(ended).toMatchObject({ by: 'fail', status: 400, challenge: { error: { code: 'transaction' } } })
    expect(believed(ended)).toBe(false)
    expect(JSON.stringify(ended)).not.toContain('555-0100')
  })
  test.each(peers)('%s believes it', async (peer) => {
    expect(believed(await ask(peer, forged))).toBe(true)
  })
})

describe('a code that somebody else brought along signs nobody in', () => {
  const foreign = { code: 'code-of-the-attacker' }

  test('ours', async () => {
    expect(await ask('ours', foreign)).toMatchObject({ by: 'fail', status: 400 })
  })
  test.each(peers)('%s signs in with its defaults', async (peer) => {
    expect((await ask(peer, foreign)).by).toBe('success')
  })
})

describe('a login sends a state without being asked to', () => {
  const stateOf = async (which: Parameters<typeof strategy>[0]): Promise<string | null> => {
    const { ended } = await run(strategy(which) as never, { url: '/auth/tiktok', members: { query: {} } })
    return new URL((ended as { url: string }).url).searchParams.get('state')
  }

  test('ours', async () => {
    expect(await stateOf('ours')).toMatch(/^[\w-]{40,}$/)
  })
  test.each(peers)('%s sends none', async (peer) => {
    expect(await stateOf(peer)).toBeNull()
  })
})

/** Runs a login in a process of its own. Gives what it printed, or `crashed`. */
function outcome(which: string, fault: string): string {
  const script = fileURLToPath(new URL('support/peer-app.ts', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', script, which, fault], {
    encoding: 'utf8',
  })
  if (status === 0) return stdout.trim()
  // What keeps the script from running at all is no finding about anybody.
  return /SyntaxError: .*JSON|database is down|regenerate is not a function/.test(stderr) ? 'crashed' : stderr
}

describe.each([
  ['a token endpoint that answers in HTML', 'html', 'answered 502', ['passport-tiktok-auth']],
  ['a verify callback that rejects', 'verify-rejects', 'answered 500', peers],
  ['a session that cannot begin anew', 'no-regenerate', 'answered 500', peers],
] as const)('%s does not end the process', (_, fault, answer, crashing) => {
  test('ours', () => {
    expect(outcome('ours', fault)).toBe(answer)
  })
  test.each([...crashing])('%s crashes', (peer) => {
    expect(outcome(peer, fault)).toBe('crashed')
  })
})

test.each(['ours', ...peers])('without a fault %s answers, so that a crash is the fault’s', (which) => {
  expect(outcome(which, 'none')).toBe('answered 200')
})
