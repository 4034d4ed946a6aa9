import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator } from '../../src/index.ts'
import type { Emulator, ListeningEmulator } from '../../src/index.ts'
import { buildAuthorizeUrl, clientKey, clientSecret, postToken, verifier } from '../support/app-requests.ts'
import { findChromium, openBrowser } from '../support/browser.ts'
import { startCallbackServer } from '../support/callback-server.ts'
import type { CallbackServer } from '../support/callback-server.ts'

const chromium = findChromium()

describe.skipIf(chromium === undefined)('in a browser', () => {
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let app: CallbackServer
  let emulator: Emulator
  let served: ListeningEmulator
  let troubles: string[]

  beforeAll(async () => {
    browser = await openBrowser(chromium ?? '')
  })
  afterAll(() => browser.close())

  beforeEach(async () => {
    app = await startCallbackServer()
    const client = {
      clientKey,
      clientSecret,
      name: 'Scheduler',
      platform: 'desktop',
      redirectUris: [app.redirectUri],
    }
    emulator = createEmulator({ clients: [{ ...client, platform: 'desktop' }] })
    served = await emulator.listen()
    await openContext({})
  })
  afterEach(async () => {
    await context.close()
    await served.close()
    await app.close()
    if (troubles.length > 0) throw new Error(`The page had trouble: ${troubles.join('; ')}`)
  })

  async function openContext(options: Parameters<Browser['newContext']>[0]): Promise<void> {
    context = await browser.newContext(options)
    context.setDefaultTimeout(30_000)
    page = await context.newPage()
    troubles = []
    page.on('pageerror', (error) => troubles.push(error.message))
    page.on(
      'console',
      (message) => message.text().includes('Content Security Policy') && troubles.push(message.text()),
    )
    page.on('dialog', (dialog) => troubles.push(dialog.message()))
  }

  const authorizeUrl = () => buildAuthorizeUrl(served.origin, app.redirectUri)
  const callToken = (parameters: Readonly<Record<string, string>>) => postToken(served.origin, parameters)

  async function signIn(): Promise<Record<string, unknown>> {
    await page.goto(authorizeUrl())
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'Back in the app' }).waitFor()
    const code = app.calls.at(-1)?.get('code') ?? ''
    const fixed = { grant_type: 'authorization_code', redirect_uri: app.redirectUri, code_verifier: verifier }
    return callToken({ ...fixed, code })
  }

  const journal = () => page.getByRole('region', { name: 'Journal entries' }).getByRole('row')
  const message = (text: string) => page.getByRole('status').filter({ hasText: text })

  test('somebody chooses a user, unticks a scope and continues', async () => {
    await page.goto(authorizeUrl())
    await page.getByRole('radio', { name: /Noor Haddad/ }).check()
    await page.getByRole('checkbox', { name: /video\.list/ }).uncheck()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'Back in the app' }).waitFor()
    const [call] = app.calls
    expect(call?.get('scopes')).toBe('user.info.basic,user.info.stats')
    expect(call?.get('state')).toBe('state-1')
    expect(call?.get('code')).toBeTruthy()
  })

  test('the keyboard alone is enough', async () => {
    await page.goto(authorizeUrl())
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowDown')
    expect(await page.getByRole('radio', { name: /Noor Haddad/ }).isChecked()).toBe(true)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Back in the app' }).waitFor()
    expect(app.calls[0]?.get('scopes')).toBe('user.info.basic,video.list')
  })

  test('somebody cancels', async () => {
    await page.goto(authorizeUrl())
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('heading', { name: 'Back in the app' }).waitFor()
    expect(app.calls[0]?.get('error')).toBe('access_denied')
    expect(app.calls[0]?.get('state')).toBe('state-1')
  })

  test('an unknown redirect URI ends on the fault page', async () => {
    await page.goto(authorizeUrl().replace('callback', 'elsewhere'))
    await page.getByRole('heading', { name: 'Something went wrong' }).waitFor()
    expect(await page.locator('.facts').innerText()).toContain('redirect_uri')
    expect(app.calls).toEqual([])
  })

  test('whatever an address says, the fault page shows it as text', async () => {
    const text = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
    const query = new URLSearchParams({ error: text, error_type: text, errCode: text })
    await page.goto(`${served.origin}/v2/auth/fault/?${query.toString()}`)
    expect(await page.locator('.facts dd').allInnerTexts()).toEqual([text, text, text])
  })

  test('the journal shows a request as it comes in, and disturbs nobody', async () => {
    await page.goto(`${served.origin}/_emulator/`)
    await page.getByText('Nothing has happened yet').waitFor()
    await page.getByText('Add a user').click()
    const name = page.getByLabel('Display name')
    await name.fill('half a na')
    await callToken({ grant_type: 'refresh_token', refresh_token: 'unknown' })
    await journal().filter({ hasText: 'invalid_grant' }).waitFor()
    expect(await page.locator('#news').textContent()).toBe('1 new request. Latest: token, invalid_grant')
    await page.keyboard.type('me')
    expect(await name.inputValue()).toBe('half a name')
  })

  test('what somebody reads in the journal stays where it is', async () => {
    for (let count = 0; count < 30; count += 1) await callToken({ grant_type: 'client_credentials' })
    await page.goto(`${served.origin}/_emulator/`)
    await page.locator('#journal-live').hover()
    await page.mouse.wheel(0, 700)
    const row = page.locator('#request-15')
    await expect
      .poll(() => page.locator('#journal-live').evaluate((region) => region.scrollTop))
      .toBeGreaterThan(0)
    const before = await row.boundingBox()
    await callToken({ grant_type: 'client_credentials' })
    await page.locator('#request-31').waitFor({ state: 'attached' })
    const after = await row.boundingBox()
    expect(Math.abs((after?.y ?? 0) - (before?.y ?? Infinity))).toBeLessThan(2)
  })

  test('rows that stay are the same nodes as before', async () => {
    await callToken({ grant_type: 'client_credentials' })
    await page.goto(`${served.origin}/_emulator/`)
    const first = await page.locator('#request-1').elementHandle()
    await callToken({ grant_type: 'client_credentials' })
    await page.locator('#request-2').waitFor()
    expect(await first?.evaluate((row) => row.isConnected && row.previousElementSibling?.id)).toBe(
      'request-2',
    )
  })

  test('the clock moves on without leaving the page, and tokens end', async () => {
    await signIn()
    await page.goto(`${served.origin}/_emulator/`)
    await page.evaluate(() => Object.assign(window, { stayed: true }))
    await page.getByText(/1 h 59 min left|2 h left/).waitFor()
    await page.getByRole('button', { name: '+2 hours' }).click()
    await message('Clock moved forward').waitFor()
    await page.getByText('2 h ahead of this machine’s clock').waitFor()
    await page.getByText('Expired').waitFor()
    expect(await page.evaluate(() => 'stayed' in window)).toBe(true)
  })

  test('removing an app ends its grant and keeps the focus near', async () => {
    const { refresh_token } = await signIn()
    await page.goto(`${served.origin}/_emulator/`)
    await page.getByRole('button', { name: 'Remove this app' }).press('Enter')
    await message('App removed').waitFor()
    await page.locator('.grant.removed').waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('people')
    const reply = await callToken({ grant_type: 'refresh_token', refresh_token: String(refresh_token) })
    expect(reply['error']).toBe('invalid_grant')
  })

  test('an injected fault waits, strikes once, and stands in the journal', async () => {
    await page.goto(`${served.origin}/_emulator/`)
    await page.getByRole('combobox', { name: 'What' }).selectOption('oauth_error')
    await page.getByRole('textbox', { name: 'Error' }).fill('temporarily_unavailable')
    await page.getByRole('button', { name: 'Inject fault' }).click()
    await page.locator('#fault-queue').getByText('oauth_error').waitFor()
    const reply = await callToken({ grant_type: 'client_credentials' })
    expect(reply['error']).toBe('temporarily_unavailable')
    await journal().filter({ hasText: 'Fault: oauth_error' }).waitFor()
    await page.getByText('None pending').waitFor()
  })

  test('every fault can be ordered with the form as it stands, and all are taken back', async () => {
    await page.goto(`${served.origin}/_emulator/`)
    const what = page.getByRole('combobox', { name: 'What' })
    const kinds = await what
      .locator('option')
      .evaluateAll((options) => options.map((option) => option.getAttribute('value') ?? ''))
    for (const kind of kinds) {
      await what.selectOption(kind)
      await page.getByRole('button', { name: 'Inject fault' }).click()
      await page.locator('#fault-queue').getByText(kind, { exact: true }).waitFor()
    }
    expect(await page.locator('#fault-queue .tag').allInnerTexts()).toEqual(kinds)
    expect(kinds.length).toBeGreaterThan(10)
    await page.getByRole('button', { name: 'Clear pending faults' }).click()
    await page.getByText('None pending').waitFor()
    expect(await page.locator('#fault-queue').count()).toBe(0)
  })

  test('a fault may wait for one grant type, which only token requests have', async () => {
    await page.goto(`${served.origin}/_emulator/`)
    const inject = page.getByRole('button', { name: 'Inject fault' })
    await page.getByRole('combobox', { name: 'Grant type' }).selectOption('refresh_token')
    await inject.click()
    await page.locator('#fault-0').waitFor()
    await page.getByRole('combobox', { name: 'Where' }).selectOption('user_info')
    await page.getByRole('combobox', { name: 'Grant type' }).waitFor({ state: 'hidden' })
    await inject.click()
    await page.locator('#fault-1').waitFor()
    const pending = await page.locator('#fault-queue li').allInnerTexts()
    expect(pending.map((text) => text.includes('refresh_token'))).toEqual([true, false])
  })

  test('a user who is added can sign in, whatever the name says', async () => {
    const name = '<img src=x onerror=alert(1)>"\'`</script>'
    await page.goto(`${served.origin}/_emulator/`)
    await page.getByText('Add a user').click()
    await page.getByLabel('Display name').fill(name)
    await page.getByLabel('Username').fill('hostile')
    await page.getByRole('button', { name: 'Add user' }).click()
    await message('User added').waitFor()
    expect(await page.getByLabel('Display name').inputValue()).toBe('')
    await page.getByText(name, { exact: true }).waitFor()
    await page.goto(authorizeUrl())
    await page.getByRole('radio', { name }).check()
  })

  test('only what went wrong is shown when asked for', async () => {
    await callToken({ grant_type: 'client_credentials' })
    await callToken({ grant_type: 'refresh_token', refresh_token: 'unknown' })
    await page.goto(`${served.origin}/_emulator/`)
    await page.getByLabel('Only failures, replays and faults').check()
    await page.locator('#request-1').waitFor({ state: 'hidden' })
    expect(await page.locator('#request-2').isVisible()).toBe(true)
  })

  test('paused, the page stands still', async () => {
    await page.goto(`${served.origin}/_emulator/`)
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('Paused').waitFor()
    await callToken({ grant_type: 'client_credentials' })
    await page.waitForTimeout(1500)
    expect(await page.locator('#request-1').count()).toBe(0)
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.locator('#request-1').waitFor()
  })

  test('an emulator that is gone is said to be gone', async () => {
    await page.goto(`${served.origin}/_emulator/`)
    await page.getByText('Live', { exact: true }).waitFor()
    await served.close()
    await page.getByText('Not reachable').waitFor()
    expect(await page.getByText('Live', { exact: true }).count()).toBe(0)
  })

  test('everything works as plain forms, without script', async () => {
    await signIn()
    await context.close()
    await openContext({ javaScriptEnabled: false })
    await page.goto(`${served.origin}/_emulator/`)
    await page.getByRole('button', { name: '+1 day' }).click()
    await page.getByText('1 d ahead of this machine’s clock').waitFor()
    await page.getByRole('button', { name: 'Inject fault' }).click()
    await page.getByRole('button', { name: 'Clear pending faults' }).click()
    await page.getByText('None pending').waitFor()
    await page.getByRole('button', { name: 'Remove this app' }).click()
    await page.locator('.grant.removed').waitFor()
    expect(await page.title()).toBe('TikTok emulator')
  })

  test.each([360, 1400])('nothing is wider than a window of %d pixels', async (width) => {
    await signIn()
    await page.setViewportSize({ width, height: 800 })
    for (const url of [`${served.origin}/_emulator/`, `${authorizeUrl()}&disable_auto_auth=1`]) {
      await page.goto(url)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    }
  })
})
