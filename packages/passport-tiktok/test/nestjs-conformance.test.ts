import { createAdapterRun, saveReport } from '@tiktok-auth/conformance'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, test } from 'vitest'
import { buildNestSite } from './support/serve-nest-site.ts'

const reports = fileURLToPath(new URL('../../../conformance-reports', import.meta.url))
const adapter = 'Passport 0.7 on NestJS 11'

describe(adapter, () => {
  const { cases, report } = createAdapterRun(buildNestSite(), {
    adapter,
    // Sessions are Passport's, and who may enter is the app's own guard's business.
    appSession: 'site',
    lacks: ['session', 'requireLogin', 'state', 'endRoutes', 'identify'],
  })
  for (const { name, run } of cases) test(name, () => run())
  afterAll(() => saveReport(report(), reports))
})
