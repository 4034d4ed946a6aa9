import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An app's callback address that keeps what it is called with. */
export interface CallbackServer {
  readonly redirectUri: string
  /** The queries of all calls so far. */
  readonly calls: readonly URLSearchParams[]
  close(): Promise<void>
}

/** Starts one on a free port. */
export async function startCallbackServer(): Promise<CallbackServer> {
  const calls: URLSearchParams[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    if (url.pathname === '/callback') calls.push(url.searchParams)
    response
      .setHeader('content-type', 'text/html')
      .end('<!doctype html><title>App</title><h1>Back in the app</h1>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    redirectUri: `http://127.0.0.1:${port}/callback`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
