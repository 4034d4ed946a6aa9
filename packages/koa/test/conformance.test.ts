import { createAdapterRun, saveReport } from '@tiktok-auth/conformance'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, test } from 'vitest'
import { versions } from './support/rig.ts'
import { serveSite } from './support/serve-site.ts'

const reports = fileURLToPath(new URL('../../../conformance-reports', import.meta.url))

describe.each(versions)('%s', (adapter, Koa) => {
  const { cases, report } = createAdapterRun(serveSite(Koa), { adapter })
  for (const { name, run } of cases) test(name, () => run())
  afterAll(() => saveReport(report(), reports))
})
