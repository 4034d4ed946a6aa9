import type { Report } from './messages.ts'
import { startWorker, type Worker } from './worker-process.ts'

/** Processes that wait for work: starting one takes a second, and killed ones want replacing at once. */
export interface WorkerPool {
  /** Gives a worker whose reports go to `hear` from now on. */
  take(hear: (worker: number, report: Report) => void): Worker
  /** Takes a worker back; one that cannot finish is killed. */
  giveBack(worker: Worker): Promise<void>
  /** Kills them all. */
  close(): Promise<void>
}

/** Makes a pool that keeps `spare` workers started. */
export function createWorkerPool(spare: number): WorkerPool {
  const idle: Worker[] = []
  const all = new Set<Worker>()
  const hearers = new Map<number, (worker: number, report: Report) => void>()
  let names = 0

  function launch(): Worker {
    const worker = startWorker(++names, (name, report) => hearers.get(name)?.(name, report))
    all.add(worker)
    return worker
  }
  for (let count = 0; count < spare; count++) idle.push(launch())

  return {
    take(hear) {
      const worker = idle.shift() ?? launch()
      if (idle.length === 0 && spare > 0) idle.push(launch())
      hearers.set(worker.name, hear)
      return worker
    },
    async giveBack(worker) {
      hearers.delete(worker.name)
      // One that stands still where it was told to would never finish.
      const ended = worker.standing === 0 && (await endsInTime(worker))
      if (ended) idle.push(worker)
      else {
        all.delete(worker)
        await worker.kill()
      }
    },
    async close() {
      await Promise.all([...all].map((worker) => worker.kill()))
      all.clear()
    },
  }
}

function endsInTime(worker: Worker): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 5_000)
    const settle = (ended: boolean): void => {
      clearTimeout(timer)
      resolve(ended)
    }
    worker.end().then(
      () => settle(true),
      () => settle(false),
    )
  })
}
