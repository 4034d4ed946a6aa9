import type { SiteSetup } from '@tiktok-auth/conformance'
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { canTest, runtimes, startWorker } from '../../../scripts/other-runtimes.ts'

const file = fileURLToPath(new URL('runtimes/serve-sites.ts', import.meta.url))

const setup: SiteSetup = {
  apps: [
    {
      mountPath: '',
      prefix: '',
      options: {
        clientKey: 'awkey1',
        clientSecret: 'client-secret-1',
        redirectUri: 'https://app.example/auth/tiktok/callback',
        secret: randomBytes(32).toString('base64url'),
      },
    },
  ],
  cookies: [],
  errors: 'recorded',
}

/** What stands between the request line and the end of the headers. */
const heads: readonly (readonly [version: string, head: string])[] = [
  ['1.0', ''],
  ['1.1', 'Host: \r\n'],
  ['1.1', 'Host: a b\r\n'],
  ['1.1', 'Host: [::1\r\n'],
  ['1.1', 'Host: app.example:99999\r\n'],
  ['1.1', 'Host: %00\r\n'],
  ['1.1', 'Host: app@evil.example\r\n'],
]

/** Sends bytes that no HTTP client would, and gives the first line of the answer. */
function statusLine(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
    socket.on('close', () => resolve(answer.split('\r\n', 1)[0] ?? ''))
    socket.on('error', reject)
  })
}

// Node refuses most of these itself.
for (const runtime of runtimes) {
  describe.skipIf(!canTest(runtime))(`a request on ${runtime.name}`, () => {
    test('is known by its path, whatever its Host header says, or without one', async () => {
      const worker = startWorker(runtime, file)
      try {
        const port = Number(await worker.ask({ serve: setup }))
        for (const [version, head] of heads) {
          const ask = (path: string): Promise<string> =>
            statusLine(port, `GET ${path} HTTP/${version}\r\n${head}Connection: close\r\n\r\n`)
          const login = await ask('/auth/tiktok?returnTo=//evil.example')
          const callback = await ask('/auth/tiktok/callback?code=a&state=b')
          expect({ head, login, callback }).toEqual({
            head,
            login: expect.stringContaining(' 303 '),
            callback: expect.stringContaining(' 400 '),
          })
        }
      } finally {
        await worker.stop()
      }
    })
  })
}
