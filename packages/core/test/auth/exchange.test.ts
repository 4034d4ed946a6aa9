import { expect, test } from 'vitest'
import { createExchanges, ReauthorizationRequiredError } from '../../src/index.ts'
import type { AuthAnswer, Exchange, Exchanges, RequestState } from '../../src/index.ts'
import { createApp, navigation } from './browser.ts'

type Objects = [request: { tiktok?: RequestState }]

const page = { ...navigation, accept: 'text/html' }
const hint = 'Mount it.'

/** What a framework without a framework would make of a request, and all that comes of it. */
function exchangeOf(url: string, native: Objects = [{}]): Exchange<Objects> & { readonly log: unknown[] } {
  const log: unknown[] = []
  const headers: Readonly<Record<string, string>> = page
  return {
    log,
    native,
    carrier: native[0],
    method: 'GET',
    url,
    originalUrl: url,
    header: (name) => headers[name],
    body: async () => new Uint8Array(),
    setHeaders: (lines) => void log.push(lines),
    dropCookies: () => undefined,
    watch: () => () => false,
    apply(answer: AuthAnswer | undefined) {
      if (answer !== undefined) log.push(answer.status)
      return answer !== undefined
    },
    async fail(error, lines) {
      log.push(error, lines)
    },
  }
}

function create(identify?: () => string): Exchanges<Objects> {
  const { auth, options } = createApp(identify && { session: { identify } })
  return createExchanges<Objects>(auth, options, hint)
}

test('our routes are answered, all others get a state', async () => {
  const exchanges = create()
  const login = exchangeOf('/auth/tiktok')
  expect(await exchanges.answer(login)).toBe(true)
  expect(login.log).toEqual([303])
  const other = exchangeOf('/page')
  expect(await exchanges.answer(other)).toBe(false)
  expect(other.native[0].tiktok).toBe(exchanges.of(other.native[0]))
})

test('what fails on our routes is answered with its headers, what `identify` throws elsewhere is thrown', async () => {
  const failure = new Error('the database is away')
  const exchanges = create(() => {
    throw failure
  })
  const login = exchangeOf('/auth/tiktok')
  expect(await exchanges.answer(login)).toBe(true)
  expect(login.log).toEqual([failure, expect.arrayContaining([['cache-control', 'no-store']])])
  const other = exchangeOf('/page')
  await expect(exchanges.answer(other)).rejects.toBe(failure)
  expect(other.log).toEqual([])
})

test('a missing login is mended by the app that let the request in, and by no other', async () => {
  const [first, second] = [create(), create()]
  const native: Objects = [{}]
  for (const exchanges of [first, second]) await exchanges.answer(exchangeOf('/page', native))
  expect(await second.requireLogin()(exchangeOf('/page', native))).toBe(true)
  const error = new ReauthorizationRequiredError('signed_out')
  expect(first.recover(exchangeOf('/page', native), error)).toBe(false)
  expect(second.recover(exchangeOf('/page', native), new Error('another'))).toBe(false)
  expect(second.recover(exchangeOf('/page', native), error)).toBe(true)
  expect(first.of(native[0])).not.toBe(second.of(native[0]))
})

test('whoever asks for a state too early is told how to mount the app', () => {
  expect(() => create().of({})).toThrow(expect.objectContaining({ code: 'configuration', hint }))
})
