import { createAdapterRun, saveReport, type ServeApp } from '@tiktok-auth/conformance'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { runtimes, startWorker, type Worker } from './support/runtimes.ts'

const reports = fileURLToPath(new URL('../../../conformance-reports', import.meta.url))
const file = fileURLToPath(new URL('runtimes/serve-sites.ts', import.meta.url))

describe.each(runtimes.filter(({ binary }) => binary !== undefined))('$name', (runtime) => {
  let worker: Worker
  beforeAll(() => {
    worker = startWorker(runtime, file)
  })

  const serve: ServeApp = async (setup) => {
    const port = await worker.ask({ serve: setup })
    return {
      origin: `http://127.0.0.1:${String(port)}`,
      printed: () => worker.printed(),
      close: async () => void (await worker.ask({ close: port })),
    }
  }

  const { cases, report } = createAdapterRun(serve, { adapter: runtime.name })
  for (const { name, run } of cases) test(name, () => run())
  afterAll(async () => {
    await worker.stop()
    await saveReport(report(), reports)
  })
})
