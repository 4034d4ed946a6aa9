import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startDemo, type Demo } from '../start-demo.ts'
import { chromiumPath, launchChromium } from './support/chromium.ts'

const hours = 60 * 60 * 1000
// The pages are the same everywhere; every other example is driven over HTTP.
const framework = 'express'

describe.skipIf(chromiumPath === undefined)('the demo, in a browser', () => {
  let browser: Browser
  let demo: Demo
  let context: BrowserContext
  let page: Page
  let complaints: string[]

  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  beforeEach(async () => {
    // Another host than the emulator's: the way to TikTok and back crosses sites, as it does in real life.
    demo = await startDemo({ framework, host: 'localhost' })
    context = await browser.newContext()
    page = await context.newPage()
    complaints = []
    // A page that breaks its own content security policy says so here.
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
  })
  // oxlint-disable vitest/no-standalone-expect -- a check after every test
  afterEach(async () => {
    await context.close()
    await demo.close()
    expect(complaints).toEqual([])
  })

  const consent = async (at: Page, { without }: { without?: string } = {}): Promise<void> => {
    if (without !== undefined) await at.locator(`input[type=checkbox][value="${without}"]`).uncheck()
    await at.getByRole('button', { name: 'Continue' }).click()
  }
  const logIn = async (at: Page, options?: { without?: string }): Promise<void> => {
    await at.goto(demo.appOrigin)
    await at.getByRole('link', { name: 'Continue with TikTok' }).click()
    await consent(at, options)
    await at.waitForURL(`${demo.appOrigin}/profile`)
  }
  const openIds = (): string[] => demo.emulator.grants.map(({ openId }) => openId)
  const tokenRequests = (grantType: string): number =>
    demo.emulator.requests.filter((entry) => entry.endpoint === 'token' && entry.grantType === grantType)
      .length
  const title = (at: Page): Promise<string> => at.getByRole('heading', { level: 1 }).innerText()

  test('logs somebody in, and shows who they are and what they share', async () => {
    await logIn(page)
    expect(await title(page)).toBe('Mia Sommer')
    expect(
      await page.locator('.avatar').evaluate((image: HTMLImageElement) => image.naturalWidth),
    ).toBeGreaterThan(0)
    expect(await page.locator('.scopes .granted code').allInnerTexts()).toEqual([
      'user.info.basic',
      'user.info.stats',
      'video.list',
    ])
    expect(await page.getByRole('timer').innerText()).toMatch(/^(2:00:00|1:59:5\d)$/)
    expect(tokenRequests('authorization_code')).toBe(1)
  })

  test('leaves neither code nor state in the address bar, in a referrer or in reach of scripts', async () => {
    const referrers: string[] = []
    page.on('request', (request) => referrers.push(request.headers()['referer'] ?? ''))
    await logIn(page)
    const told = [page.url(), await page.evaluate(() => document.referrer), ...referrers].join(' ')
    const [exchange] = demo.emulator.requests.filter(({ endpoint }) => endpoint === 'token')
    expect(exchange?.parameters['code']).toBeTruthy()
    expect(told).not.toContain(encodeURIComponent(exchange?.parameters['code'] ?? ''))
    expect(told).not.toMatch(/[?&](code|state)=/)
    expect(await page.evaluate(() => document.cookie)).toBe('')
  })

  test('goes on without a scope that the user left out, and asks for it when it is needed', async () => {
    await logIn(page, { without: 'video.list' })
    expect(await page.locator('.scopes .missing code').allInnerTexts()).toEqual(['video.list'])
    await page.getByRole('link', { name: 'List my videos' }).click()
    await page.waitForURL(/\/v2\/auth\/authorize/)
    await consent(page)
    await page.waitForURL(`${demo.appOrigin}/videos`)
    expect(await page.locator('.videos li').count()).toBeGreaterThan(0)
    expect(await page.locator('.scopes .missing').count()).toBe(0)
  })

  test('tells a user who cancels that nothing was shared', async () => {
    await page.goto(demo.appOrigin)
    await page.getByRole('link', { name: 'Continue with TikTok' }).click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.waitForURL(`${demo.appOrigin}/auth/tiktok/callback**`)
    expect(await title(page)).toBe('You cancelled')
    expect(await context.cookies(demo.appOrigin)).toEqual([])
    expect(tokenRequests('authorization_code')).toBe(0)
    await page.getByRole('link', { name: 'Try again' }).click()
    await consent(page)
    await page.waitForURL(`${demo.appOrigin}/profile`)
  })

  test('calls it no cancelling when TikTok refused somebody for a reason of its own', async () => {
    await page.goto(`${demo.appOrigin}/auth/tiktok`)
    const state = new URL(page.url()).searchParams.get('state') ?? ''
    const query = new URLSearchParams({ error: 'access_denied', error_type: 'non_sandbox_target', state })
    await page.goto(`${demo.appOrigin}/auth/tiktok/callback?${query}`)
    expect(await title(page)).toBe('That did not work')
    expect(await page.locator('.hint').innerText()).toContain('target users')
  })

  test('tells the developer of a callback without a login what to change, in words fit for a page', async () => {
    await page.goto(`${demo.appOrigin}/auth/tiktok/callback?code=c&state=s`)
    expect(await title(page)).toBe('This login has gone stale')
    expect(await page.getByText('For the developer').innerText()).toContain('transaction')
    expect(await page.locator('.hint code').allInnerTexts()).toContain('redirectUri')
    expect(await page.locator('.hint').innerText()).not.toContain('`')
  })

  test('refreshes on demand, but no token younger than a minute', async () => {
    await logIn(page)
    await page.getByRole('button', { name: 'Refresh now' }).click()
    expect(await page.getByRole('status').innerText()).toMatch(/younger than a minute/)
    expect(tokenRequests('refresh_token')).toBe(0)
    demo.emulator.advance(61_000)
    await page.getByRole('button', { name: 'Refresh now' }).click()
    await page.getByText('TikTok has replaced both tokens').waitFor()
    expect(tokenRequests('refresh_token')).toBe(1)
    expect(await page.getByRole('timer').innerText()).toMatch(/^(2:00:00|1:59:5\d)$/)
  })

  test('sees the token run out by the emulator’s clock, and renews it with the next call', async () => {
    await logIn(page)
    demo.emulator.advance(2 * hours)
    await page.locator('[data-token][data-state=over]').waitFor()
    expect(await page.getByRole('timer').innerText()).toBe('0:00:00')
    expect(tokenRequests('refresh_token')).toBe(0)
    await page.getByRole('link', { name: 'List my videos' }).click()
    await page.locator('[data-token][data-state=fresh]').waitFor()
    expect(tokenRequests('refresh_token')).toBe(1)
  })

  test('disconnects, and ends the session in every window', async () => {
    await logIn(page)
    const second = await context.newPage()
    await second.goto(`${demo.appOrigin}/profile`)
    await page.getByRole('button', { name: 'Disconnect' }).click()
    await page.getByRole('link', { name: 'Continue with TikTok' }).waitFor()
    expect(demo.emulator.grants.filter(({ state }) => state === 'active')).toEqual([])
    await second.goto(`${demo.appOrigin}/profile`)
    expect(second.url()).toContain('/v2/auth/authorize')
  })

  test('logs out and keeps the grant', async () => {
    await logIn(page)
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByText('You are logged out here').waitFor()
    await page.getByRole('link', { name: 'Continue with TikTok' }).waitFor()
    expect(await context.cookies(demo.appOrigin)).toEqual([])
    expect(demo.emulator.grants.map(({ state }) => state)).toEqual(['active'])
  })

  test('asks a user whose app was removed at TikTok to log in again', async () => {
    await logIn(page)
    demo.emulator.advance(61_000)
    demo.emulator.removeApp(demo.emulator.grants[0]?.userId ?? '', demo.emulator.grants[0]?.clientKey ?? '')
    await page.goto(`${demo.appOrigin}/profile`)
    expect(page.url()).toContain('/v2/auth/authorize')
    await consent(page)
    await page.waitForURL(`${demo.appOrigin}/profile`)
  })

  test.each([
    ['first', [0, 1]],
    ['last', [1, 0]],
  ] as const)('finishes logins in two tabs, the one begun %s before the other', async (_, order) => {
    const tabs = [page, await context.newPage()]
    const targets = ['/profile', '/videos']
    for (const [index, tab] of tabs.entries()) {
      await tab.goto(`${demo.appOrigin}${targets[index]}`)
      expect(tab.url()).toContain('/v2/auth/authorize')
    }
    for (const index of order) {
      const tab = tabs[index] ?? page
      await consent(tab)
      await tab.waitForURL(`${demo.appOrigin}${targets[index]}`)
    }
    expect(new Set(openIds()).size).toBe(1)
    expect(tokenRequests('authorization_code')).toBe(2)
  })

  test('shows no error to somebody who presses "back" after the login', async () => {
    await logIn(page)
    const exchanges = tokenRequests('authorization_code')
    await page.goBack()
    await page.goBack()
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
    expect(await page.getByText('did not work').count()).toBe(0)
    await page.goto(`${demo.appOrigin}/profile`)
    expect(await title(page)).toBe('Mia Sommer')
    expect(tokenRequests('authorization_code')).toBe(exchanges)
  })

  test('works without scripts, and by keyboard', async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false })
    const tab = await plain.newPage()
    await tab.goto(demo.appOrigin)
    await tab.getByRole('link', { name: 'Continue with TikTok' }).focus()
    await tab.keyboard.press('Enter')
    await tab.waitForURL(/\/v2\/auth\/authorize/)
    await tab.getByRole('button', { name: 'Continue' }).focus()
    await tab.keyboard.press('Enter')
    await tab.waitForURL(`${demo.appOrigin}/profile`)
    expect(await tab.getByRole('timer').innerText()).toMatch(/^(2:00:00|1:59:5\d)$/)
    await plain.close()
  })
})
