import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'

const script = fileURLToPath(new URL('../scripts/with-pnpm.mjs', import.meta.url))

/** A folder with an `npx` that says which process it is and then runs until somebody ends it. */
function lastingNpx(): { readonly folder: string; pid(): number } {
  const folder = mkdtempSync(join(tmpdir(), 'with-pnpm-'))
  const said = join(folder, 'pid')
  const source = `require('node:fs').writeFileSync(${JSON.stringify(said)}, process.pid + '\\n'); setInterval(() => {}, 1000)`
  writeFileSync(join(folder, 'npx'), `#!${process.execPath}\n${source}\n`)
  chmodSync(join(folder, 'npx'), 0o755)
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return {
    folder,
    pid() {
      const text = existsSync(said) ? readFileSync(said, 'utf8') : ''
      expect(text).toMatch(/^\d+\n$/)
      return Number(text)
    },
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

// npm passes a signal to its shell alone, and most shells die of it without a word to what they run.
test('what runs ends when the shell that npm started is ended', async () => {
  const npx = lastingNpx()
  const command = `"${process.execPath}" "${script}" start:demo; exit $?`
  const PATH = npx.folder + delimiter + process.env['PATH']
  const env = { ...process.env, PATH, npm_lifecycle_event: 'demo' }
  const shell = spawn('sh', ['-c', command], { env, stdio: 'ignore' })
  const pid = await vi.waitFor(() => npx.pid(), 30_000)
  onTestFinished(() => void (isRunning(pid) && process.kill(pid, 'SIGKILL')))
  expect(isRunning(pid)).toBe(true)
  shell.kill('SIGTERM')
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), 20_000)
})
