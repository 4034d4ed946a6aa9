import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { fileURLToPath } from 'node:url'
import type { WebTikTokAuthOptions } from '../../src/index.ts'

/** What the app on workerd is told. */
export interface WorkerSettings {
  readonly databaseUrl: string
  /** Whether it gives `waitUntil`. */
  readonly holds: boolean
  /** Options that JSON can hold. */
  readonly options: WebTikTokAuthOptions
}

/** Bundles the app as a deployment does, and runs it on Cloudflare's own runtime, on this machine. */
export async function startWorker(settings: WorkerSettings): Promise<Miniflare> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../workers/worker.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'worker'],
    external: ['cloudflare:workers'],
  })
  return new Miniflare({
    host: '127.0.0.1',
    modules: true,
    script: outputFiles[0]?.text ?? '',
    compatibilityDate: '2026-01-01',
    bindings: { SETTINGS: JSON.stringify(settings) },
  })
}
