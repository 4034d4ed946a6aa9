import type { KillOutcomes } from './kill-in-flight.ts'
import type { StoreKind } from './messages.ts'

/** What was measured on one store. Durations in milliseconds. */
export interface StoreFigures {
  readonly kind: StoreKind
  readonly windowMs: readonly number[]
  readonly quick: Followers
  readonly slow: Followers
  readonly kills: KillOutcomes
}

interface Followers {
  readonly sameProcess: readonly number[]
  readonly otherProcess: readonly number[]
}

interface Machine {
  readonly date: string
  readonly node: string
  readonly cores: number
  readonly load: number
}

const names = {
  sqlite: 'SQLite (a file, WAL, `synchronous = FULL`)',
  redis: 'Redis (`appendfsync always`)',
  postgres: 'PostgreSQL (defaults)',
}

/** Writes the page. */
export function figuresPage(figures: readonly StoreFigures[], { date, node, cores, load }: Machine): string {
  const kills = sumOf(figures)
  return `# Figures

Measured by \`npm run chaos:figures\` on ${date}: Node ${node}, ${cores} cores, load average ${load.toFixed(1)} at the start, all processes,
stores and the emulated TikTok on one machine. Written by that command; run it to get your own.

## The window that cannot be closed

From the instant TikTok has rotated a refresh token to the end of our write of its successor. If the process dies or the connection breaks
in between, nobody knows the new token and the user logs in again. Over the network, add the time TikTok's reply takes to reach you.
Four processes refresh twenty users at once.

| Store | Rotations | p50 | p99 | longest |
| --- | --- | --- | --- | --- |
${figures.map(({ kind, windowMs }) => row(names[kind], [windowMs.length, ...spread(windowMs)])).join('\n')}

## Killing processes with grants in flight

Processes that refresh fifty grants each are killed with SIGKILL at random moments. In flight is a grant whose process had begun to claim
it and had not heard yet that the new tokens are stored. ${kills.inFlight} grants in flight, ${kills.kills} kills.

| Store | Kills | In flight | Went on with the old token | New token stored | Lost (rotated, not stored) | Unexplained |
| --- | --- | --- | --- | --- | --- | --- |
${[...figures, { kind: 'all' as const, kills }].map(({ kind, kills: one }) => row(kind === 'all' ? 'All' : names[kind], [one.kills, one.inFlight, one.unharmed, one.stored, share(one.lost, one.inFlight), one.unexplained])).join('\n')}

## How soon others see a new token

From the end of the write to the moment when the last of 25 callers of a process has the new token, with two other processes asking.

| Store | TikTok answers | Same process p50 | p99 | Another process p50 | p99 |
| --- | --- | --- | --- | --- | --- |
${figures.flatMap(({ kind, quick, slow }) => [followers(kind, 'at once', quick), followers(kind, 'after 1 s', slow)]).join('\n')}
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

function sumOf(figures: readonly StoreFigures[]): KillOutcomes {
  const total = (pick: (kills: KillOutcomes) => number): number =>
    figures.reduce((sum, { kills }) => sum + pick(kills), 0)
  return {
    kills: total(({ kills }) => kills),
    inFlight: total(({ inFlight }) => inFlight),
    unharmed: total(({ unharmed }) => unharmed),
    stored: total(({ stored }) => stored),
    lost: total(({ lost }) => lost),
    unexplained: total(({ unexplained }) => unexplained),
  }
}
