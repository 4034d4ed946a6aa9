import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
const children: ChildProcessWithoutNullStreams[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

interface Run {
  readonly child: ChildProcessWithoutNullStreams
  /** Resolves with what was printed as soon as it matches. */
  readonly printed: (pattern: RegExp) => Promise<string>
  readonly ended: Promise<{ code: number | null; out: string; err: string }>
}

function run(...args: string[]): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', cli, ...args], { stdio: 'pipe' })
  children.push(child)
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, out, err }))
  })
  const printed = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => pattern.test(out) && resolve(out)
      child.stdout.on('data', look)
      child.once('close', () => reject(new Error(`ended without printing ${pattern}: ${out}${err}`)))
      look()
    })
  return { child, printed, ended }
}

describe('tiktok-auth-emulator', () => {
  test('serves the app it was told about, says what to paste, and ends by signal', async () => {
    const uri = 'https://app.example.com/cb'
    const keys = ['--client-key', 'awcli', '--client-secret', "it's", '--platform', 'web']
    const { child, printed, ended } = run(
      '--port',
      '0',
      ...keys,
      '--redirect-uri',
      uri,
      '--redirect-uri',
      `${uri}/2`,
    )
    const text = await printed(/Ctrl\+C/)
    const origin = /Dashboard\s+(http:\/\/127\.0\.0\.1:\d+)\//.exec(text)?.[1] ?? ''
    expect(text).toContain("clientSecret: 'it\\'s',")
    expect(text).toContain(`tokenEndpoint: '${origin}/v2/oauth/token/',`)
    expect((await fetch(`${origin}/`)).status).toBe(200)
    const state = await (await fetch(`${origin}/_emulator/state`)).json()
    expect(state.clients).toMatchObject([
      { clientKey: 'awcli', platform: 'web', redirectUris: [uri, `${uri}/2`] },
    ])
    child.kill('SIGINT')
    expect((await ended).code).toBe(0)
  })

  test('a mistake ends it at once, on the error stream', async () => {
    const { code, out, err } = await run('--port', 'x').ended
    expect([code, out, err]).toEqual([2, '', expect.stringMatching(/^--port: give a number/)])
  })
})
