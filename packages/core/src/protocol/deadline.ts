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
 * Rejects when the deadline passes and aborts the signal, even if the work does not listen to it. A deadline
 * that fires late was held up together with the whole process (frozen, starved, suspended), and the answer may
 * lie unread in the socket: it then waits once more, briefly.
 */
export function withDeadline<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController()
    const dueAt = performance.now() + timeoutMs
    const expire = (): void => {
      const error = new DeadlineError()
      reject(error)
      controller.abort(error)
    }
    let timer = startTimer(() => {
      if (performance.now() - dueAt > lateMs) timer = startTimer(expire, graceMs)
      else expire()
    }, timeoutMs)
    const run = async (): Promise<void> => {
      try {
        resolve(await work(controller.signal))
      } catch (error) {
        reject(error)
      } finally {
        clearTimeout(timer)
      }
    }
    void run()
  })
}

/** A timer keeps no process alive where the host allows that. */
function startTimer(callback: () => void, delayMs: number): ReturnType<typeof setTimeout> {
  const timer: unknown = setTimeout(callback, delayMs)
  if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function') {
    timer.unref()
  }
  return timer as ReturnType<typeof setTimeout>
}
