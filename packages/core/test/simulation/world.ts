/** Virtual time: a queue of events, run one by one; equal instants in an order that the seed decides. */
export interface World {
  /** Milliseconds of true time since the run began. */
  readonly time: number
  /** A number in [0, 1). */
  random(): number
  between(low: number, high: number): number
  chance(probability: number): boolean
  pick<Item>(items: readonly Item[]): Item
  schedule(delayMs: number, run: () => void): () => void
  /** Runs events until none is left or `until` is reached. Throws when the run does not come to an end. */
  drain(until?: number): Promise<void>
  readonly pending: number
  readonly steps: number
}

interface Entry {
  readonly at: number
  readonly order: number
  run: (() => void) | undefined
}

const mostSteps = 60_000

/** Starts a world whose every decision follows from `seed`. */
export function createWorld(seed: number, afterStep: () => void): World {
  const random = mulberry(seed)
  const heap: Entry[] = []
  let time = 0
  let steps = 0
  let cancelled = 0

  const world: World = {
    get time() {
      return time
    },
    get pending() {
      return heap.length - cancelled
    },
    get steps() {
      return steps
    },
    random,
    between: (low, high) => low + random() * (high - low),
    chance: (probability) => probability > 0 && random() < probability,
    pick(items) {
      const item = items[Math.floor(random() * items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    schedule(delayMs, run) {
      const entry: Entry = { at: time + Math.max(0, delayMs), order: random(), run }
      push(heap, entry)
      return () => {
        if (entry.run === undefined) return
        entry.run = undefined
        cancelled++
      }
    },
    async drain(until = Infinity) {
      await settleMicrotasks()
      for (;;) {
        const next = heap[0]
        if (next === undefined || next.at > until) break
        pop(heap)
        const { run } = next
        if (run === undefined) {
          cancelled--
          continue
        }
        next.run = undefined
        time = next.at
        if (++steps > mostSteps) throw new Error('the run does not come to an end')
        run()
        await settleMicrotasks()
        afterStep()
      }
      if (until !== Infinity) time = Math.max(time, until)
    },
  }
  return world
}

function settleMicrotasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function mulberry(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.length
  heap.push(entry)
  while (index > 0) {
    const parent = (index - 1) >> 1
    const above = heap[parent]
    if (above === undefined || !before(entry, above)) break
    heap[index] = above
    index = parent
  }
  heap[index] = entry
}

function pop(heap: Entry[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let index = 0
  for (;;) {
    const left = 2 * index + 1
    const right = left + 1
    let child = heap[left]
    let at = left
    const other = heap[right]
    if (child !== undefined && other !== undefined && before(other, child)) {
      child = other
      at = right
    }
    if (child === undefined || !before(child, last)) break
    heap[index] = child
    index = at
  }
  heap[index] = last
}
