import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createLoginFlow, createSealer } from '../../src/index.ts'
import type { AuthHooks } from '../../src/index.ts'
import { newKey } from '../hosts.ts'
import { createApp, createBrowser } from './browser.ts'
import type { App, Browser } from './browser.ts'

/** Everything about an error or an event that a log could hold. */
function printed(value: unknown): string {
  return [
    inspect(value, { depth: null, showHidden: true }),
    JSON.stringify(value),
    String(value),
    (value as { stack?: unknown } | undefined)?.stack,
  ].join('\n')
}

/** What must not stand there: everything that lets its holder be the app or the user. */
function canaries(app: App, callbacks: readonly string[], cookies: readonly string[]): readonly string[] {
  const journal = app.emulator.requests.flatMap(({ parameters }) => {
    return [parameters.code, parameters.code_verifier, parameters.state, parameters.refresh_token]
  })
  const tokens = app.emulator.grants.flatMap(
    (grant) => JSON.stringify(grant).match(/(?:act|rft)\.[\w.!*-]+/g) ?? [],
  )
  const queries = callbacks.flatMap((callback) => {
    const { searchParams } = new URL(callback, 'https://app.example')
    return [searchParams.get('code'), searchParams.get('state')]
  })
  const given = [app.options.clientSecret, ...[app.options.secret].flat()]
  return [...journal, ...tokens, ...queries, ...cookies, ...given].filter(
    (text): text is string => typeof text === 'string' && text.length >= 8,
  )
}

const flows: [string, (app: App, browser: Browser, callback: string) => Promise<unknown>][] = [
  ['a login that succeeds', async (_app, browser, callback) => browser.visit(callback)],
  ['a callback of a stranger', async (app, _browser, callback) => createBrowser(app).visit(callback)],
  [
    'a wrong state',
    async (_app, browser, callback) => browser.visit(callback.replace(/(state=[^&]*)[^&]/, '$1')),
  ],
  ['two codes', async (_app, browser, callback) => browser.visit(`${callback}&code=another-code`)],
  [
    'an expired attempt',
    async (app, browser, callback) => (app.emulator.advance(601_000), browser.visit(callback)),
  ],
  [
    'a code that TikTok refuses',
    async (app, browser, callback) => (app.emulator.advance(599_000), browser.visit(callback)),
  ],
  [
    'a token reply of HTML',
    async (app, browser, callback) => (
      app.emulator.faults.next('token', { kind: 'html' }),
      browser.visit(callback)
    ),
  ],
  [
    'a token reply cut short',
    async (app, browser, callback) => (
      app.emulator.faults.next('token', { kind: 'truncated' }),
      browser.visit(callback)
    ),
  ],
  [
    'a token reply that is lost',
    async (app, browser, callback) => (
      app.emulator.faults.next('token', { kind: 'drop_after' }),
      browser.visit(callback)
    ),
  ],
  [
    'a profile that fails',
    async (app, browser, callback) => (
      app.emulator.faults.next('user_info', { kind: 'html' }),
      browser.visit(callback)
    ),
  ],
  [
    'an altered cookie',
    async (_app, browser, callback) => {
      for (const [name, value] of browser.jar) browser.jar.set(name, value.slice(0, -4))
      return browser.visit(callback)
    },
  ],
  [
    'data that is too large',
    async (app) => {
      const hooks: AuthHooks = { onStart: () => ({ data: 'CANARY-OF-DATA'.repeat(999) }) }
      return createBrowser(app).visit('/auth/tiktok', { hooks })
    },
  ],
]

describe('what a log can see', () => {
  it.each(flows)('of %s holds no secret', async (_name, run) => {
    const app = createApp({ scope: ['user.info.basic', 'video.list'], pkce: false })
    const browser = createBrowser(app)
    const callback = await browser.begin()
    const cookies = [...browser.jar.values()]
    const page = (await run(app, browser, callback)) as { error: unknown }
    const text = printed(page.error) + app.events.map(printed).join('\n')
    const secrets = [...canaries(app, [callback], [...cookies, ...browser.jar.values()]), 'CANARY']
    expect(secrets.length).toBeGreaterThan(4)
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([])
  })

  it('of a transaction that another version wrote quotes nothing of it', async () => {
    const app = createApp()
    const sealer = createSealer([{ id: 'k', key: newKey() }])
    const flow = createLoginFlow(app.auth.client, sealer)
    const context = ['awkey', String(app.options.redirectUri)]
    const transaction = await sealer.seal('CANARY{', { purpose: 'transaction', context })
    const failure: unknown = await flow
      .finish({ query: new URLSearchParams(), transaction })
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ reason: 'unreadable' })
    expect(printed(failure)).not.toContain('CANARY')
  })
})
