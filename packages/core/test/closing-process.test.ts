import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { tokenResponse } from './support/fake-tiktok.ts'
import { reply, startRawServer } from './support/raw-server.ts'

const child = fileURLToPath(new URL('support/closing-child.ts', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly output: string
  /** The record that the process left in its store. */
  readonly record: Record<string, unknown>
}

/** Runs a process that refreshes one grant; `onRequest` is called when its request has arrived, before the answer. */
async function runChild(task: string, onRequest: (kill: () => void) => Promise<void>): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'closing-'))
  const file = join(folder, 'store.json')
  let output = ''
  const server = await startRawServer((request) => {
    void onRequest(() => running.kill('SIGTERM')).then(() => reply(request, JSON.stringify(tokenResponse)))
  })
  const running = spawn(process.execPath, ['--import', 'tsx', child, server.origin, file, task], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  try {
    const code = await new Promise<number | null>((resolve) => running.once('close', resolve))
    const [row]: { value: string }[] = Object.values(JSON.parse(readFileSync(file, 'utf8')))
    return { code, output: output.trim(), record: JSON.parse(row?.value ?? '{}') }
  } finally {
    await server.close()
    rmSync(folder, { recursive: true })
  }
}

const refreshed = { tokenSet: { refreshToken: tokenResponse.refresh_token } }

test('a process that is asked to end while TikTok is answering stores the answer first', async () => {
  const { code, record } = await runChild('serve', async (kill) => {
    kill()
    // The answer comes when the process has long begun to close.
    await sleep(1_000)
  })
  expect(code).toBe(0)
  expect(record).toMatchObject(refreshed)
  expect(record).not.toHaveProperty('claim')
})

test('once closed, a manager keeps no process alive', async () => {
  const { code, output, record } = await runChild('end', async () => {})
  expect(code).toBe(0)
  expect(output).toBe('0')
  expect(record).toMatchObject(refreshed)
})
