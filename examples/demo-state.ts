import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a demo needs again at its next start. */
export interface DemoState {
  readonly clientSecret: string
  /** What the app seals sessions and grants with: another one, and nobody is signed in any more. */
  readonly secret: string
  /** The app's SQLite file. */
  readonly grantsFile: string
  /** What the emulator remembers. */
  readonly emulatorFile: string
}

/** Finds the demo's files in a folder, and makes its secrets at the first start. An app of yours gets them from outside. */
export function demoState(folder: string): DemoState {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return {
    ...secretsIn(join(folder, 'secrets.json')),
    grantsFile: join(folder, 'grants.sqlite'),
    emulatorFile: join(folder, 'tiktok.json'),
  }
}

function secretsIn(file: string): Pick<DemoState, 'clientSecret' | 'secret'> {
  const made = {
    clientSecret: randomBytes(16).toString('hex'),
    secret: randomBytes(32).toString('base64url'),
  }
  try {
    writeFileSync(file, JSON.stringify(made), { flag: 'wx', mode: 0o600 })
    return made
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return JSON.parse(readFileSync(file, 'utf8')) as typeof made
  }
}
