import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, dirname } from 'node:path'
import { createInterface } from 'node:readline'

/** A runtime that is not the one the tests run on. */
export interface Runtime {
  readonly name: 'Bun' | 'Deno'
  /** Where its binary is; `undefined`: not for this machine. */
  readonly binary: string | undefined
  /** What stands between the binary and the file it is to run. */
  readonly flags: readonly string[]
}

/** The runtimes that come as packages. */
export const runtimes: readonly Runtime[] = [
  { name: 'Bun', binary: binaryOf('npm-bun', ['bin/bun', 'bin/bun.exe']), flags: ['run'] },
  {
    name: 'Deno',
    binary: binaryOf('npm-deno', ['deno', 'deno.exe']),
    // What is installed is used as it is: nothing is looked up, nothing is written.
    flags: ['run', '--allow-all', '--no-lock', '--node-modules-dir=manual', '--cached-only'],
  },
]

/** Says whether tests of a runtime can run here; prints it where they cannot, and throws with `CI=true`. */
export function canTest({ name, binary }: Runtime): boolean {
  if (binary !== undefined) return true
  if (process.env['CI'] === 'true') throw new Error(`No ${name}, and with CI=true no test is skipped.`)
  console.log(`Skipped: the tests on ${name}. Its package brings no binary for this machine.`)
  return false
}

/** Finds the binary in whichever of a package's optional dependencies was made for this machine. */
function binaryOf(name: string, files: readonly string[]): string | undefined {
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
  const require = createRequire(manifest)
  const { optionalDependencies } = require(manifest) as { optionalDependencies: Record<string, string> }
  return Object.keys(optionalDependencies)
    .flatMap((dependency) => {
      try {
        const folder = dirname(require.resolve(`${dependency}/package.json`))
        return files.map((file) => join(folder, file))
      } catch {
        return []
      }
    })
    .find((file) => existsSync(file))
}

function start({ name, binary, flags }: Runtime, file: string): ChildProcess {
  if (binary === undefined) throw new Error(`There is no ${name} here.`)
  return spawn(binary, [...flags, file], {
    stdio: 'pipe',
    env: { ...process.env, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
  })
}

/** A process that answers each line of JSON with another. */
export interface Worker {
  ask(question: object): Promise<unknown>
  /** What it has printed, answers included. */
  printed(): readonly string[]
  stop(): Promise<void>
}

/** Starts a file that reads questions and writes answers, one after the other. */
export function startWorker(runtime: Runtime, file: string): Worker {
  const child = start(runtime, file)
  const lines: string[] = []
  const waiting: { resolve(answer: unknown): void; reject(error: Error): void }[] = []
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      const error = new Error(`${runtime.name} has ended:\n${lines.slice(-20).join('\n')}`)
      for (const { reject } of waiting.splice(0)) reject(error)
      resolve()
    })
  })
  if (child.stdout === null || child.stderr === null) throw new Error('No pipes.')
  createInterface({ input: child.stderr }).on('line', (line) => void lines.push(line))
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    if (line.startsWith('{"answer":')) waiting.shift()?.resolve(answerOf(line))
  })
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        child.stdin?.write(`${JSON.stringify(question)}\n`)
      }),
    printed: () => lines,
    async stop() {
      child.stdin?.end()
      await ended
    },
  }
}

function answerOf(line: string): unknown {
  return (JSON.parse(line) as { answer: unknown }).answer
}
