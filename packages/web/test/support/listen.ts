import { getRequestListener } from '@hono/node-server'
import type { ServedApp } from '@tiktok-auth/conformance'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Serves a function from request to response with Node, on a free port. */
export async function listen(
  respond: (request: Request) => Response | Promise<Response>,
  { ownObjects = false }: { readonly ownObjects?: boolean } = {},
): Promise<ServedApp> {
  // Hono's server brings a `Request` and a `Response` of its own, unless it is told to use the host's.
  const server = createServer(
    getRequestListener(respond, { overrideGlobalObjects: ownObjects, hostname: '127.0.0.1' }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
