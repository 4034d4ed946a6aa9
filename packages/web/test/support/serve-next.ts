import type { ServeApp } from '@tiktok-auth/conformance'
import { listen } from './listen.ts'
import { createSiteHandler } from './site-handler.ts'

/**
 * Serves the sites of conformance cases as route handlers of Next.js, without a Next.js build: one handler per
 * method, each request behind a proxy as Next.js puts it there, errors answered by `onError`.
 */
export const serveNext: ServeApp = async (setup) => {
  const { respond } = createSiteHandler(setup, { onError: true })
  return listen((request) => respond(watched(request)))
}

/** Next.js watches what a handler reads of its request. */
function watched(request: Request): Request {
  return new Proxy(request, {
    get(target, name) {
      if (name === 'nextUrl') return new URL(target.url)
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
