import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A server on the loopback interface. */
export interface Listening {
  readonly port: number
  readonly origin: string
  /** Ends it, connections still open included. */
  close(): Promise<void>
}

/** Listens on a free port. */
export async function listen(listener: RequestListener): Promise<Listening> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Listens on a free port until the test ends. */
export async function listenForTest(listener: RequestListener): Promise<number> {
  const { port, close } = await listen(listener)
  onTestFinished(close)
  return port
}
