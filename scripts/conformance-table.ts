// Writes the table of adapters and cases into the kit's README, from what the test runs have reported.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compareReports, formatReports, readReports } from '../packages/conformance/src/index.ts'

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))
const [begin, end] = ['<!-- table: begin -->', '<!-- table: end -->'] as const

const reports = await readReports(at('conformance-reports'))
const [first, ...others] = reports
if (first === undefined) throw new Error('There are no reports yet: run the tests of the adapters first.')

const readme = at('packages/conformance/README.md')
const text = readFileSync(readme, 'utf8')
const [before, rest = ''] = text.split(begin)
const [, after] = rest.split(end)
if (after === undefined) throw new Error(`The README has no ${begin} with its ${end}.`)
writeFileSync(readme, `${before}${begin}\n\n${formatReports(reports)}\n\n${end}${after}`)

const differences = others.flatMap((report) => compareReports(first, report))
for (const { name, adapters, message } of differences)
  console.log(`${adapters.join(' / ')}: ${name}: ${message}`)
const failures = reports.flatMap(({ adapter, results }) =>
  results.filter(({ outcome }) => outcome === 'failed').map(({ name }) => `${adapter}: ${name}`),
)
for (const failure of failures) console.log(`failed: ${failure}`)
console.log(`${reports.length} adapters, ${failures.length} failures, ${differences.length} differences.`)
process.exitCode = differences.length + failures.length === 0 ? 0 : 1
