import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Note {
  readonly pid?: number
  readonly folder?: string
  readonly gone?: number
}

let write: ((line: string) => void) | undefined

/** Tells the process that cleans up after this one what there is to clean up. */
export function tellGuardian(note: Note): void {
  write ??= startGuardian()
  write(`${JSON.stringify(note)}\n`)
}

/** Makes a folder that goes when this process ends, however it ends. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `tiktok-auth-${name}-`))
  tellGuardian({ folder })
  return folder
}

function startGuardian(): (line: string) => void {
  const script = fileURLToPath(new URL('./guardian.mjs', import.meta.url))
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'ignore', 'inherit'], detached: true })
  child.unref()
  const input = child.stdin
  // The pipe must not keep the tests alive; its end, at the death of this process, is the signal.
  if ('unref' in input && typeof input.unref === 'function') input.unref()
  return (line) => void input.write(line)
}
