// Writes the tables of adapters and cases into the READMEs, from what the test runs have reported.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  compareReports,
  formatReports,
  readReports,
  type AdapterReport,
} from '../packages/conformance/src/index.ts'

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))
const [begin, end] = ['<!-- table: begin -->', '<!-- table: end -->'] as const

const folder = at('conformance-reports')
const reports = existsSync(folder) ? await readReports(folder) : []
const [first, ...others] = reports
if (first === undefined) throw new Error('There are no reports yet: run `npm test` first, which makes them.')

writeTable('packages/conformance/README.md', formatReports(reports))
writeTable('README.md', summary(reports))

const differences = others.flatMap((report) => compareReports(first, report))
for (const { name, adapters, message } of differences)
  console.log(`${adapters.join(' / ')}: ${name}: ${message}`)
const failures = reports.flatMap(({ adapter, results }) =>
  results.filter(({ outcome }) => outcome === 'failed').map(({ name }) => `${adapter}: ${name}`),
)
for (const failure of failures) console.log(`failed: ${failure}`)
console.log(`${reports.length} adapters, ${failures.length} failures, ${differences.length} differences.`)
process.exitCode = differences.length + failures.length === 0 ? 0 : 1

function writeTable(path: string, table: string): void {
  const readme = at(path)
  const [before, rest = ''] = readFileSync(readme, 'utf8').split(begin)
  const [, after] = rest.split(end)
  if (after === undefined) throw new Error(`${path} has no ${begin} with its ${end}.`)
  writeFileSync(readme, `${before}${begin}\n\n${table}\n\n${end}${after}`)
}

/** A row for each adapter: how many cases it keeps, breaks, and has no part for. */
function summary(all: readonly AdapterReport[]): string {
  const count = ({ results }: AdapterReport, wanted: string): number =>
    results.filter(({ outcome }) => outcome === wanted).length
  const rows = all.map(
    (report) =>
      `| ${report.adapter} | ${count(report, 'passed')} | ${count(report, 'failed')} | ${count(report, 'not_applicable')} |`,
  )
  return ['| Adapter | kept | broken | no such part |', '| --- | --: | --: | --: |', ...rows].join('\n')
}
