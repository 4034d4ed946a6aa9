import {
  createTikTokAuth,
  createVisits,
  headersOf,
  originForm,
  type AuthAnswer,
  type AuthHooks,
  type AuthRequest,
} from '@tiktok-auth/core'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openSession, type NodeSession, type SessionSteps } from './node-session.ts'
import { prepareSite, type ServeApp, type Site, type SiteApp, type SiteReply } from '../../src/index.ts'

type Headers = AuthAnswer['headers']

/** The places where an adapter can go wrong. Each has its right form below; a test replaces one. */
export interface Seams {
  method(req: IncomingMessage): string
  url(url: string): string
  /** Makes a path of a request target. */
  path(target: string): string
  originalUrl(req: IncomingMessage, url: string): string
  header(req: IncomingMessage, name: string): string | undefined
  /** Puts headers on an answer. */
  setHeaders(res: ServerResponse, headers: Headers): void
  /** The headers that the answer to an error must carry. */
  errorHeaders(error: unknown, request: AuthRequest): Headers
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
  /** How the application is asked who a request belongs to. */
  identify(ask: Ask): Ask
  /** Whether what `identify` throws on a route of ours is an error of that route. */
  identifyInRoutes: boolean
  /** What is done about the app's own session when a login begins another one. */
  begin: SessionSteps
  /** Answers what no route answered. */
  fallback(res: ServerResponse): void
  report(site: Site, error: unknown, req: IncomingMessage): SiteReply
}

/** Asks the application who a request belongs to. */
export type Ask = () => Promise<string | undefined>

/** An adapter for `node:http` alone, in its right form. */
export const seams: Seams = {
  method: (req) => req.method ?? 'GET',
  url: (url) => url,
  path: originForm,
  originalUrl: (_req, url) => url,
  header: (req, name) => [req.headers[name]].flat().filter(Boolean).join(', ') || undefined,
  setHeaders(res, headers) {
    for (const [name, value] of headers) {
      if (name !== 'set-cookie') res.setHeader(name, value)
      else if (!cookiesOf(res).includes(value)) res.appendHeader(name, value)
    }
  },
  errorHeaders: headersOf,
  refusal: (answer) => answer,
  recovery: (answer) => answer,
  renewal: (headers) => headers,
  dropOnThrow: true,
  setBeforeHook: true,
  hooks: (hooks) => hooks,
  identify(ask) {
    let answer: ReturnType<Ask> | undefined
    return () => (answer ??= ask())
  },
  identifyInRoutes: true,
  begin: { endsOld: true, newId: true, empties: true, awaits: true },
  fallback: (res) => send(res, { status: 404, json: { error: 'not found' } }),
  report: (site, error) => site.failed(error),
}

function cookiesOf(res: ServerResponse): readonly string[] {
  return [res.getHeader('set-cookie') ?? []].flat().map(String)
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
  const options = { ...app.options, ...(app.identify && { session: { identify: () => undefined } }) }
  const auth = createTikTokAuth(options)
  const visits = createVisits(auth, options)
  for (const { requireLogin } of app.routes) if (requireLogin) visits.check(requireLogin)

  return async ({ req, res }) => {
    const whole = own.path(own.url(req.url ?? '/'))
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
    const session = app.sessions && (await openSession({ req, res }, app.sessions, own.begin))
    let handled = false
    const turn = { req, res, own, session, handled: () => (handled = true) }
    const hooks = own.hooks(hooksOf(app, turn), req)
    if (!own.identifyInRoutes) await hooks.identify?.()
    try {
      const answer = await auth.handle(request, hooks)
      if (answer !== undefined) return apply(res, answer, own)
    } catch (error) {
      own.setHeaders(res, own.errorHeaders(error, request))
      throw error
    }
    if (handled) return true
    const visit = await visits.open(request, hooks)
    const [path] = request.url.split('?')
    const route = app.routes.find((each) => each.path === path && each.method === req.method?.toLowerCase())
    if (route === undefined) return false
    own.setHeaders(res, own.renewal(visit.headers))
    try {
      if (route.requireLogin !== undefined) {
        const refusal = own.refusal(await visit.requireLogin(route.requireLogin))
        if (refusal !== undefined) return apply(res, refusal, own)
      }
      const { header } = request
      const reply = await route.handle({ state: visit.state, header, ...(session && { session }) })
      await session?.save()
      send(res, reply)
      return true
    } catch (error) {
      const answer = own.recovery(visit.recover(error))
      if (answer === undefined) throw error
      return apply(res, answer, own)
    }
  }
}

interface HookTurn extends Turn {
  readonly session: NodeSession | undefined
  readonly handled: () => void
}

function hooksOf({ onStart, onLogin, identify }: SiteApp, turn: HookTurn): AuthHooks {
  const { req, res, own, session, handled } = turn
  const header = (name: string): string | undefined => own.header(req, name)
  return {
    ...(onStart && { onStart: () => onStart(header) }),
    ...(identify && {
      identify: own.identify(async () => identify({ header, ...(session && { session }) })),
    }),
    ...(onLogin && {
      async onLogin(login, headers) {
        const before = cookiesOf(res)
        if (own.setBeforeHook) own.setHeaders(res, headers)
        try {
          const result = await onLogin(login, (reply) => send(res, reply), session)
          if (result === 'handled') handled()
          return result
        } catch (error) {
          if (own.dropOnThrow) res.removeHeader('set-cookie')
          if (own.dropOnThrow && before.length > 0) res.setHeader('set-cookie', before)
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
