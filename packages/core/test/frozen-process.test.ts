import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { test } from 'vitest'
import { tokenResponse } from './support/fake-tiktok.ts'
import { reply, startRawServer } from './support/raw-server.ts'

const child = fileURLToPath(new URL('support/frozen-child.ts', import.meta.url))
const timeoutMs = 2000

/** Runs an exchange in a process that is stopped while its answer arrives, until long after its deadline. */
async function exchangeFrozen(kind: string): Promise<string> {
  let output = ''
  const server = await startRawServer((request) => {
    frozen.kill('SIGSTOP')
    // The answer lies in the socket, unread, when the process goes on.
    reply(request, JSON.stringify(tokenResponse))
    void sleep(timeoutMs + 1000).then(() => frozen.kill('SIGCONT'))
  })
  const frozen = spawn(process.execPath, ['--import', 'tsx', child, server.origin, kind, String(timeoutMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  frozen.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await new Promise((resolve) => frozen.once('close', resolve))
  await server.close()
  return output.trim()
}

test.concurrent.for(['fetch', 'undici'])(
  'an answer that came while the process was frozen is not thrown away, over %s',
  async (kind, { expect }) => {
    expect(await exchangeFrozen(kind)).toBe('finished user-1')
  },
)
