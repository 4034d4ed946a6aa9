import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

const checker = fileURLToPath(new URL('../docs/model/check.mjs', import.meta.url))
const names = execFileSync(process.execPath, [checker, '--list'], { encoding: 'utf8' }).trim().split('\n')

const missing = [
  ['spin', '-V'],
  ['cc', '--version'],
].flatMap(([tool = '', flag = '']) => (spawnSync(tool, [flag]).status === 0 ? [] : [tool]))
const skipped = missing.length > 0 && process.env['CI'] !== 'true'
if (skipped) console.log(`The claim protocol's model is not checked: ${missing.join(' and ')} not found.`)

describe.skipIf(skipped)('the model of the claim protocol', () => {
  // One at a time: each is a search that fills a core.
  test.each(names)('%s', { timeout: 600_000 }, async (name) => {
    const { stdout } = await promisify(execFile)(process.execPath, [checker, name])
    expect(stdout).toMatch(/^ok /)
  })
})
