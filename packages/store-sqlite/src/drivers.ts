import { StoreError } from '@tiktok-auth/core'
import type { SqliteDatabase } from './sqlite-database.ts'

/** Opens a file with one driver. */
export type Connect = (path: string) => SqliteDatabase

type Constructor = new (path: string) => SqliteDatabase

// In order of preference. `node:sqlite` prints a warning on the versions of Node where it is not finished.
const drivers = [
  ['bun:sqlite', 'Database'],
  ['libsql', 'default'],
  ['node:sqlite', 'DatabaseSync'],
] as const

/** Finds the first driver that this host has. */
export async function findDriver(): Promise<Connect> {
  const failures: unknown[] = []
  for (const [name, member] of drivers) {
    try {
      const loaded = (await load(name)) as Record<string, unknown>
      const Database = loaded[member]
      if (isConstructor(Database)) return (path) => new Database(path)
    } catch (error) {
      failures.push(error)
    }
  }
  const problem =
    'no SQLite here: install `libsql`, or run on Node 22.13 or later, Bun or Deno. ' +
    'A bundler may hide it: leave `@tiktok-auth/store-sqlite` out of the bundle (`serverExternalPackages` of Next.js).'
  throw new StoreError('open', { problem, cause: new AggregateError(failures) })
}

// Names that are no literals are left alone by compilers and most bundlers, which know none of these on every host.
// Turbopack puts an error in their place.
function load(name: string): Promise<unknown> {
  return import(name)
}

function isConstructor(value: unknown): value is Constructor {
  return typeof value === 'function'
}
