import { logIn } from '@tiktok-auth/test-rig'
import { inspect } from 'node:util'
import type { ErrorRequestHandler } from 'express'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { serve, versions } from './support/rig.ts'

const minutes = 60_000

describe.each(versions)('what %s lets be seen', (_, express) => {
  test('shows no secret, code, verifier or token in logs, errors, events or addresses', async () => {
    const heard: unknown[] = []
    const print = (...values: unknown[]): void => void heard.push(values)
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      const spy = vi.spyOn(console, method).mockImplementation(print)
      onTestFinished(() => spy.mockRestore())
    }
    const rig = await serve(express, { onEvent: (event) => void heard.push(event) }, (app, tiktok) => {
      app.use(tiktok)
      app.get(
        '/token',
        tiktok.handler(async (req, res) => {
          await req.tiktok.accessToken()
          heard.push(req.tiktok, tiktok, tiktok.client, tiktok.tokens)
          res.end()
        }),
      )
      const last: ErrorRequestHandler = (error: Error, _req, res, _next) => {
        heard.push(error, JSON.stringify(error), String(error), error.stack)
        res.status(500).end()
      }
      app.use(last)
    })
    await logIn(rig)
    await rig.browser.open('/token')
    for (const kind of ['html', 'truncated', 'empty', 'drop_after'] as const) {
      rig.emulator.faults.next('token', { kind })
      await logIn({ ...rig, browser: rig.newBrowser() })
    }
    rig.emulator.advance(2 * 60 * minutes)
    rig.emulator.removeApp(rig.emulator.grants[0]?.userId ?? '', 'awkey1')
    await rig.browser.open('/token')

    const told = inspect(heard, {
      depth: null,
      showHidden: true,
      maxStringLength: null,
      maxArrayLength: null,
    })
    const secrets = [
      rig.options.clientSecret,
      String(rig.options.secret),
      ...rig.emulator.requests.flatMap(({ parameters }) =>
        ['code', 'refresh_token', 'code_verifier'].map((name) => parameters[name] ?? ''),
      ),
      ...rig.emulator.requests.map(({ headers }) => (headers['authorization'] ?? '').replace('Bearer ', '')),
    ].filter((value) => value !== '')
    expect(secrets.length).toBeGreaterThan(6)
    expect(secrets.filter((value) => told.includes(value))).toEqual([])
    const addresses = rig.emulator.requests.map(({ url }) => url).join(' ')
    expect(secrets.filter((value) => addresses.includes(value))).toEqual([])
  })
})
