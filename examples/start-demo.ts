import { getRequestListener } from '@hono/node-server'
import { createEmulator } from '@tiktok-auth/emulator'
import { openSqlite, sqliteTokenStore } from '@tiktok-auth/store-sqlite'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { register } from 'tsx/cjs/api'
import { runtimes } from '../scripts/other-runtimes.ts'
import { demoState } from './demo-state.ts'
import { firstFree, listen } from './free-port.ts'
import { createPendingWork } from './pending-work.ts'
import { serveInRuntime } from './serve-in-runtime.ts'

/** What {@link startDemo} starts. */
export interface DemoOptions {
  /** The folder of the example beside this file. */
  readonly framework: string
  /** Where the app listens, if that port is free. Default: any free port. */
  readonly appPort?: number
  /** Where the emulator listens, if that port is free. Default: any free port. */
  readonly emulatorPort?: number
  /** The host in the app's address: another than the emulator's makes them two sites. Default `127.0.0.1`. */
  readonly host?: '127.0.0.1' | 'localhost'
  /**
   * Where the demo keeps what its next start needs. Left alone where `appPort` is taken: another demo may be using it.
   * Default: a folder that goes at the end.
   */
  readonly folder?: string
}

/** A running demo. */
export interface Demo {
  readonly appOrigin: string
  readonly dashboardUrl: string
  readonly emulator: ReturnType<typeof createEmulator>
  /** Whether the next start goes on where this one ends. */
  readonly lasts: boolean
  close(): Promise<void>
}

/** The frameworks that have an example: the folders beside this file with a server in them. */
export const frameworks: readonly string[] = readdirSync(import.meta.dirname).filter((folder) =>
  existsSync(join(import.meta.dirname, folder, 'src/server.ts')),
)

const callback = '/auth/tiktok/callback'
const clientKey = 'awdemo0example0app'

/** Starts the emulator and an example that uses it, on one clock. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const server = createServer()
  const port = await listen(server, options.appPort)
  const appOrigin = `http://${options.host ?? '127.0.0.1'}:${port}`
  const lasting = options.folder !== undefined && (!options.appPort || port === options.appPort)
  const folder = lasting ? String(options.folder) : mkdtempSync(join(tmpdir(), 'tiktok-auth-demo-'))
  const { clientSecret, secret, grantsFile, emulatorFile } = demoState(folder)
  const client = {
    clientKey,
    clientSecret,
    platform: 'desktop' as const,
    name: 'Example app',
    redirectUris: [appOrigin + callback],
  }
  const emulator = createEmulator({ clients: [client], stateFile: emulatorFile })
  const listening = await firstFree(
    (emulatorPort) => emulator.listen({ port: emulatorPort }),
    [options.emulatorPort ?? 0, 0],
  )
  const dashboardUrl = `${listening.origin}/`

  const settings = {
    clientKey,
    clientSecret,
    redirectUri: appOrigin + callback,
    secret,
    endpoints: emulator.endpoints,
  }
  // "Two hours later" on the dashboard is two hours later for the app too.
  const now = (): number => emulator.now()
  const { listener, stop } = await serveExample(options.framework, {
    settings,
    grantsFile,
    now,
    dashboardUrl,
  })
  server.on('request', (req, res) => {
    // A login must end on the host where it began: its cookie is this host's.
    if (req.headers.host === new URL(appOrigin).host) listener(req, res)
    else res.writeHead(302, { location: appOrigin }).end()
  })
  return {
    appOrigin,
    dashboardUrl,
    emulator,
    lasts: lasting,
    async close() {
      server.close()
      server.closeAllConnections()
      await stop()
      await listening.close()
      if (!lasting) rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface ExampleParts {
  readonly settings: object
  readonly grantsFile: string
  readonly now: () => number
  readonly dashboardUrl: string
}

interface ServedExample {
  readonly listener: RequestListener
  stop(): Promise<void>
}

/** Makes an example what a server calls, in this process or in one of another runtime. */
async function serveExample(framework: string, parts: ExampleParts): Promise<ServedExample> {
  const runtime = runtimes.find(({ name }) => name.toLowerCase() === framework)
  if (runtime !== undefined) return serveInRuntime(runtime, { framework, ...parts })
  const { settings, grantsFile, now, dashboardUrl } = parts
  const createApp = await exampleOf(framework)
  const store = sqliteTokenStore(await openSqlite(grantsFile))
  await store.setup()
  const pending = createPendingWork()
  const app = await createApp({ ...settings, store, now, waitUntil: pending.add }, { dashboardUrl })
  const listener = await (listeners[framework] ?? asItIs)(app)
  const stop = async (): Promise<void> => {
    await pending.done()
    await store.close()
  }
  return { listener, stop }
}

type CreateApp = (options: object, demo: object) => App | Promise<App>

/** An app, in one of the forms that frameworks give it. */
type App = RequestListener & {
  callback(): RequestListener
  ready(): PromiseLike<unknown>
  fetch(request: Request): Promise<Response>
  readonly routing: RequestListener
}

/** How the app of a framework becomes what a server calls, where it is not that already. */
const listeners: Readonly<Record<string, (app: App) => RequestListener | Promise<RequestListener>>> = {
  fastify: async (app) => app.ready().then(() => app.routing),
  hono: (app) => getRequestListener(app.fetch),
  koa: (app) => app.callback(),
}

const asItIs = (app: App): RequestListener => app

/** How examples are loaded that do not run as they stand. */
const loaders: Readonly<Record<string, (framework: string) => Promise<CreateApp>>> = { nestjs: loadBuilt }

async function exampleOf(framework: string): Promise<CreateApp> {
  return (loaders[framework] ?? loadSource)(framework)
}

async function loadSource(framework: string): Promise<CreateApp> {
  const { createApp } = await import(`./${framework}/src/server.ts`)
  return createApp
}

/** Compiles with TypeScript itself, which alone writes the metadata of decorators, and loads the CommonJS of it. */
async function loadBuilt(framework: string): Promise<CreateApp> {
  const compiler = join(import.meta.dirname, '../node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [compiler, '-p', join(import.meta.dirname, framework)], { stdio: 'inherit' })
  // The packages it requires are TypeScript in this repository.
  const unregister = register()
  try {
    const { createApp } = createRequire(import.meta.url)(`./${framework}/dist/server.js`)
    return createApp
  } finally {
    unregister()
  }
}
