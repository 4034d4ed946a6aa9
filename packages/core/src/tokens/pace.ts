import type { Background } from './background.ts'
import type { Clock } from './clock.ts'

/** Spaces the starts of work, however many batches of this process are under way. */
export interface Pace {
  /** Waits for the next start; less long when the manager is being closed. */
  turn(perSecond: number): Promise<void>
}

/** Makes the pace of one manager. */
export function createPace(clock: Clock, background: Background): Pace {
  let nextAt = -Infinity

  return {
    async turn(perSecond) {
      const gap = 1_000 / perSecond
      const now = clock.monotonic()
      // After a rest the first start is left to chance, so that machines woken by one timetable do not start as one.
      const startAt = nextAt < now ? now + gap * clock.random() : nextAt
      nextAt = startAt + gap
      await background.pause(startAt - now)
    },
  }
}

/** Runs `work` on each item, `concurrency` at a time, until all are done or it resolves to `stop`. */
export async function inParallel<Item>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item) => Promise<'go on' | 'stop'>,
): Promise<void> {
  const left = items.values()
  let stopped = false
  async function runOne(): Promise<void> {
    for (const item of left) {
      if (stopped) return
      if ((await work(item)) === 'stop') stopped = true
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, runOne))
}
