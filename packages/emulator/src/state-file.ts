import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { EmulatorOptionsError } from './errors.ts'
import type { SavedGrant } from './ledger-state.ts'
import type { EmulatorUser } from './users.ts'
import type { World } from './world.ts'

/** What outlives the process. */
export interface SavedState {
  readonly version: 1
  /** By how much the clock was moved. */
  readonly clockOffsetMs: number
  readonly users: readonly EmulatorUser[]
  readonly grants: readonly SavedGrant[]
}

/**
 * Reads what an earlier emulator left behind.
 *
 * @throws EmulatorOptionsError when the file cannot be read, or is something else.
 */
export function readState(path: string): SavedState | undefined {
  let state: unknown
  try {
    state = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new EmulatorOptionsError('stateFile', `${path} cannot be read; remove it to begin anew`)
  }
  if (!isState(state))
    throw new EmulatorOptionsError(
      'stateFile',
      `${path} is no state of this version; remove it to begin anew`,
    )
  return state
}

function isState(value: unknown): value is SavedState {
  if (typeof value !== 'object' || value === null) return false
  const { version, clockOffsetMs, users, grants } = value as Partial<SavedState>
  return version === 1 && typeof clockOffsetMs === 'number' && Array.isArray(users) && Array.isArray(grants)
}

/** Makes what writes the file whenever something in it has changed: whole, or not at all. */
export function createStateWriter(path: string, world: World): () => void {
  let written = ''
  return () => {
    const state: SavedState = {
      version: 1,
      clockOffsetMs: world.clock.offsetMs(),
      users: world.users.list(),
      grants: world.ledger.saved(),
    }
    const text = JSON.stringify(state)
    if (text === written) return
    const unfinished = `${path}.new`
    // It holds tokens: no use to anybody but this emulator, and still nobody's business.
    writeFileSync(unfinished, text, { mode: 0o600 })
    renameSync(unfinished, path)
    written = text
  }
}
