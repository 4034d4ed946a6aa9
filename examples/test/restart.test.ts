import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createHttpBrowser, type HttpBrowser } from '@tiktok-auth/test-rig'

const script = join(import.meta.dirname, '../demo.ts')

let folder: string
let running: Running | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiktok-auth-demo-test-'))
})
afterEach(async () => {
  await running?.end('SIGKILL')
  running = undefined
  rmSync(folder, { recursive: true })
})

interface Running {
  readonly appOrigin: string
  readonly dashboard: string
  readonly said: string
  end(signal: NodeJS.Signals): Promise<void>
}

/** `npm run demo` without npm: the process that a signal must end properly. */
async function startProcess(): Promise<Running> {
  const args = ['--import', 'tsx', script, 'express', '--port', '0', '--folder', folder]
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk)
    if (said.includes('Ctrl+C ends it')) break
  }
  const [appOrigin = '', dashboard = ''] = said.match(/http:\/\/127\.0\.0\.1:\d+/g) ?? []
  return {
    appOrigin,
    dashboard,
    said,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill(signal)
      await once(child, 'exit')
    },
  }
}

/** Sends a form of the emulator's own pages. */
function control(dashboard: string, path: string, form: URLSearchParams): Promise<Response> {
  const headers = { origin: dashboard, 'content-type': 'application/x-www-form-urlencoded' }
  return fetch(dashboard + path, { method: 'POST', redirect: 'manual', headers, body: form.toString() })
}

/** What a person does: opens TikTok's page, leaves every scope ticked, presses "Continue". */
async function consent(location: string, dashboard: string): Promise<string> {
  const page = await (await fetch(location)).text()
  const request = /name="request" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const form = new URLSearchParams({ request, decision: 'allow', user: 'mia' })
  for (const [, scope = ''] of page.matchAll(/name="scope"\s+value="([^"]+)"/g)) form.append('scope', scope)
  const reply = await control(dashboard, '/_emulator/consent', form)
  const { pathname, search } = new URL(reply.headers.get('location') ?? '')
  return pathname + search
}

const browserOf = ({ appOrigin }: Running): HttpBrowser => {
  const { port, host } = new URL(appOrigin)
  return createHttpBrowser(Number(port), host)
}

const hours = 60 * 60 * 1000

const letPass = ({ dashboard }: Running, ms: number): Promise<Response> =>
  control(dashboard, '/_emulator/clock', new URLSearchParams({ advanceMs: String(ms) }))

async function logIn(app: Running): Promise<HttpBrowser> {
  const browser = browserOf(app)
  const { location = '' } = await browser.open('/auth/tiktok?returnTo=/profile')
  await browser.open(await consent(location, app.dashboard))
  expect((await browser.open('/profile')).body).toContain('Mia Sommer')
  return browser
}

/** The same browser at the demo that was started anew. */
async function startAgain(before: HttpBrowser): Promise<HttpBrowser> {
  running = await startProcess()
  const after = browserOf(running)
  for (const [name, value] of before.cookies) after.cookies.set(name, value)
  return after
}

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'the same cookie is connected after %s and a start',
  async (signal) => {
    running = await startProcess()
    const before = await logIn(running)
    expect(running.said).toContain('the next start goes on from there')
    await running.end(signal)

    const after = await startAgain(before)
    await letPass(running, 2 * hours)
    expect((await after.open('/videos')).body).toContain('List them again')
    expect((await after.api('/token')).json()).toMatchObject({ state: 'connected' })
    await running.end('SIGTERM')
  },
)

test('a refresh in flight is stored before SIGTERM ends the demo', async () => {
  running = await startProcess()
  const { dashboard } = running
  const before = await logIn(running)
  await letPass(running, 2 * hours)
  const delay = { endpoint: 'token', kind: 'delay', phase: 'after', ms: '3000', grantType: 'refresh_token' }
  await control(dashboard, '/_emulator/faults', new URLSearchParams(delay))
  const cut = before.open('/videos').catch(() => 'cut')
  await vi.waitFor(async () => {
    const state = await (await fetch(`${dashboard}/_emulator/state`)).text()
    expect(state).toContain('"grantType":"refresh_token"')
  }, 30_000)
  await running.end('SIGTERM')
  expect(await cut).toBe('cut')

  const after = await startAgain(before)
  expect((await after.open('/videos')).body).toContain('List them again')
  await running.end('SIGTERM')
})

test.skipIf(process.platform === 'win32')('what it keeps is for its owner alone', async () => {
  running = await startProcess()
  const files = readdirSync(folder)
  expect(files).toEqual(expect.arrayContaining(['grants.sqlite', 'secrets.json']))
  for (const file of files) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
})
