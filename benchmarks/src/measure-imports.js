import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { stagedFolder } from './stage.js'
import { median, rotated } from './statistics.js'

const run = promisify(execFile)

/** The packages whose cold import is measured; `undefined` is an empty process. */
const specifiers = [
  undefined,
  '@tiktok-auth/core',
  'oauth4webapi',
  'passport-oauth2',
  'passport-tiktok-auth',
  'arctic',
  '@tiktok-auth/express',
  'express',
]

/** @typedef {{ processMs: number, cpuMs: number }} ImportCost */

/**
 * Measures what importing a package adds to the life of an otherwise empty Node process, and the CPU time of the import itself.
 *
 * @param {{ imports: number }} options
 * @returns {Promise<Map<string, ImportCost>>} by package, medians
 */
export async function measureImports({ imports }) {
  const subjects = await Promise.all(specifiers.map(writeSubject))
  for (const { file } of subjects) await timeOf(file)
  for (let round = 0; round < imports; round++)
    for (const subject of rotated(subjects, round)) subject.costs.push(await timeOf(subject.file))
  const [empty, ...others] = subjects
  if (!empty) throw new Error('there is no empty process to compare with')
  return new Map(others.map(({ specifier, costs }) => [String(specifier), over(empty.costs, costs)]))
}

/** @param {string | undefined} specifier @param {number} index */
async function writeSubject(specifier, index) {
  const file = fileURLToPath(new URL(`import-${index}.mjs`, stagedFolder))
  await writeFile(
    file,
    `import { writeSync } from 'node:fs'
const before = process.cpuUsage()
${specifier ? `await import('${specifier}')` : ''}
const { user, system } = process.cpuUsage(before)
writeSync(1, String((user + system) / 1000))
`,
  )
  /** @type {ImportCost[]} */
  const costs = []
  return { specifier, file, costs }
}

/** @param {string} file @returns {Promise<ImportCost>} */
async function timeOf(file) {
  const startedAt = performance.now()
  const { stdout } = await run(process.execPath, [file])
  return { processMs: performance.now() - startedAt, cpuMs: Number(stdout) }
}

/**
 * The difference is taken round by round: what disturbs a round disturbs both.
 *
 * @param {readonly ImportCost[]} empty
 * @param {readonly ImportCost[]} costs
 * @returns {ImportCost}
 */
function over(empty, costs) {
  return {
    processMs: median(costs.map(({ processMs }, round) => processMs - Number(empty[round]?.processMs))),
    cpuMs: median(costs.map(({ cpuMs }) => cpuMs)),
  }
}
