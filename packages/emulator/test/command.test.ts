import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { parseCommand } from '../src/command.ts'
import { runCommand } from '../src/run-command.ts'

test('without options: a desktop app whose port does not matter', async () => {
  const command = parseCommand([])
  expect(command).toEqual({
    kind: 'serve',
    settings: {
      port: 4100,
      clientKey: 'aw-emulator',
      clientSecret: 'emulator-secret',
      platform: 'desktop',
      redirectUris: ['http://127.0.0.1:*/auth/tiktok/callback'],
    },
  })
})

test('help shows every option', () => {
  for (const flag of ['--help', '-h']) {
    const command = parseCommand([flag])
    expect(command.kind).toBe('help')
    const text = command.kind === 'help' ? command.text : ''
    const options = ['--port', '--client-key', '--client-secret', '--platform', '--redirect-uri', '--state']
    for (const option of options) {
      expect(text).toContain(option)
    }
  }
})

test('a mistake is named, with the way to help', () => {
  const mistakes: [string[], RegExp][] = [
    [['--prot', '1'], /'--prot'/],
    [['extra'], /extra/],
    [['--port', 'x'], /^--port: give a number/],
    [['--port', '65536'], /^--port: give a number/],
    [['--platform', 'ios'], /^--platform: write web or desktop/],
  ]
  for (const [args, pattern] of mistakes) {
    expect(parseCommand(args)).toEqual({ kind: 'mistake', text: expect.stringMatching(pattern) })
    expect(parseCommand(args)).toEqual({ kind: 'mistake', text: expect.stringMatching(/--help/) })
  }
})

/** Runs the command in this process; returns what it says, and ends it if it runs. */
async function say(...args: string[]): Promise<string> {
  const command = parseCommand(args)
  if (command.kind !== 'serve') throw new Error(command.text)
  const { text, close } = await runCommand(command.settings)
  await close?.()
  return text
}

test('what an app may not be registered with is named by its option', async () => {
  expect(await say('--port=0', '--redirect-uri=https://app.example.com/')).toMatch(
    /^--redirect-uri: use localhost or 127\.0\.0\.1/,
  )
  expect(await say('--port=0', '--client-key=a b')).toBe('--client-key: remove the white space\n')
  expect(await say('--port=0', '--client-secret=')).toBe('--client-secret: give a text\n')
  expect(await say('--port=0', '--state=.')).toMatch(/^--state: \. cannot be read/)
})

test('what is to be pasted names a redirect URI that an app can use', async () => {
  expect(await say('--port=0')).toContain("redirectUri: 'http://127.0.0.1:3000/auth/tiktok/callback',")
  expect(await say('--port=0', '--redirect-uri=http://localhost:*')).toContain(
    "redirectUri: 'http://localhost:3000',",
  )
  const uris = ['--redirect-uri=http://localhost:4567/cb', '--redirect-uri=http://127.0.0.1:*/cb']
  expect(await say('--port=0', ...uris)).toContain("redirectUri: 'http://localhost:4567/cb',")
})

test('a busy port is said plainly', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  const address = other.address()
  const port = typeof address === 'object' ? String(address?.port) : ''
  expect(await say('--port', port)).toBe(
    `Port ${port} is taken. Choose another with --port, or --port 0 for a free one.\n`,
  )
  other.close()
})
