// Runs on Bun and on Deno: serves the sites of conformance cases with the server that each brings.
import type { SiteSetup } from '@tiktok-auth/conformance'
import { createSiteHandler, type SiteHandler } from '../support/site-handler.ts'
import { answerLines } from '../../../../scripts/answer-lines.ts'

interface Server {
  readonly port: number
  stop(): Promise<unknown>
}

interface BunHost {
  serve(options: {
    readonly hostname: string
    readonly port: number
    readonly development: boolean
    fetch(request: Request): Promise<Response>
    error(error: unknown): Response
  }): { readonly port: number; stop(closeConnections: boolean): Promise<void> }
}

interface DenoHost {
  serve(
    options: {
      readonly hostname: string
      readonly port: number
      readonly signal: AbortSignal
      onListen(): void
      onError(error: unknown): Response
    },
    handler: (request: Request) => Promise<Response>,
  ): { readonly addr: { readonly port: number }; readonly finished: Promise<void> }
}

const { Bun, Deno } = globalThis as unknown as { readonly Bun?: BunHost; readonly Deno?: DenoHost }
const address = { hostname: '127.0.0.1', port: 0 }

function serveBun(host: BunHost, { respond, failed }: SiteHandler): Server {
  const server = host.serve({ ...address, development: false, fetch: respond, error: failed })
  return { port: server.port, stop: () => server.stop(true) }
}

function serveDeno(host: DenoHost, { respond, failed }: SiteHandler): Server {
  const ended = new AbortController()
  const options = { ...address, signal: ended.signal, onListen: () => undefined, onError: failed }
  const server = host.serve(options, respond)
  return {
    port: server.addr.port,
    stop() {
      ended.abort()
      return server.finished
    },
  }
}

function serve(site: SiteHandler): Server {
  if (Bun !== undefined) return serveBun(Bun, site)
  if (Deno !== undefined) return serveDeno(Deno, site)
  throw new Error('This is neither Bun nor Deno.')
}

const servers = new Map<number, Server>()

await answerLines<{ readonly serve: SiteSetup } | { readonly close: number }>(async (question) => {
  if ('serve' in question) {
    const server = serve(createSiteHandler(question.serve))
    servers.set(server.port, server)
    return server.port
  }
  await servers.get(question.close)?.stop()
  servers.delete(question.close)
  return question.close
})
