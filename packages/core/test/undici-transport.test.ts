import { expect, test } from 'vitest'
import type { HttpAbort, UndiciController, UndiciHandler } from '../src/index.ts'
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

/** A caller who gives up when the test says so. */
function caller(): { readonly abort: HttpAbort; giveUp(reason: Error): void } {
  let tell: (reason: Error) => void = () => {}
  const abort = {
    signal: new AbortController().signal,
    onAbort: (listener: typeof tell) => void (tell = listener),
  }
  return { abort, giveUp: (reason) => tell(reason) }
}

test('a request given up before its connection stands is ended then', async () => {
  const undici = pendingUndici()
  const { abort, giveUp } = caller()
  const reply = undiciTransport(undici)({ ...request, abort })
  giveUp(new Error('too late'))
  undici.connect()
  await expect(reply).rejects.toThrow('too late')
})

test('a request given up while it runs is ended', async () => {
  const undici = pendingUndici()
  const { abort, giveUp } = caller()
  const reply = undiciTransport(undici)({ ...request, abort })
  undici.connect()
  giveUp(new Error('enough'))
  await expect(reply).rejects.toThrow('enough')
})
