import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A child process: its lines as they come, and how it ended. */
export interface Child {
  readonly process: ChildProcess
  readonly lines: readonly string[]
  readonly ended: Promise<{ readonly code: number | null; readonly errors: string }>
}

/** The runtimes that are not this one, as npm packages. */
export const runtimes = { node: 'node@22', bun: 'bun@1.4.5' } as const
export type Runtime = keyof typeof runtimes | 'here'

const support = fileURLToPath(new URL('.', import.meta.url))

/** Starts a script of this folder. */
export function start(runtime: Runtime, script: string, ...args: string[]): Child {
  const file = `${support}${script}`
  if (runtime === 'here') return run(process.execPath, ['--import', 'tsx', file, ...args])
  return run('npx', ['--yes', '--prefer-offline', '-p', runtimes[runtime], '--', runtime, file, ...args])
}

/** Tells whether a runtime can be started on this machine. In continuous integration it has to. */
export async function canRun(runtime: Runtime): Promise<boolean> {
  if (runtime === 'here') return true
  const child = run('npx', ['--yes', '--prefer-offline', '-p', runtimes[runtime], '--', runtime, '--version'])
  const { code, errors } = await child.ended
  if (code === 0) return true
  if (process.env['CI'] === 'true') throw new Error(`${runtimes[runtime]} cannot be started: ${errors}`)
  console.log(`skipped: ${runtimes[runtime]} cannot be installed here`)
  return false
}

/** The `npx` that these tests may run under tells what it was called with, and the next one would believe it is meant. */
function withoutNpx(): NodeJS.ProcessEnv {
  const { npm_config_call: _call, npm_config_package: _package, ...env } = process.env
  return env
}

function run(command: string, args: readonly string[]): Child {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: support, env: withoutNpx() })
  const lines: string[] = []
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  const read = new Promise((resolve) => reader.once('close', resolve))
  const ended = new Promise<{ code: number | null; errors: string }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => void read.then(() => resolve({ code, errors })))
  })
  return { process: child, lines, ended }
}
