import { createAdapterRun, saveReport } from '@tiktok-auth/conformance'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, test } from 'vitest'
import { serveSite } from './support/serve-site.ts'

const reports = fileURLToPath(new URL('../../../conformance-reports', import.meta.url))

describe('Fastify 5', () => {
  const { cases, report } = createAdapterRun(serveSite, { adapter: 'Fastify 5' })
  for (const { name, run } of cases) test(name, () => run())
  afterAll(() => saveReport(report(), reports))
})
