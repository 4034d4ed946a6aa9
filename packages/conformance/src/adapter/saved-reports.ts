import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AdapterReport } from './report.ts'

/** Writes a report into a folder, as JSON, in place of an earlier one of the same adapter. */
export async function saveReport(report: AdapterReport, folder: string): Promise<void> {
  const file = `${report.adapter.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.json`
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, file), `${JSON.stringify(report, undefined, 1)}\n`)
}

/** Reads every report of a folder, ordered by adapter. */
export async function readReports(folder: string): Promise<readonly AdapterReport[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted()
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.map((text) => JSON.parse(text) as AdapterReport)
}

const marks = { passed: '✓', failed: '✗', not_applicable: '–' } as const

/** Writes reports as a Markdown table: a row for each case, a column for each adapter. */
export function formatReports(reports: readonly AdapterReport[]): string {
  const names = [...new Set(reports.flatMap(({ results }) => results.map(({ name }) => name)))]
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const mark = ({ results }: AdapterReport, name: string): string => {
    const outcome = results.find((result) => result.name === name)?.outcome
    return outcome === undefined ? '' : marks[outcome]
  }
  return [
    row(['Case', ...reports.map(({ adapter }) => adapter)]),
    row(['---', ...reports.map(() => ':-:')]),
    ...names.map((name) => row([name, ...reports.map((report) => mark(report, name))])),
  ].join('\n')
}
