import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHttpBrowser, type HttpBrowser } from '@tiktok-auth/test-rig'
import { canTest, runtimes } from '../../scripts/other-runtimes.ts'
import { frameworks, startDemo, type Demo } from '../start-demo.ts'

const hours = 60 * 60 * 1000

// Passport leaves sessions to the app, and these keep theirs in memory: the grant stays, its user logs in once more.
const sessionsAreTheApps = ['passport', 'nestjs']

const canStart = (framework: string): boolean => {
  const runtime = runtimes.find(({ name }) => name.toLowerCase() === framework)
  return runtime === undefined || canTest(runtime)
}

describe.each(frameworks.filter(canStart))('the demo on %s', (framework) => {
  let folder: string
  let demo: Demo
  let browser: HttpBrowser
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tiktok-auth-demo-test-'))
    await start()
  })
  afterAll(async () => {
    await demo.close()
    rmSync(folder, { recursive: true })
  })

  /** Starts the demo, with the cookies that the browser had before. */
  async function start(): Promise<void> {
    demo = await startDemo({ framework, folder })
    const { port, host } = new URL(demo.appOrigin)
    const before = browser?.cookies ?? new Map<string, string>()
    browser = createHttpBrowser(Number(port), host)
    for (const [name, value] of before) browser.cookies.set(name, value)
  }

  const callback = async (consent?: Parameters<Demo['emulator']['consent']>[1]): Promise<string> => {
    const start = await browser.open('/auth/tiktok?returnTo=/profile')
    const { pathname, search } = await demo.emulator.consent(start.location ?? '', consent)
    return pathname + search
  }

  test('shows a login page, and its style', async () => {
    expect((await browser.open('/')).body).toContain('Continue with TikTok')
    expect((await browser.open('/page.css')).status).toBe(200)
  })

  test('sends whoever is not signed in to the login, and a script nowhere', async () => {
    const page = await browser.open('/profile')
    expect(page.location).toBe('/auth/tiktok?returnTo=%2Fprofile')
    expect((await browser.api('/token')).status).toBe(401)
  })

  test('tells a user who cancels that nothing was shared', async () => {
    const answer = await browser.open(await callback({ cancel: true }))
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('You cancelled')
  })

  test('logs somebody in, shows the profile, calls the API, renews the token', async () => {
    expect(await browser.open(await callback())).toMatchObject({ status: 303, location: '/profile' })
    expect((await browser.open('/profile')).body).toContain('Mia Sommer')
    expect((await browser.open('/')).location).toBe('/profile')
    expect((await browser.post('/refresh')).location).toBe('/profile?notice=wait')
    demo.emulator.advance(2 * hours)
    expect((await browser.open('/videos')).body).toContain('List them again')
    const refreshes = demo.emulator.requests.filter(({ grantType }) => grantType === 'refresh_token')
    expect(refreshes).toHaveLength(1)
    expect((await browser.api('/token')).json()).toMatchObject({ state: 'connected' })
  })

  const connectionId = async (): Promise<unknown> =>
    ((await browser.api('/token')).json() as { connectionId?: unknown }).connectionId

  test('keeps everybody connected when it is started again', async () => {
    const before = await connectionId()
    expect(before).toBeTypeOf('string')
    await demo.close()
    await start()
    const knowsTheCookie = !sessionsAreTheApps.includes(framework)
    expect((await browser.api('/token')).status).toBe(knowsTheCookie ? 200 : 401)
    if (!knowsTheCookie) await browser.open(await callback())
    demo.emulator.advance(2 * hours)
    expect((await browser.open('/videos')).body).toContain('List them again')
    expect(await connectionId()).toBe(before)
    expect(demo.emulator.grants).toMatchObject([{ state: 'active' }])
    const refreshes = demo.emulator.requests.filter(({ grantType }) => grantType === 'refresh_token')
    expect(refreshes.map(({ effect, replay }) => [effect, replay])).toEqual([['ok', false]])
  })

  test('refuses a login that another browser began', async () => {
    const { port, host } = new URL(demo.appOrigin)
    const answer = await createHttpBrowser(Number(port), host).open(await callback())
    expect(answer.status).toBe(400)
    expect(answer.body).toContain('This login has gone stale')
  })

  test('logs out, keeps the grant, and disconnects', async () => {
    expect((await browser.post('/auth/tiktok/logout?returnTo=/?notice=logged-out')).location).toBe(
      '/?notice=logged-out',
    )
    expect((await browser.open('/profile')).status).not.toBe(200)
    expect(demo.emulator.grants.map(({ state }) => state)).toContain('active')
    await browser.open(await callback())
    expect((await browser.post('/auth/tiktok/disconnect?returnTo=/?notice=disconnected')).location).toBe(
      '/?notice=disconnected',
    )
    expect(demo.emulator.grants.map(({ state }) => state)).not.toContain('active')
  })
})
