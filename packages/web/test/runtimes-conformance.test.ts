import { createAdapterRun, saveReport, type ServeApp } from '@tiktok-auth/conformance'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, test } from 'vitest'
import { canTest, runtimes, startWorker, type Worker } from '../../../scripts/other-runtimes.ts'

const reports = fileURLToPath(new URL('../../../conformance-reports', import.meta.url))
const file = fileURLToPath(new URL('runtimes/serve-sites.ts', import.meta.url))

for (const runtime of runtimes) {
  describe.skipIf(!canTest(runtime))(`${runtime.name}`, () => {
    let worker: Worker | undefined

    const serve: ServeApp = async (setup) => {
      const running = (worker ??= startWorker(runtime, file))
      const port = await running.ask({ serve: setup })
      return {
        origin: `http://127.0.0.1:${String(port)}`,
        printed: () => running.printed(),
        close: async () => void (await running.ask({ close: port })),
      }
    }

    const { cases, report } = createAdapterRun(serve, {
      adapter: runtime.name,
      lacks: ['appSession', 'errorRequest'],
    })
    for (const { name, run } of cases) test(name, () => run())
    afterAll(async () => {
      if (worker === undefined) return
      await worker.stop()
      await saveReport(report(), reports)
    })
  })
}
