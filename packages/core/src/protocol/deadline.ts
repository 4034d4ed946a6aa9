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
    const abort = new Abort()
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

/**
 * A class for its getter: V8 gives each object that is made with one a hidden class of its own, and keeps that, with the
 * whole request behind it, until the next full collection.
 */
class Abort implements HttpAbort {
  #controller: AbortController | undefined
  #listener: ((reason: Error) => void) | undefined
  #fired: Error | undefined

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#fired !== undefined) this.#controller.abort(this.#fired)
    return this.#controller.signal
  }

  // Bound, so that a transport may take it off the object.
  readonly onAbort = (listener: (reason: Error) => void): void => {
    this.#listener = listener
    if (this.#fired !== undefined) listener(this.#fired)
  }

  fire(reason: Error): void {
    this.#fired = reason
    this.#controller?.abort(reason)
    this.#listener?.(reason)
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
