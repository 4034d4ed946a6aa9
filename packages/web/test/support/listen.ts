import { getRequestListener } from '@hono/node-server'
import type { ServedApp } from '@tiktok-auth/conformance'
import { listen as listenOn } from '@tiktok-auth/test-rig'

/** Serves a function from request to response with Node, on a free port. */
export function listen(
  respond: (request: Request) => Response | Promise<Response>,
  { ownObjects = false }: { readonly ownObjects?: boolean } = {},
): Promise<ServedApp> {
  // Hono's server brings a `Request` and a `Response` of its own, unless it is told to use the host's.
  return listenOn(getRequestListener(respond, { overrideGlobalObjects: ownObjects, hostname: '127.0.0.1' }))
}
