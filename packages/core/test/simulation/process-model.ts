import type { Clock } from '../../src/tokens/clock.ts'
import type { World } from './world.ts'

/** The part of a machine that a manager runs in: its clocks, and a switch. */
export interface SimProcess {
  readonly id: number
  readonly clock: Clock
  readonly alive: boolean
  /** True times of the freezes so far. */
  readonly freezes: readonly { readonly from: number; readonly to: number }[]
  /** Timers that this process waits for. */
  readonly timers: number
  /** How many steps out of the process, or back into it, have been made. */
  readonly steps: number
  /** Runs a step of the process now, when it thaws, or never. */
  deliver(run: () => void): void
  crash(): void
  freeze(ms: number): void
  setClock(skewMs: number): void
}

/** Unix time at which every run begins. */
export const epoch = 1_800_000_000_000

export function createProcess(
  world: World,
  id: number,
  { skewMs, onCrash }: { skewMs: number; onCrash: () => void },
): SimProcess {
  let alive = true
  let frozenUntil = 0
  let skew = skewMs
  let steps = 0
  let timers = 0
  let serial = 0
  // The monotonic clock of a process begins wherever it likes.
  const origin = world.between(0, 1e6)
  const freezes: { from: number; to: number }[] = []

  function deliver(run: () => void): void {
    if (!alive) return
    if (world.time < frozenUntil) {
      // What has piled up comes in any order: a timer may run before the answer that arrived long ago.
      world.schedule(frozenUntil - world.time + world.between(0, 2), () => deliver(run))
      return
    }
    steps++
    run()
  }

  return {
    id,
    get alive() {
      return alive
    },
    get timers() {
      return timers
    },
    get steps() {
      return steps
    },
    freezes,
    deliver,
    clock: {
      now: () => Math.floor(epoch + world.time + skew),
      monotonic: () => world.time + origin,
      after(ms, callback) {
        let waiting = true
        timers++
        const over = (): void => {
          if (waiting) timers--
          waiting = false
        }
        const cancel = world.schedule(ms, () => {
          deliver(() => {
            if (!waiting) return
            over()
            callback()
          })
        })
        return () => {
          over()
          cancel()
        }
      },
      random: () => world.random(),
      id: () => `p${id}.${++serial}`,
    },
    crash() {
      alive = false
      onCrash()
    },
    freeze(ms) {
      freezes.push({ from: world.time, to: world.time + ms })
      frozenUntil = Math.max(frozenUntil, world.time + ms)
    },
    setClock(ms) {
      skew = ms
    },
  }
}
