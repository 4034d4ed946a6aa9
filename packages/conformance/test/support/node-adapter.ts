import { createTikTokAuth, createVisits, headersOf, type AuthAnswer, type AuthHooks } from '@tiktok-auth/core'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { prepareSite, type ServeApp, type Site, type SiteApp, type SiteReply } from '../../src/index.ts'

type Headers = AuthAnswer['headers']

/** The places where an adapter can go wrong. Each has its right form below; a test replaces one. */
export interface Seams {
  method(req: IncomingMessage): string
  url(url: string): string
  originalUrl(req: IncomingMessage, url: string): string
  header(req: IncomingMessage, name: string): string | undefined
  /** Puts headers on an answer. */
  setHeaders(res: ServerResponse, headers: Headers): void
  /** The headers that the answer to an error must carry. */
  errorHeaders(error: unknown): Headers
  /** Whether somebody gets in. */
  refusal(answer: AuthAnswer | undefined): AuthAnswer | undefined
  recovery(answer: AuthAnswer | undefined): AuthAnswer | undefined
  /** The headers that keep a session alive. */
  renewal(headers: Headers): Headers
  /** Whether the headers of a login stay although `onLogin` threw. */
  dropOnThrow: boolean
  /** Whether they stand on an answer of the application's own. */
  setBeforeHook: boolean
  hooks(hooks: AuthHooks, req: IncomingMessage): AuthHooks
  /** Answers what no route answered. */
  fallback(res: ServerResponse): void
  report(site: Site, error: unknown, req: IncomingMessage): SiteReply
}

/** An adapter for `node:http` alone, in its right form. */
export const seams: Seams = {
  method: (req) => req.method ?? 'GET',
  url: (url) => url,
  originalUrl: (_req, url) => url,
  header: (req, name) => [req.headers[name]].flat().filter(Boolean).join(', ') || undefined,
  setHeaders(res, headers) {
    for (const [name, value] of headers) {
      if (name === 'set-cookie') res.appendHeader(name, value)
      else res.setHeader(name, value)
    }
  },
  errorHeaders: headersOf,
  refusal: (answer) => answer,
  recovery: (answer) => answer,
  renewal: (headers) => headers,
  dropOnThrow: true,
  setBeforeHook: true,
  hooks: (hooks) => hooks,
  fallback: (res) => send(res, { status: 404, json: { error: 'not found' } }),
  report: (site, error) => site.failed(error),
}

/** Serves sites by `node:http`, with some seams replaced. */
export function serveWith(replaced: Partial<Seams> = {}): ServeApp {
  const own: Seams = { ...seams, ...replaced }
  return async (setup) => {
    const site = prepareSite(setup)
    const apps = site.apps.map((app) => createApp(app, own))
    const server = createServer((req, res) => {
      for (const cookie of site.cookies) res.appendHeader('set-cookie', cookie)
      void respond({ req, res, own }, apps, site)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return {
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async close() {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      },
    }
  }
}

interface Turn {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly own: Seams
}

type App = (turn: Turn) => Promise<boolean>

async function respond(turn: Turn, apps: readonly App[], site: Site): Promise<void> {
  const { req, res, own } = turn
  try {
    for (const app of apps) if (await app(turn)) return
    own.fallback(res)
  } catch (error) {
    const { status = 500 } = error as { status?: number }
    const reply = site.recordsErrors ? own.report(site, error, req) : { status, json: { error: 'failed' } }
    if (!res.headersSent) send(res, reply)
  }
}

function createApp(app: SiteApp, own: Seams): App {
  const auth = createTikTokAuth(app.options)
  const visits = createVisits(auth, app.options)
  for (const { requireLogin } of app.routes) if (requireLogin) visits.check(requireLogin)

  return async ({ req, res }) => {
    const whole = own.url(req.url ?? '/')
    if (!whole.startsWith(app.mountPath)) return false
    const request = {
      method: own.method(req),
      url: whole.slice(app.mountPath.length) || '/',
      originalUrl: own.originalUrl(req, whole),
      mountPath: app.mountPath,
      header: (name: string) => own.header(req, name),
      body: async () => new Uint8Array(),
      setHeaders: (headers: Headers) => own.setHeaders(res, headers),
    }
    const visit = await visits.open(request)
    let handled = false
    const hooks = own.hooks(
      hooksOf(app, { req, res, own }, () => (handled = true)),
      req,
    )
    try {
      const answer = await auth.handle(request, hooks)
      if (answer !== undefined) return apply(res, answer, own)
    } catch (error) {
      own.setHeaders(res, own.errorHeaders(error))
      throw error
    }
    if (handled) return true
    const [path] = request.url.split('?')
    const route = app.routes.find((each) => each.path === path && each.method === req.method?.toLowerCase())
    if (route === undefined) return false
    own.setHeaders(res, own.renewal(visit.headers))
    try {
      if (route.requireLogin !== undefined) {
        const refusal = own.refusal(await visit.requireLogin(route.requireLogin))
        if (refusal !== undefined) return apply(res, refusal, own)
      }
      send(res, await route.handle({ state: visit.state, header: request.header }))
      return true
    } catch (error) {
      const answer = own.recovery(visit.recover(error))
      if (answer === undefined) throw error
      return apply(res, answer, own)
    }
  }
}

function hooksOf({ onStart, onLogin }: SiteApp, { req, res, own }: Turn, handled: () => void): AuthHooks {
  return {
    ...(onStart && { onStart: () => onStart((name) => own.header(req, name)) }),
    ...(onLogin && {
      async onLogin(login, headers) {
        const before = res.getHeader('set-cookie')
        if (own.setBeforeHook) own.setHeaders(res, headers)
        try {
          const result = await onLogin(login, (reply) => send(res, reply))
          if (result === 'handled') handled()
          else res.removeHeader('set-cookie')
          return result
        } catch (error) {
          if (own.dropOnThrow) res.removeHeader('set-cookie')
          if (own.dropOnThrow && before !== undefined) res.setHeader('set-cookie', before)
          throw error
        }
      },
    }),
  }
}

function apply(res: ServerResponse, { status, headers, body }: AuthAnswer, own: Seams): true {
  own.setHeaders(res, headers)
  res.statusCode = status
  res.end(body)
  return true
}

/** Sends a reply as JSON. */
export function send(res: ServerResponse, { status, json }: SiteReply): void {
  res.statusCode = status
  res.setHeader('content-type', 'application/json; charset=utf-8')
  res.end(JSON.stringify(json))
}
