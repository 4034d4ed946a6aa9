import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Listens on that port of the loopback interface, or on any other if it is taken. Gives the port. */
export async function listen(server: Server, port = 0): Promise<number> {
  await firstFree(
    (candidate) =>
      new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(candidate, '127.0.0.1', resolve)
      }),
    [port, 0],
  )
  return (server.address() as AddressInfo).port
}

/** Tries one port after the other; 0 is any free one. */
export async function firstFree<Result>(
  listenOn: (port: number) => Promise<Result>,
  [port = 0, ...others]: readonly number[],
): Promise<Result> {
  try {
    return await listenOn(port)
  } catch (error) {
    if (others.length === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return firstFree(listenOn, others)
  }
}
