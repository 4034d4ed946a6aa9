import { startChild } from './children.js'
import { median } from './statistics.js'

const ROUNDS = 7

/**
 * Measures the CPU time of `tokens.get` on a fresh sealed token over that of the store's read.
 *
 * @param {{ gets: number }} options
 * @returns {Promise<{ getMicros: number, readMicros: number, overMicros: number }>} medians per call
 */
export async function measureTokenGet({ gets }) {
  const child = startChild('token-get.js')
  await child.ask('measure', gets)
  /** @type {{ get: number, read: number }[]} */
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await child.ask('measure', gets))
  await child.stop()
  return {
    getMicros: median(rounds.map(({ get }) => get)),
    readMicros: median(rounds.map(({ read }) => read)),
    overMicros: median(rounds.map(({ get, read }) => get - read)),
  }
}
