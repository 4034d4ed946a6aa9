// `pnpm bench:rows`: what a refresh costs in a table of a million rows, beside one of ten thousand.
import { startPostgres } from '@tiktok-auth/test-servers'
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { rowsReport } from './rows/report.ts'
import { createSubject, load, makeDueRows } from './rows/subject.ts'
import { rotated } from './statistics.js'

const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    small: { type: 'string', default: '10000' },
    large: { type: 'string', default: '1000000' },
    batch: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '30' },
    write: { type: 'boolean', default: true },
  },
  allowNegative: true,
})
const [small, large, batch, rounds] = [values.small, values.large, values.batch, values.rounds].map(Number)
if (!small || !large || !batch || !rounds) throw new Error('Every option wants a number above zero.')

const server = await startPostgres()
if (server === undefined) process.exit(1)
// Two batches warm connections and plans; the queue is never short, so that `due` has as much to choose from at the end.
const due = await makeDueRows((rounds + 2) * batch + 10 * batch)
console.error('filling the tables …')
for (const rows of [small, large]) await load(server.url, rows, due)
// What was loaded last would lie in its cache, and nothing that is due in a real table does.
await server.process?.restart()
const subjects = [await createSubject(server.url, small), await createSubject(server.url, large)]
for (let round = 0; round < rounds + 2; round++) {
  for (const subject of rotated(subjects, round)) await subject.batch(batch, { counts: round >= 2 })
  if (round % 10 === 0) console.error(`round ${round + 1} of ${rounds + 2}`)
}
const [first, second] = [await subjects[0]?.end(), await subjects[1]?.end()]
if (first === undefined || second === undefined) throw new Error('There is nothing to report.')
const text = rowsReport(first, second)
console.log(text)
if (values.write) await writeFile(new URL('../ROWS.md', import.meta.url), text)
// The server ends with this process: nobody waits for it.
process.exit(0)
