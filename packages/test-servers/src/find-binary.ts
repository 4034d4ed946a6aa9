import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

// Debian keeps PostgreSQL's programs out of the search path, one folder for each version.
const postgresRoot = '/usr/lib/postgresql'

/** Finds a program on the search path or where Debian puts servers. */
export function findBinary(name: string): string | undefined {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)
  const folders = [...path, '/usr/sbin', ...postgresFolders()]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function postgresFolders(): readonly string[] {
  try {
    const versions = readdirSync(postgresRoot).toSorted((a, b) => Number(b) - Number(a))
    return versions.map((version) => join(postgresRoot, version, 'bin'))
  } catch {
    return []
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
