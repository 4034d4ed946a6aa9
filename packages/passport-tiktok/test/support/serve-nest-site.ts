import { prepareSite, type ServeApp, type ServedApp, type Site } from '@tiktok-auth/conformance'
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { register } from 'tsx/cjs/api'

interface NestSite {
  serveSite(site: Site): Promise<ServedApp>
}

/** Builds the NestJS app beside this folder and gives what serves the sites of conformance cases with it. */
export function buildNestSite(): ServeApp {
  const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
  // TypeScript itself, which alone writes the metadata of decorators.
  const compiler = at('../../../../node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [compiler, '-p', at('../nestjs')], { stdio: 'inherit' })
  // The packages it requires are TypeScript in this repository.
  const unregister = register()
  try {
    const { serveSite } = createRequire(import.meta.url)('../nestjs/dist/serve-site.js') as NestSite
    return (setup) => serveSite(prepareSite(setup))
  } finally {
    unregister()
  }
}
