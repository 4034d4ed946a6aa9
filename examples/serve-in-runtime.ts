import { request, type RequestListener } from 'node:http'
import { join } from 'node:path'
import { startWorker, type Runtime } from '../scripts/other-runtimes.ts'

/** What an example in another process is made from. */
export interface RuntimeExample {
  readonly framework: string
  /** The adapter's options, as far as they are plain JSON. */
  readonly settings: object
  /** Its SQLite file. */
  readonly grantsFile: string
  readonly now: () => number
  readonly dashboardUrl: string
}

/** Serves an example with the server of another runtime, behind a proxy that tells it the time. */
export async function serveInRuntime(
  runtime: Runtime,
  { framework, settings, grantsFile, now, dashboardUrl }: RuntimeExample,
): Promise<{ listener: RequestListener; stop(): Promise<void> }> {
  const worker = startWorker(runtime, join(import.meta.dirname, 'runtime-worker.ts'))
  const port = Number(await worker.ask({ serve: { framework, settings, grantsFile, dashboardUrl } }))
  let told = 0

  /** The clock is the emulator's, which may have been moved; seconds apart do not matter. */
  async function tellTime(): Promise<void> {
    const ahead = now() - Date.now()
    if (Math.abs(ahead - told) < 1000) return
    told = ahead
    await worker.ask({ clockAheadMs: ahead })
  }

  const listener: RequestListener = (req, res) => {
    const fail = (): void => void res.writeHead(502).end()
    const forward = (): void => {
      const { method, url: path, rawHeaders: headers } = req
      // One connection each: whether the browser keeps its own says nothing about this one.
      const target = { host: '127.0.0.1', port, method, path, headers, setHost: false, agent: false }
      const onward = request(target, (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
        answer.pipe(res)
      })
      onward.on('error', fail)
      req.pipe(onward)
    }
    tellTime().then(forward, fail)
  }
  async function stop(): Promise<void> {
    // Where it has died there is nothing left to finish.
    await worker.ask({ finish: true }).catch(() => undefined)
    await worker.stop()
  }
  return { listener, stop }
}
