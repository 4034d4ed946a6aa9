import { writeFile } from 'node:fs/promises'
import { measureAbandoned } from './measure-abandoned.js'
import { measureImports } from './measure-imports.js'
import { measureLogins } from './measure-logins.js'
import { measureTokenGet } from './measure-token-get.js'
import { readOptions, usageText } from './options.js'
import { report } from './report.js'
import { stagePackages } from './stage.js'

const options = readOptions(process.argv.slice(2))
if (options) await main(options)
else console.log(usageText)

/** @param {import('./options.js').BenchOptions} options */
async function main(options) {
  await stagePackages()
  const text = report({
    options,
    imports: await step('cold imports', () => measureImports(options)),
    tokenGet: await step('tokens.get', () => measureTokenGet(options)),
    abandoned: await step('abandoned logins', () => measureAbandoned(options)),
    logins: await step('full logins', () => measureLogins(options)),
  })
  console.log(text)
  if (options.write) await writeFile(new URL('../RESULTS.md', import.meta.url), text)
}

/**
 * @template Value
 * @param {string} name
 * @param {() => Promise<Value>} measure
 */
function step(name, measure) {
  console.error(`measuring ${name} …`)
  return measure()
}
