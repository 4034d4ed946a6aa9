// Runs on Bun and on Deno: serves the example of the runtime it runs on, and is told the time.
import process from 'node:process'
import { openSqlite, sqliteTokenStore } from '@tiktok-auth/store-sqlite'
import { answerLines } from '../scripts/answer-lines.ts'
import { createPendingWork } from './pending-work.ts'

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
  readonly grantsFile: string
  readonly dashboardUrl: string
}

const address = { hostname: '127.0.0.1', port: 0 }
const { Bun, Deno } = globalThis as unknown as Runtimes
const pending = createPendingWork()
let clockAheadMs = 0

async function start({ framework, settings, grantsFile, dashboardUrl }: Start): Promise<number | undefined> {
  const { createApp } = (await import(`./${framework}/src/server.ts`)) as {
    createApp(options: object, demo: object): App
  }
  const store = sqliteTokenStore(await openSqlite(grantsFile))
  await store.setup()
  const now = (): number => Date.now() + clockAheadMs
  const app = createApp({ ...settings, store, now, waitUntil: pending.add }, { dashboardUrl })
  const options = { ...address, onListen: () => undefined, onError: app.error }
  return Bun?.serve({ ...address, ...app }).port ?? Deno?.serve(options, app.fetch).addr.port
}

// Ctrl+C reaches it as well; it ends when the demo has let it finish.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)

type Question = { readonly serve: Start } | { readonly clockAheadMs: number } | { readonly finish: true }

await answerLines<Question>(async (question) => {
  if ('serve' in question) return start(question.serve)
  if ('finish' in question) return pending.done()
  clockAheadMs = question.clockAheadMs
  return undefined
})
