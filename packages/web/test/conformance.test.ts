import { createAdapterRun, saveReport } from '@tiktok-auth/conformance'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, test } from 'vitest'
import { serveHono } from './support/serve-hono.ts'
import { serveNext } from './support/serve-next.ts'

const reports = fileURLToPath(new URL('../../../conformance-reports', import.meta.url))

describe.each([
  // First, with the objects of Node: Hono's server replaces them.
  ['Next.js route handlers', serveNext, ['appSession']],
  // Its error path, as that of Bun and Deno, knows the error alone; `onError` knows the request as well.
  ['Hono', serveHono, ['appSession', 'errorRequest']],
] as const)('%s', (adapter, serve, lacks) => {
  const { cases, report } = createAdapterRun(serve, { adapter, lacks })
  for (const { name, run } of cases) test(name, () => run())
  afterAll(() => saveReport(report(), reports))
})
