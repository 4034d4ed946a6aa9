import { parseArgs } from 'node:util'

/**
 * How much is measured.
 *
 * @typedef {object} BenchOptions
 * @property {number} logins per server and round
 * @property {number} rounds
 * @property {number} starts logins begun and abandoned, per server
 * @property {number} imports cold imports of each package
 * @property {number} gets calls of `tokens.get`, per round
 * @property {boolean} write whether RESULTS.md is written
 */

/** @type {BenchOptions} */
export const defaults = { logins: 250, rounds: 42, starts: 20_000, imports: 31, gets: 20_000, write: true }

export const usageText = `pnpm bench [options]

  --logins <n>    full logins per server and round (${defaults.logins})
  --rounds <n>    rounds, the servers taking turns (${defaults.rounds})
  --starts <n>    logins begun and abandoned, per server (${defaults.starts})
  --imports <n>   cold imports of each package (${defaults.imports})
  --gets <n>      calls of tokens.get per round (${defaults.gets})
  --no-write      leave RESULTS.md as it is
  --help`

/**
 * Reads the command line.
 *
 * @param {readonly string[]} args
 * @returns {BenchOptions | undefined} undefined: help was asked for
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      logins: { type: 'string' },
      rounds: { type: 'string' },
      starts: { type: 'string' },
      imports: { type: 'string' },
      gets: { type: 'string' },
      write: { type: 'boolean', default: true },
      help: { type: 'boolean', default: false },
    },
    allowNegative: true,
  })
  if (values.help) return undefined
  return {
    logins: count('logins', values.logins),
    rounds: count('rounds', values.rounds),
    starts: count('starts', values.starts),
    imports: count('imports', values.imports),
    gets: count('gets', values.gets),
    write: values.write,
  }
}

/** @param {'logins' | 'rounds' | 'starts' | 'imports' | 'gets'} name @param {string | undefined} text */
function count(name, text) {
  if (text === undefined) return defaults[name]
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} wants a whole number above zero`)
  return number
}
