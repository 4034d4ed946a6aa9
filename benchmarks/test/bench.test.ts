import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { peers, servers } from '../src/servers.js'
import { median, rotated } from '../src/statistics.js'

const run = promisify(execFile)
const bench = fileURLToPath(new URL('../src/bench.js', import.meta.url))

test('a tiny run logs in everywhere and reports every figure', { timeout: 120_000 }, async () => {
  const tiny = '--logins 4 --rounds 2 --starts 20 --imports 1 --gets 50 --no-write'
  const { stdout } = await run(process.execPath, [bench, ...tiny.split(' ')])

  for (const { name } of servers) expect(stdout).toContain(`| ${name} |`)
  const titles = ['Goals', 'Full login', 'Login started and abandoned', 'Cold import', 'A fresh access token']
  for (const title of titles) expect(stdout).toContain(`## ${title}\n`)
  expect(stdout).not.toMatch(/NaN|undefined|Infinity/)
})

test('names the servers that other people wrote', () => {
  expect(peers).toEqual([
    'passport-tiktok-auth + express-session',
    'passport-oauth2 + express-session',
    'arctic on Express',
  ])
})

test('refuses options that are no counts', async () => {
  await expect(run(process.execPath, [bench, '--logins', 'many'])).rejects.toThrow(
    '--logins wants a whole number',
  )
})

test('takes medians of odd and even many', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(() => median([])).toThrow('nothing to take')
})

test('gives everybody every place in turn', () => {
  expect([0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round).join(''))).toEqual([
    'abc',
    'bca',
    'cab',
    'abc',
  ])
})
