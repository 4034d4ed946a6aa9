// Says where a server under test spends its CPU time in full logins: pnpm bench:profile [name of a file in servers/]
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChild } from './children.js'
import { CONCURRENCY } from './measure-logins.js'
import { stagePackages } from './stage.js'

/**
 * @typedef {{ functionName: string, url: string, lineNumber: number }} CallFrame
 * @typedef {{ id: number, callFrame: CallFrame, children?: number[] }} ProfileNode
 * @typedef {{ nodes: ProfileNode[], samples: number[], timeDeltas: number[] }} Profile
 */

const LOGINS = 6000
const [server = 'tiktok-auth'] = process.argv.slice(2)

await stagePackages()
const folder = await mkdtemp(join(tmpdir(), 'bench-profile-'))
await logIn(folder)
const [file] = await readdir(folder)
print(JSON.parse(await readFile(join(folder, String(file)), 'utf8')))
await rm(folder, { recursive: true })

/** @param {string} folder */
async function logIn(folder) {
  const [tiktok, client] = [startChild('fake-tiktok.js'), startChild('load-client.js')]
  const env = { TIKTOK_ORIGIN: `http://127.0.0.1:${(await tiktok.ask('listening')).port}` }
  const execArgv = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=200']
  const child = startChild(`servers/${server}.js`, { env, execArgv })
  const { port } = await child.ask('listening')
  await client.ask('logins', { port, count: LOGINS, concurrency: CONCURRENCY })
  await Promise.all([child.stop(), tiktok.stop(), client.stop()])
}

/** @param {Profile} profile */
function print({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])))
  /** @type {Map<string, { own: number, whole: number }>} */
  const costs = new Map()
  for (const [index, sample] of samples.entries()) {
    const micros = Number(timeDeltas[index]) / LOGINS
    const seen = new Set()
    for (let id = /** @type {number | undefined} */ (sample); id !== undefined; id = parents.get(id)) {
      const name = nameOf(byId.get(id))
      const cost = costs.get(name) ?? { own: 0, whole: 0 }
      if (id === sample) cost.own += micros
      if (!seen.has(name)) cost.whole += micros
      seen.add(name)
      costs.set(name, cost)
    }
  }
  const rows = [...costs].sort(([, one], [, other]) => other.own - one.own)
  console.log('own µs  with callees  function, per login')
  for (const [name, { own, whole }] of rows.slice(0, 70))
    console.log(own.toFixed(1).padStart(6), whole.toFixed(1).padStart(13), '', name)
}

/** @param {ProfileNode | undefined} node */
function nameOf(node) {
  if (!node) return '(unknown)'
  const { functionName, url, lineNumber } = node.callFrame
  const place = url.replace(/^.*\/node_modules\//, '').replace(/^file:.*\/benchmarks\//, '')
  return `${functionName || '(anonymous)'} ${place}${url ? `:${lineNumber + 1}` : ''}`
}
