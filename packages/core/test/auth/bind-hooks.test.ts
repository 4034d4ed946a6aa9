import { describe, expect, test, vi } from 'vitest'
import type { Login } from '../../src/index.ts'
import { headersOf } from '../../src/index.ts'
import { bindHooks, bindIdentify } from '../../src/auth/bind-hooks.ts'
import type { NativeAnswer, NativeHooks } from '../../src/auth/bind-hooks.ts'

type Native = [request: string, response: string]

const native: Native = ['request', 'response']
// What is in it is none of the binding's business.
const login = {} as Login
const cookie = [['set-cookie', 'a=b']] as const

/** An answer that tells, in order, what was done about it. */
function recorded(answered = false): NativeAnswer & { readonly log: string[] } {
  const log: string[] = []
  return {
    log,
    setHeaders: () => void log.push('headers'),
    dropCookies: () => void log.push('cookies taken back'),
    watch() {
      log.push('watched')
      return () => answered
    },
  }
}

test('hooks that the application does not have are not there', () => {
  const bound = bindHooks<Native>({}, native, recorded())
  expect(Object.keys(bound)).toEqual(['answered'])
  expect(bound.answered()).toBe(false)
})

test('onStart gets the request, onLogin all there is', async () => {
  const onStart = vi.fn<NonNullable<NativeHooks<Native>['onStart']>>(() => ({ bind: 'user' }))
  const onLogin = vi.fn<NonNullable<NativeHooks<Native>['onLogin']>>()
  const bound = bindHooks<Native>({ onStart, onLogin }, native, recorded())
  expect(await bound.onStart?.()).toEqual({ bind: 'user' })
  await bound.onLogin?.(login, cookie)
  expect(onStart.mock.calls).toEqual([['request']])
  expect(onLogin.mock.calls).toEqual([[login, 'request', 'response']])
})

describe('onLogin', () => {
  const run = async (
    onLogin: NativeHooks<Native>['onLogin'],
    answer: ReturnType<typeof recorded>,
  ): Promise<[result: unknown, answered: boolean]> => {
    const bound = bindHooks<Native>({ ...(onLogin && { onLogin }) }, native, answer)
    return [await bound.onLogin?.(login, cookie), bound.answered()]
  }

  test('finds the cookies on the answer, and leaves it to us unless it says otherwise', async () => {
    const answer = recorded()
    const hook = async (): Promise<void> => void answer.log.push('onLogin')
    expect(await run(hook, answer)).toEqual([undefined, false])
    expect(answer.log).toEqual(['headers', 'watched', 'onLogin'])
  })

  test('answers by saying so, also later', async () => {
    expect(await run(() => 'handled', recorded())).toEqual(['handled', true])
    expect(await run(async () => 'handled', recorded())).toEqual(['handled', true])
  })

  test('answers by answering', async () => {
    expect(await run(() => undefined, recorded(true))).toEqual(['handled', true])
  })

  test.each([
    ['throws', () => fail()],
    ['rejects', async () => fail()],
  ])('signs nobody in when it %s', async (_how, hook) => {
    const answer = recorded()
    const bound = bindHooks<Native>({ onLogin: hook }, native, answer)
    await expect(bound.onLogin?.(login, cookie)).rejects.toThrow('no')
    expect(answer.log).toEqual(['headers', 'watched', 'cookies taken back'])
    expect(bound.answered()).toBe(false)
  })
})

describe('identify', () => {
  test('is not there where the application has no users of its own', () => {
    for (const session of [undefined, false, { lifetimeMs: 1_000 }] as const) {
      expect(bindIdentify({ ...(session !== undefined && { session }) }, 'request')).toEqual({})
    }
  })

  test('is asked once for a request, whatever it says', async () => {
    const identify = vi.fn<(request: string) => string>((request) => `user of ${request}`)
    const { identify: bound } = bindIdentify({ session: { identify } }, 'request')
    expect([await bound?.(), await bound?.()]).toEqual(['user of request', 'user of request'])
    expect(identify).toHaveBeenCalledTimes(1)
    const failing = bindIdentify({ session: { identify: () => fail() } }, 'request')
    await expect(failing.identify?.()).rejects.toThrow('no')
  })
})

test('what is no error, or did not come out of `handle`, has no headers', () => {
  for (const thrown of [undefined, null, 'text', new Error('another')]) expect(headersOf(thrown)).toEqual([])
})

function fail(): never {
  throw new Error('no')
}
