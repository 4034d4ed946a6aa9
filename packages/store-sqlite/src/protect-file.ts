import { StoreError } from '@tiktok-auth/core'
import { chmodSync, closeSync, fchmodSync, openSync, statSync, type Stats } from 'node:fs'

const ownerOnly = 0o600
const others = 0o077

/**
 * Makes the file for its owner alone, or takes everybody else's rights from one that is there.
 *
 * A file that is there is never opened here: closing it would end the locks that SQLite holds on it in this process.
 */
export function protectFile(path: string): void {
  try {
    const created = openSync(path, 'wx', ownerOnly)
    // The umask may have taken more than it should.
    fchmodSync(created, ownerOnly)
    closeSync(created)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    restrict(path, statSync(path))
  }
}

/** Does the same for what SQLite keeps beside the file; what it makes from now on has the rights of the file. */
export function protectSideFiles(path: string): void {
  for (const side of [`${path}-wal`, `${path}-shm`, `${path}-journal`]) {
    const stats = statSync(side, { throwIfNoEntry: false })
    if (stats !== undefined) restrict(side, stats)
  }
}

function restrict(path: string, stats: Stats): void {
  if (!stats.isFile()) throw new StoreError('open', { problem: 'the path names something that is no file.' })
  const user = process.getuid?.()
  // Windows has neither users nor rights of this kind.
  if (user === undefined) return
  if (stats.uid !== user && user !== 0) {
    throw new StoreError('open', { problem: 'the file belongs to another user of this machine.' })
  }
  if ((stats.mode & others) !== 0) chmodSync(path, ownerOnly)
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
