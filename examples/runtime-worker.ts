// Runs on Bun and on Deno: serves the example of the runtime it runs on, and is told the time.
import { answerLines } from '../scripts/answer-lines.ts'

interface App {
  fetch(request: Request): Promise<Response>
  error(error: unknown): Response
}

interface Runtimes {
  readonly Bun?: { serve(options: App & typeof address): { readonly port: number } }
  readonly Deno?: {
    serve(
      options: typeof address & { onListen(): void; onError(error: unknown): Response },
      handler: App['fetch'],
    ): { readonly addr: { readonly port: number } }
  }
}

interface Start {
  readonly framework: string
  readonly settings: object
  readonly dashboardUrl: string
}

const address = { hostname: '127.0.0.1', port: 0 }
const { Bun, Deno } = globalThis as unknown as Runtimes
let clockAheadMs = 0

async function start({ framework, settings, dashboardUrl }: Start): Promise<number | undefined> {
  const { createApp } = (await import(`./${framework}/src/server.ts`)) as {
    createApp(options: object, demo: object): App
  }
  const app = createApp({ ...settings, now: () => Date.now() + clockAheadMs }, { dashboardUrl })
  const options = { ...address, onListen: () => undefined, onError: app.error }
  return Bun?.serve({ ...address, ...app }).port ?? Deno?.serve(options, app.fetch).addr.port
}

await answerLines<{ readonly serve: Start } | { readonly clockAheadMs: number }>(async (question) => {
  if ('serve' in question) return start(question.serve)
  clockAheadMs = question.clockAheadMs
  return undefined
})
