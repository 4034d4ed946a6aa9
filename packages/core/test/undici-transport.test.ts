import { expect, test } from 'vitest'
import type { UndiciController, UndiciHandler } from '../src/index.ts'
import { undiciTransport } from '../src/index.ts'

/** An undici whose connection is made when the test says so. */
function pendingUndici(): {
  Agent: new () => { dispatch(request: unknown, handler: UndiciHandler): boolean }
  connect(): void
} {
  let begin = (): void => {}
  class Agent {
    dispatch(_request: unknown, handler: UndiciHandler): boolean {
      const controller: UndiciController = {
        abort: (reason) => handler.onResponseError(controller, reason),
      }
      begin = () => handler.onRequestStart(controller)
      return true
    }
  }
  return { Agent, connect: () => begin() }
}

const request = { method: 'GET', url: 'https://tiktok.example/', headers: {}, maxBytes: 100 } as const

test.each([
  ['an error', new Error('too late'), 'too late'],
  ['a text', 'too late', 'The request was aborted.'],
])('a request given up before its connection stands is ended then, by %s', async (_, reason, message) => {
  const undici = pendingUndici()
  const abort = new AbortController()
  const reply = undiciTransport(undici)({ ...request, signal: abort.signal })
  abort.abort(reason)
  undici.connect()
  await expect(reply).rejects.toThrow(message)
})

test('a request given up while it runs is ended', async () => {
  const undici = pendingUndici()
  const abort = new AbortController()
  const reply = undiciTransport(undici)({ ...request, signal: abort.signal })
  undici.connect()
  abort.abort(new Error('enough'))
  await expect(reply).rejects.toThrow('enough')
})
