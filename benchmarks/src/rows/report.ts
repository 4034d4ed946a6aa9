import { cpus, loadavg } from 'node:os'
import type { Summary } from './subject.ts'

/** Cost of one refresh in the larger table over that in the smaller one. */
export function ratios(small: Summary, large: Summary): { readonly cpu: number; readonly pages: number } {
  return {
    cpu: cpuOf(large) / cpuOf(small),
    pages: large.pages.looked / large.refreshes / (small.pages.looked / small.refreshes),
  }
}

const cpuOf = ({ cost, refreshes }: Summary): number => (cost.node + cost.postgres) / refreshes

export function rowsReport(small: Summary, large: Summary): string {
  const { cpu, pages } = ratios(small, large)
  const line = (name: string, read: (summary: Summary) => number): string => {
    const [a, b] = [small, large].map((summary) => read(summary) / summary.refreshes)
    return `| ${name} | ${figure(a)} | ${figure(b)} | ${figure((b ?? 0) / (a ?? 0))} |`
  }
  return `# A refresh among many rows

Written by \`pnpm bench:rows\` on ${new Date().toISOString().slice(0, 10)}: Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0]?.toFixed(1)}.
PostgreSQL with its defaults; ${large.refreshes.toLocaleString('en')} refreshes by \`tokens.refreshDue()\` in each table, in batches that take turns.

| Per refresh | ${small.rows.toLocaleString('en')} rows | ${large.rows.toLocaleString('en')} rows | ratio |
| --- | --: | --: | --: |
${line('CPU of both, ms', ({ cost }) => cost.node + cost.postgres)}
${line('CPU of this process, ms', ({ cost }) => cost.node)}
${line('CPU of PostgreSQL’s backends, ms', ({ cost }) => cost.postgres)}
${line('pages of table and indexes looked at', ({ pages: seen }) => seen.looked)}
${line('of these not in PostgreSQL’s cache', ({ pages: seen }) => seen.read)}
${line('wall clock, ms', ({ cost }) => cost.wall)}

The tables have ${figure(small.tableMb)} and ${figure(large.tableMb)} MB. Goal: CPU at most 1.2 ×: **${cpu.toFixed(2)}, ${cpu <= 1.2 ? 'met' : 'not met'}**. Pages: ${pages.toFixed(2)} ×.
`
}

function figure(number = 0): string {
  return number >= 100 ? String(Math.round(number)) : number.toPrecision(3)
}
