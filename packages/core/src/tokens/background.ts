import type { Clock } from './clock.ts'

const longestMs = 2 * 60_000

/** The work that goes on when its callers have left. */
export interface Background {
  /** Whether `close` has given up waiting: work that only tries again should end. */
  readonly abandoned: boolean
  /** Whether `close` has been called: no new work should begin. */
  readonly closing: boolean
  /** Follows a piece of work to its end; its failure is its own business. */
  track(work: Promise<unknown>): void
  /** Sleeps; the process is kept alive for it only if `keepAlive`, and never longer than `close` waits. */
  sleep(ms: number, keepAlive: boolean): Promise<void>
  /** Sleeps before work that has not begun: `close` ends it at once. */
  pause(ms: number): Promise<void>
  /** Waits for all work, at most two minutes, then wakes every sleeper. */
  close(): Promise<void>
}

/** Makes the register of one manager's unfinished work. */
export function createBackground(
  clock: Clock,
  waitUntil: ((work: Promise<unknown>) => void) | undefined,
): Background {
  const running = new Set<Promise<void>>()
  const sleepers = new Set<() => void>()
  const pauses = new Set<() => void>()
  let abandoned = false
  let closing = false

  function atMostTwoMinutes(work: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(longestMs, resolve, false)
      const done = (): void => {
        cancel()
        resolve()
      }
      work.then(done, done)
    })
  }

  function wakeAll(wakers: ReadonlySet<() => void>): void {
    for (const wake of wakers) wake()
  }
  function rest(wakers: Set<() => void>, ms: number, keepAlive: boolean): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel()
        wakers.delete(wake)
        resolve()
      }
      const cancel = clock.after(ms, wake, keepAlive)
      wakers.add(wake)
    })
  }

  return {
    get abandoned() {
      return abandoned
    },
    get closing() {
      return closing
    },
    track(work) {
      const ended: Promise<void> = work.then(noop, noop).then(() => {
        running.delete(ended)
      })
      running.add(ended)
      try {
        waitUntil?.(atMostTwoMinutes(ended))
      } catch {
        // A host that cannot be kept alive, outside of a request for instance, is no reason to drop an answer.
      }
    },
    async sleep(ms, keepAlive) {
      if (!abandoned) await rest(sleepers, ms, keepAlive)
    },
    async pause(ms) {
      if (!closing) await rest(pauses, ms, true)
    },
    async close() {
      closing = true
      wakeAll(pauses)
      await atMostTwoMinutes(settled(running))
      abandoned = true
      wakeAll(sleepers)
    },
  }
}

// Work may start other work, such as the settling of a late answer.
async function settled(running: ReadonlySet<Promise<void>>): Promise<void> {
  while (running.size > 0) await Promise.all(running)
}

function noop(): void {}
