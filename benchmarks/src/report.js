import { cpus, loadavg } from 'node:os'
import { CONCURRENCY } from './measure-logins.js'
import { ours, peers, safeFloor } from './servers.js'
import { median } from './statistics.js'

/**
 * @typedef {object} Results
 * @property {import('./options.js').BenchOptions} options
 * @property {Map<string, number[]>} logins
 * @property {Map<string, import('./measure-abandoned.js').Abandoned>} abandoned
 * @property {Map<string, import('./measure-imports.js').ImportCost>} imports
 * @property {{ getMicros: number, readMicros: number, overMicros: number }} tokenGet
 */

/**
 * Writes the results as Markdown.
 *
 * @param {Results} results
 */
export function report(results) {
  return `# Benchmark results

Written by \`pnpm bench\` on ${new Date().toISOString().slice(0, 10)}: Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}.
Everything ran on one machine, on loopback, in one run; ${others()}
Compare the ratios; the absolute figures belong to this machine.

## Goals

${goals(results)}

## Full login

CPU time of the server process per login: login route, callback, code exchange, user info. ${results.options.logins.toLocaleString('en')} logins a
round, ${CONCURRENCY} at a time, ${results.options.rounds} rounds after a warm-up, the servers taking turns; medians. The ratio is taken round by round.
The *bare floor* does the least that logs somebody in (random state in a cookie, two HTTP calls over a pool of undici). The
*safe floor* does by hand the safe work that this project does: the transaction sealed and opened, the grant and the
session sealed. The Passport servers keep a session in memory; they, arctic and the bare floor seal and keep nothing.

${loginTable(results)}

## Login started and abandoned

${results.options.starts.toLocaleString('en')} logins begun and never finished: what stays in memory after garbage collection, and how fast they start.
The JavaScript heap is exact to some tens of bytes; the resident set is what the operating system sees, noise included.

${abandonedTable(results)}

## Cold import

What importing adds to the life of an otherwise empty Node process, and the CPU time of \`import()\` inside it, which a
busy machine disturbs less. Fresh processes in turn, medians of ${results.options.imports}.

${importTable(results)}

## A fresh access token

\`tokens.get\` on a sealed grant whose access token is fresh, 1,000 users in turn, memory store: ${micros(results.tokenGet.getMicros)} of CPU a call, of which
the store's read alone takes ${micros(results.tokenGet.readMicros)}. Over the read: ${micros(results.tokenGet.overMicros)}.
`
}

/** What else the machine did: other work inflates times, CPU time too, by cold caches. */
function others() {
  const busy = Number(loadavg()[2]) / cpus().length
  if (busy < 1.5) return 'the machine had little else to do.'
  return `the machine was busy with other work (load ${busy.toFixed(1)} for each processor), so times are inflated.`
}

/** No login can be remembered in fewer bytes: its state alone, 43 characters, is a string of 56 or more, in a map's entry. */
const leastKept = 56

/** @param {Results} results */
function goals({ logins, abandoned, imports, tokenGet }) {
  const ratio = ratioTo(logins, ours, safeFloor)
  const toPeers = Math.max(...peers.map((name) => ratioTo(logins, ours, name)))
  const left = of(abandoned, ours)
  const kept = of(abandoned, safeFloor)
  const core = of(imports, '@tiktok-auth/core')
  return table(
    ['Goal', 'Measured', ''],
    [
      ['CPU per login below every peer', `${toPeers.toFixed(2)} × the best`, met(toPeers < 1)],
      ['CPU per login at most 1.25 × the safe floor', `${ratio.toFixed(2)} ×`, met(ratio <= 1.25)],
      [
        'no memory per abandoned login',
        `${Math.round(left.heapBytes)} bytes; a floor that keeps nothing: ${Math.round(kept.heapBytes)}`,
        met(left.heapBytes - kept.heapBytes < leastKept),
      ],
      ['core imported in at most 7 ms', `${core.cpuMs.toFixed(1)} ms of CPU`, met(core.cpuMs <= 7)],
      [
        '`tokens.get` at most 30 µs over the read',
        micros(tokenGet.overMicros),
        met(tokenGet.overMicros <= 30),
      ],
    ],
  )
}

/** @param {Results} results */
function loginTable({ logins }) {
  const rows = [...logins].map(([name, rounds]) => [
    name,
    micros(median(rounds)),
    `${micros(Math.min(...rounds))}–${micros(Math.max(...rounds))}`,
    ratioTo(logins, name, safeFloor).toFixed(2),
  ])
  return table(['Server', 'CPU per login', 'rounds from–to', '× safe floor'], rows)
}

/** @param {Results} results */
function abandonedTable({ abandoned }) {
  const rows = [...abandoned].map(([name, { heapBytes, rssBytes, perSecond, cpuMicros }]) => [
    name,
    `${Math.round(heapBytes)} bytes`,
    `${Math.round(rssBytes)} bytes`,
    Math.round(perSecond).toLocaleString('en'),
    micros(cpuMicros),
  ])
  return table(
    ['Server', 'heap per start', 'resident set per start', 'starts per second', 'CPU per start'],
    rows,
  )
}

/** @param {Results} results */
function importTable({ imports }) {
  const rows = [...imports].map(([name, { processMs, cpuMs }]) => [
    name,
    `${processMs.toFixed(1)} ms`,
    `${cpuMs.toFixed(1)} ms`,
  ])
  return table(['Package', 'process over empty one', 'CPU of the import'], rows)
}

/** @param {Map<string, number[]>} logins @param {string} name @param {string} floor */
function ratioTo(logins, name, floor) {
  const floors = of(logins, floor)
  return median(of(logins, name).map((cpu, round) => cpu / Number(floors[round])))
}

/**
 * @template Value
 * @param {Map<string, Value>} map
 * @param {string} name
 */
function of(map, name) {
  const value = map.get(name)
  if (value === undefined) throw new Error(`${name} was not measured`)
  return value
}

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows */
function table(head, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, index) => (index ? '--:' : '---'))), ...rows.map(line)].join('\n')
}

/** @param {number} number */
function micros(number) {
  return `${number < 100 ? number.toFixed(1) : Math.round(number).toLocaleString('en')} µs`
}

/** @param {boolean} yes */
function met(yes) {
  return yes ? 'met' : 'not met'
}
