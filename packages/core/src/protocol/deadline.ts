import type { HttpAbort } from '../http.ts'

/** Thrown inside the library when a deadline ended the wait; callers see a `network` error with `timedOut`. */
export class DeadlineError extends Error {
  constructor() {
    super('The deadline passed.')
    this.name = 'DeadlineError'
  }
}

const lateMs = 500
const graceMs = 300

/**
 * Runs work under one total deadline: connecting, headers and body together.
 *
 * Rejects when the deadline passes and aborts the work, even if that does not listen. A deadline
 * that fires late was held up together with the whole process (frozen, starved, suspended), and the answer may
 * lie unread in the socket: it then waits once more, briefly.
 */
export function withDeadline<T>(timeoutMs: number, work: (abort: HttpAbort) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = createAbort()
    const working = work(abort)
    const dueAt = performance.now() + timeoutMs
    const expire = (): void => {
      const error = new DeadlineError()
      reject(error)
      abort.fire(error)
    }
    let timer = startTimer(() => {
      if (performance.now() - dueAt > lateMs) timer = startTimer(expire, graceMs)
      else expire()
    }, timeoutMs)
    working.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}

function createAbort(): HttpAbort & { fire(reason: Error): void } {
  let controller: AbortController | undefined
  let listener: ((reason: Error) => void) | undefined
  let fired: Error | undefined
  return {
    get signal() {
      controller ??= new AbortController()
      if (fired !== undefined) controller.abort(fired)
      return controller.signal
    },
    onAbort(given) {
      listener = given
      if (fired !== undefined) given(fired)
    },
    fire(reason) {
      fired = reason
      controller?.abort(reason)
      listener?.(reason)
    },
  }
}

/** A timer keeps no process alive where the host allows that. */
function startTimer(callback: () => void, delayMs: number): ReturnType<typeof setTimeout> {
  const timer: unknown = setTimeout(callback, delayMs)
  if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function') {
    timer.unref()
  }
  return timer as ReturnType<typeof setTimeout>
}
