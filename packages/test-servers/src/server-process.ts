import { spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { tellGuardian } from './guardian.ts'
import { killTree } from './process-tree.mjs'

/** A server that this process started, to be treated as badly as a test likes. */
export interface ServerProcess {
  /** The process to signal; another one after `restart`. */
  readonly pid: number
  /** Where its data lies: what a thief of the disk would read. */
  readonly folder: string
  /** Kills it without warning (SIGKILL), children and all, and waits until it is gone. */
  kill(): Promise<void>
  /** Stops it in its tracks (SIGSTOP): connections stay open and nothing answers. */
  freeze(): void
  /** Lets a frozen server go on (SIGCONT). */
  thaw(): void
  /** Kills it if it still runs and starts it again on the same port and data. */
  restart(): Promise<void>
}

/** How a server is started. */
export interface ServerCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly folder: string
  /** The user to run as, where that is another one. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  /** Rejects while the server does not answer yet. */
  readonly ping: () => Promise<unknown>
}

const longestStartMs = 60_000

// Below the ports that systems give to outgoing connections, with a cluster's bus port too: a client that tries again
// and again to reach a server that is down must not be given its port, or the server could not come back.
const ports = { from: 10_240, count: 12_500 }

/** Starts a server and waits until it answers. */
export async function startServer(server: ServerCommand): Promise<ServerProcess> {
  let child = await launch(server)
  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    // Nothing else may keep this process until then.
    child.ref()
    const ended = once(child, 'exit')
    killTree(pidOf(child), 'SIGKILL')
    await ended
    tellGuardian({ gone: pidOf(child) })
  }
  return {
    get pid() {
      return pidOf(child)
    },
    folder: server.folder,
    kill,
    freeze: () => killTree(pidOf(child), 'SIGSTOP'),
    thaw: () => killTree(pidOf(child), 'SIGCONT'),
    async restart() {
      await kill()
      child = await launch(server)
    },
  }
}

/** Gives a free port of the loopback interface; with `alsoFree`, one where port plus that number is free too. */
export async function freePort(alsoFree = 0): Promise<number> {
  for (;;) {
    const port = ports.from + randomInt(ports.count)
    if ((await isFree(port)) && (await isFree(port + alsoFree))) return port
  }
}

async function launch({ command, args, folder, user, ping }: ServerCommand): Promise<ChildProcess> {
  const child = spawn(command, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own group, so that Ctrl-C reaches the tests alone.
    detached: true,
    ...user,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4000)))
    if ('unref' in stream && typeof stream.unref === 'function') stream.unref()
  }
  child.unref()
  if (child.pid === undefined) {
    const [error] = (await once(child, 'error')) as [Error]
    throw error
  }
  tellGuardian({ pid: child.pid })
  const end = Date.now() + longestStartMs
  for (;;) {
    try {
      await ping()
      return child
    } catch (error) {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > end)
        throw new Error(`${command} did not start:\n${output}`, { cause: error })
    }
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('The server has no process.')
  return child.pid
}
