import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startPostgres } from '@tiktok-auth/test-servers'
import { expect, test } from 'vitest'
import { ratios, rowsReport } from '../src/rows/report.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('../src/rows.ts', import.meta.url))

const server = await startPostgres()
await server?.process?.kill()

test.skipIf(server === undefined)(
  'a tiny run refreshes in both tables and reports every figure',
  async () => {
    const tiny = '--small 400 --large 2000 --batch 20 --rounds 2 --no-write'
    const { stdout } = await run(process.execPath, ['--import', 'tsx', script, ...tiny.split(' ')])
    expect(stdout).toContain('40 refreshes by `tokens.refreshDue()` in each table')
    expect(stdout).toMatch(/\| pages of table and indexes looked at \| [\d.]+ \| [\d.]+ \| [\d.]+ \|/)
    expect(stdout).not.toMatch(/NaN|undefined|Infinity/)
  },
)

test('ratios are those of one refresh, CPU of both programs', () => {
  const summary = (node: number, postgres: number, looked: number) => ({
    rows: 1,
    refreshes: 10,
    cost: { node, postgres, wall: 1 },
    pages: { looked, read: 1 },
    tableMb: 1,
  })
  const [small, large] = [summary(20, 10, 400), summary(22, 17, 440)]
  expect(ratios(small, large)).toEqual({ cpu: 1.3, pages: 1.1 })
  expect(rowsReport(small, large)).toContain('**1.30, not met**')
})
