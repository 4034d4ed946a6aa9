import { createAdapterRun, saveReport } from '@tiktok-auth/conformance'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, test } from 'vitest'
import { hosts } from './support/rig.ts'
import { serveSite } from './support/serve-site.ts'

const reports = fileURLToPath(new URL('../../../conformance-reports', import.meta.url))

describe.each(hosts)('%s', (adapter, host) => {
  const { cases, report } = createAdapterRun(serveSite(host), {
    adapter,
    // Sessions are Passport's, and who may enter is the app's own guard's business.
    appSession: 'site',
    lacks: ['session', 'requireLogin', 'state', 'endRoutes', 'identify'],
  })
  for (const { name, run } of cases) test(name, () => run())
  afterAll(() => saveReport(report(), reports))
})
