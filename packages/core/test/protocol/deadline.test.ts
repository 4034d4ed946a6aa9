import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DeadlineError, withDeadline } from '../../src/protocol/deadline.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const never = (): Promise<never> => new Promise(() => {})

/** Lets the clock jump without running a timer, as a frozen process sees it. */
function freeze(ms: number): void {
  const before = performance.now()
  vi.spyOn(performance, 'now').mockImplementation(() => before + ms)
}

test('passes a result on and leaves no timer', async () => {
  expect(await withDeadline(1000, () => Promise.resolve('done'))).toBe('done')
  expect(vi.getTimerCount()).toBe(0)
})

test('passes a failure on, thrown at once or later', async () => {
  await expect(withDeadline(1000, () => Promise.reject(new Error('later')))).rejects.toThrow('later')
  const throwing = (): Promise<never> => {
    throw new Error('at once')
  }
  await expect(withDeadline(1000, throwing)).rejects.toThrow('at once')
  expect(vi.getTimerCount()).toBe(0)
})

test('rejects and aborts when the deadline passes, even if nobody listens', async () => {
  let seen: AbortSignal | undefined
  const result = withDeadline(1000, (abort) => {
    seen = abort.signal
    return never()
  })
  const failure = result.catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(999)
  expect(seen?.aborted).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(await failure).toBeInstanceOf(DeadlineError)
  expect(seen?.aborted).toBe(true)
})

test('tells a listener why, whenever it comes', async () => {
  const told: Error[] = []
  let late: ((listener: (reason: Error) => void) => void) | undefined
  const failure = withDeadline(1000, (abort) => {
    abort.onAbort((reason) => told.push(reason))
    late = abort.onAbort
    return never()
  }).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(1000)
  late?.((reason) => told.push(reason))
  expect(told).toEqual([await failure, await failure])
})

test('gives a signal that was asked for too late as aborted', async () => {
  let ask: (() => AbortSignal) | undefined
  const failure = withDeadline(1000, (abort) => {
    ask = () => abort.signal
    return never()
  }).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(1000)
  expect(ask?.().reason).toBe(await failure)
})

test('a deadline that fires late waits once more for an answer that is already there', async () => {
  let answer: (value: string) => void = () => {}
  const result = withDeadline(1000, () => new Promise<string>((resolve) => (answer = resolve)))
  freeze(60_000)
  await vi.advanceTimersByTimeAsync(1000)
  answer('from the socket')
  expect(await result).toBe('from the socket')
})

test('a deadline that fires late waits only once', async () => {
  const failure = withDeadline(1000, never).catch((error: unknown) => error)
  freeze(60_000)
  await vi.advanceTimersByTimeAsync(1299)
  expect(vi.getTimerCount()).toBe(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(await failure).toBeInstanceOf(DeadlineError)
  expect(vi.getTimerCount()).toBe(0)
})

test('works where timers are plain numbers', async () => {
  vi.stubGlobal('setTimeout', () => 5)
  expect(await withDeadline(1000, () => Promise.resolve(1))).toBe(1)
  vi.unstubAllGlobals()
})
