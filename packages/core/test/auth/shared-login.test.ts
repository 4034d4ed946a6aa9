import { describe, expect, it } from 'vitest'
import type { AuthHooks } from '../../src/index.ts'
import { createApp, createBrowser, tokenOutcomes } from './browser.ts'
import type { Browser } from './browser.ts'

/** Opens a callback twice at a time, as a double click does. */
async function twice(browser: Browser, callback: string, hooks: readonly [AuthHooks, AuthHooks]) {
  return Promise.all(hooks.map((each) => browser.visit(callback, { hooks: each })))
}

describe('the other half of a double click', () => {
  it('is given what the first half was answered with, and may answer alike', async () => {
    const app = createApp({ session: false })
    const browser = createBrowser(app)
    const user = { name: 'Mia' }
    const joined: unknown[] = []
    const hooks: AuthHooks = {
      onLogin: async () => {
        await new Promise((resolve) => setTimeout(resolve, 10))
        return { handled: user }
      },
      onJoined: (handled) => {
        joined.push(handled)
        return 'handled'
      },
    }
    const pages = await twice(browser, await browser.begin(), [hooks, hooks])
    expect(pages.map(({ answer, error }) => [answer, error])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ])
    expect(joined).toEqual([user])
    expect(joined[0]).toBe(user)
    expect(tokenOutcomes(app.emulator)).toEqual(['ok'])
  })

  it('is redirected without that hook, or where it does not answer', async () => {
    for (const onJoined of [undefined, () => undefined]) {
      const app = createApp({ session: false })
      const browser = createBrowser(app)
      const hooks: AuthHooks = { onLogin: () => ({ handled: 1 }), ...(onJoined && { onJoined }) }
      const pages = await twice(browser, await browser.begin('/auth/tiktok?returnTo=/there'), [hooks, hooks])
      expect(pages.map(({ location }) => location)).toEqual([undefined, '/there'])
    }
  })

  it('shares nothing once the first half is done', async () => {
    const app = createApp({ session: false })
    const browser = createBrowser(app)
    const joined: unknown[] = []
    const hooks: AuthHooks = {
      onLogin: () => ({ handled: 'the user' }),
      onJoined: (handled) => void joined.push(handled),
    }
    const callback = await browser.begin()
    const jar = new Map(browser.jar)
    await browser.visit(callback, { hooks })
    for (const [name, value] of jar) browser.jar.set(name, value)
    expect((await browser.visit(callback, { hooks })).location).toBe('/')
    expect(joined).toEqual([])
  })
})

describe('hooks of an application with sessions of its own', () => {
  it('may say that somebody is signed in, who then sees no error at a login that is over', async () => {
    const app = createApp({ session: false })
    const over = '/auth/tiktok/callback?code=a&state=abcdefghijkl'
    const open = async (isSignedIn: boolean) => {
      return createBrowser(app).visit(over, { hooks: { isSignedIn: () => isSignedIn } })
    }
    expect(await open(true)).toMatchObject({ location: '/', error: undefined })
    expect(await open(false)).toMatchObject({ error: { reason: 'missing' } })
  })

  it('may do without the profile of a login', async () => {
    const app = createApp({ session: false })
    const browser = createBrowser(app)
    const names: unknown[] = []
    for (const skip of [true, false]) {
      const hooks: AuthHooks = {
        skipUserInfo: () => skip,
        onLogin: ({ user }) => void names.push(user?.displayName),
      }
      await browser.visit(await browser.begin(), { hooks })
    }
    expect(names).toEqual([undefined, 'Mia Sommer'])
  })

  it('may choose where a login leads, inside the same rules', async () => {
    const app = createApp()
    for (const [returnTo, expected] of [
      ['/chosen', '/chosen'],
      ['//evil.example', '/'],
    ] as const) {
      const browser = createBrowser(app)
      const hooks: AuthHooks = { onStart: () => ({ returnTo }) }
      const callback = await browser.begin('/auth/tiktok?returnTo=/asked', {}, { hooks })
      expect((await browser.visit(callback)).location).toBe(expected)
    }
  })
})
