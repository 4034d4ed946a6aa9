import type { KillOutcomes } from './kill-in-flight.ts'
import type { StoreKind } from './messages.ts'

/** What was measured on one store. Durations in milliseconds. */
export interface StoreFigures {
  readonly kind: StoreKind
  /** The window, for one user at a time and for twenty at once. */
  readonly alone: readonly number[]
  readonly together: readonly number[]
  /** For a TikTok that answers at once, and for one that takes its time. */
  readonly quick: Followers
  readonly slow: Followers
  readonly killedQuick: KillOutcomes
  readonly killedSlow: KillOutcomes
}

interface Followers {
  readonly sameProcess: readonly number[]
  readonly otherProcess: readonly number[]
}

interface Machine {
  readonly date: string
  readonly node: string
  readonly cores: number
  /** The load average when each store's turn came. */
  readonly loads: readonly number[]
}

const names = {
  sqlite: 'SQLite (a file, WAL, `synchronous = FULL`)',
  redis: 'Redis (`appendfsync always`)',
  postgres: 'PostgreSQL (defaults)',
}

/** Writes the page. */
export function figuresPage(figures: readonly StoreFigures[], machine: Machine): string {
  return [introduction(machine), windows(figures), kills(figures), latencies(figures)].join('\n')
}

function introduction({ date, node, cores, loads }: Machine): string {
  const load = loads.map((one) => one.toFixed(1)).join(', ')
  return `# Figures

Written by \`npm run chaos:figures\` on ${date}; run it to get your own. Node ${node}, ${cores} cores that run everything: all processes, the
stores and the emulated TikTok. Other work went on beside it: the load average was ${load} when each store's turn came.
`
}

function windows(figures: readonly StoreFigures[]): string {
  const rows = figures.flatMap(({ kind, alone, together }) => [
    row(names[kind], ['one user at a time', alone.length, ...spread(alone)]),
    row(names[kind], ['twenty at once', together.length, ...spread(together)]),
  ])
  return `## The window that cannot be closed

From the instant when TikTok has rotated a refresh token to the end of our write of its successor. If the process dies or the connection
breaks in between, nobody knows the new token and the user logs in again. Over a network, add the time TikTok's reply takes to reach you.
Four processes share each store.

| Store | Refreshes | Rotations | p50 | p99 | Longest |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}

function kills(figures: readonly StoreFigures[]): string {
  const both = figures.flatMap(({ kind, killedQuick, killedSlow }) => [
    { name: names[kind], when: 'at once', one: killedQuick },
    { name: names[kind], when: 'after 200 ms', one: killedSlow },
  ])
  const all = { name: 'All', when: '', one: sumOf(both.map(({ one }) => one)) }
  const rows = [...both, all].map(({ name, when, one }) =>
    row(name, [
      when,
      one.kills,
      one.inFlight,
      one.unharmed,
      one.stored,
      share(one.lost, one.inFlight),
      one.unexplained,
    ]),
  )
  return `## Killing processes with grants in flight

Each process refreshes fifty grants at once and is killed with SIGKILL at a random moment of it. In flight is a grant whose process had begun
to claim it and had not heard yet that the new tokens are stored; grants that were finished, or not begun, do not count. TikTok goes
on with a request whose sender has died, so a kill costs the grant from the moment the request has left; fifty refreshes begun in the same
instant make that nearly the whole of a flight. It is the worst case there is, not a rate to expect. ${all.one.inFlight} grants were in flight.

| Store | TikTok rotates | Kills | In flight | Went on with the old token | New token stored | Lost: rotated, not stored | Unexplained |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}

function latencies(figures: readonly StoreFigures[]): string {
  const rows = figures.flatMap(({ kind, quick, slow }) => [
    followers(kind, 'at once', quick),
    followers(kind, 'after 1 s', slow),
  ])
  return `## How soon others see a new token

From the end of the write to the moment when the last of a process's 25 callers has the new token, with three processes asking.

| Store | TikTok answers | Same process p50 | p99 | Another process p50 | p99 |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}

function followers(kind: StoreKind, when: string, { sameProcess, otherProcess }: Followers): string {
  const [ownHalf, ownMost] = spread(sameProcess)
  const [otherHalf, otherMost] = spread(otherProcess)
  return row(names[kind], [when, ownHalf, ownMost, otherHalf, otherMost])
}

function row(name: string, cells: readonly (string | number | undefined)[]): string {
  return `| ${[name, ...cells].join(' | ')} |`
}

function spread(values: readonly number[]): readonly string[] {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): string => {
    const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
    return value === undefined ? 'not measured' : `${value.toFixed(1)} ms`
  }
  return [at(0.5), at(0.99), at(1)]
}

function share(part: number, whole: number): string {
  return whole === 0 ? String(part) : `${part} (${((100 * part) / whole).toFixed(1)} %)`
}

function sumOf(outcomes: readonly KillOutcomes[]): KillOutcomes {
  const total = (pick: (one: KillOutcomes) => number): number =>
    outcomes.reduce((sum, one) => sum + pick(one), 0)
  return {
    kills: total((one) => one.kills),
    inFlight: total((one) => one.inFlight),
    unharmed: total((one) => one.unharmed),
    stored: total((one) => one.stored),
    lost: total((one) => one.lost),
    unexplained: total((one) => one.unexplained),
  }
}
