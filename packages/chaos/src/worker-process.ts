import { tellGuardian } from '@tiktok-auth/test-servers'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Command, Got, Point, Report, StoreTrouble, WorkerSettings } from './messages.ts'

/** A worker as its parent holds it. */
export interface Worker {
  /** Counts the workers of a run; what the ledger calls them. */
  readonly name: number
  /** Connects to a store and begins anew. */
  start(settings: WorkerSettings): Promise<void>
  setClock(offsetMs: number): void
  /** Lets go whatever stands at an earlier point. */
  stopAt(point: Point | undefined): void
  trouble(trouble: StoreTrouble): void
  /** Asks for tokens, `callers` at once for each user. Never settles when the worker is killed meanwhile. */
  get(openIds: readonly string[], options?: { callers?: number; insistMs?: number }): Promise<readonly Got[]>
  revoke(openId: string): Promise<void>
  /** Lets the worker finish what it is doing and leave its store. */
  end(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
  /** SIGSTOP. */
  freeze(): void
  /** SIGCONT. */
  thaw(): void
  readonly alive: boolean
  /** How many operations stand at the point they were told to stop at. */
  readonly standing: number
}

type Asked =
  | { type: 'start'; settings: WorkerSettings }
  | { type: 'get'; openIds: readonly string[]; callers: number; insistMs: number }
  | { type: 'revoke'; openId: string }
  | { type: 'end' }

interface Waiting {
  readonly resolve: (got: readonly Got[]) => void
  readonly reject: (error: Error) => void
}

const folder = fileURLToPath(new URL('../', import.meta.url))
const script = fileURLToPath(new URL('./worker.ts', import.meta.url))

/** Starts a process; whatever it reports goes to `hear`. */
export function startWorker(name: number, hear: (worker: number, report: Report) => void): Worker {
  const child = fork(script, [], {
    cwd: folder,
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  // A frozen one does not notice that its parent has died.
  if (child.pid !== undefined) tellGuardian({ pid: child.pid })
  const waiting = new Map<number, Waiting>()
  let standing = 0
  let questions = 0
  let killed = false

  function answer(report: Report): void {
    if (report.type === 'done') waiting.get(report.id)?.resolve(report.got)
    else if (report.type === 'failed') waiting.get(report.id)?.reject(new Error(report.message))
    else if (report.type === 'at') standing++
    if ('id' in report) waiting.delete(report.id)
    hear(name, report)
  }
  child.on('message', (report: Report) => answer(report))
  // What was sent to one that is dying; its end is seen below.
  child.on('error', () => {})
  child.on('exit', (code) => {
    if (child.pid !== undefined) tellGuardian({ gone: child.pid })
    // A killed worker answers nothing; one that ends by itself has failed.
    if (killed) return
    for (const { reject } of waiting.values()) reject(new Error(`Worker ${name} ended with ${code}.`))
  })

  function ask(question: Asked): Promise<readonly Got[]> {
    const id = ++questions
    const command: Command = { ...question, id }
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      tell(child, command)
    })
  }

  return {
    name,
    async start(settings) {
      standing = 0
      await ask({ type: 'start', settings })
    },
    setClock: (offsetMs) => tell(child, { type: 'clock', offsetMs }),
    stopAt(point) {
      standing = 0
      tell(child, { type: 'stop at', point })
    },
    trouble: (trouble) => tell(child, { type: 'trouble', trouble }),
    get: (openIds, { callers = 1, insistMs = 0 } = {}) => ask({ type: 'get', openIds, callers, insistMs }),
    async revoke(openId) {
      await ask({ type: 'revoke', openId })
    },
    async end() {
      await ask({ type: 'end' })
    },
    async kill() {
      killed = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'close')
      child.kill('SIGKILL')
      await ended
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    get alive() {
      return !killed && child.exitCode === null && child.signalCode === null
    },
    get standing() {
      return standing
    },
  }
}

function tell(child: ChildProcess, command: Command): void {
  if (child.connected) child.send(command)
}
