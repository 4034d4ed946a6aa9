import type { Clock } from './clock.ts'

/** One caller's wait: bounded by a deadline on the monotonic clock and by its own signal. */
export interface Call {
  /** The work's outcome, or the end of the call, whichever comes first. The work itself is not ended. */
  race<Value>(work: Promise<Value>): Promise<Value>
  /** The work's outcome, or `undefined` after `ms`. */
  patience<Value>(work: Promise<Value>, ms: number): Promise<Value | undefined>
  /** Ends the call and its timers. */
  finish(): void
}

/** What {@link Call.race} rejects with at the deadline. */
export const deadlinePassed: unique symbol = Symbol('deadline passed')

/** Starts a caller's wait. Its timers keep the process alive: somebody is waiting for the answer. */
export function startCall(clock: Clock, waitMs: number, signal: AbortSignal | undefined): Call {
  const cancels = new Set<() => void>()
  let end: (reason: unknown) => void = noop
  const ended = new Promise<never>((_, reject) => {
    end = reject
  })
  ended.catch(noop)

  function after(ms: number, callback: () => void): void {
    const cancel = clock.after(
      ms,
      () => {
        cancels.delete(cancel)
        callback()
      },
      true,
    )
    cancels.add(cancel)
  }
  function onAbort(): void {
    end(signal?.reason)
  }
  function race<Value>(work: Promise<Value>): Promise<Value> {
    return Promise.race([work, ended])
  }

  after(waitMs, () => end(deadlinePassed))
  if (signal?.aborted === true) onAbort()
  else signal?.addEventListener('abort', onAbort, { once: true })

  return {
    race,
    patience: (work, ms) =>
      race(Promise.race([work, new Promise<undefined>((resolve) => after(ms, () => resolve(undefined)))])),
    finish() {
      for (const cancel of cancels) cancel()
      signal?.removeEventListener('abort', onAbort)
      // Whoever still loops on behalf of this call must stop at its next step.
      end(deadlinePassed)
    },
  }
}

function noop(): void {}
