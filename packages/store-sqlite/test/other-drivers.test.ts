import { tokenStoreCases } from '@tiktok-auth/conformance'
import { describe, expect, test } from 'vitest'
import type { Driver } from './support/drivers.ts'
import { canRun, start, type Runtime } from './support/processes.ts'

// better-sqlite3 brings binaries for these versions of Node alone; on Node 20 it would have to be compiled.
const elsewhere: readonly [Driver, Runtime][] = [
  ['node:sqlite', 'node'],
  ['better-sqlite3', 'node'],
  ['bun:sqlite', 'bun'],
]

describe.concurrent.each(elsewhere)('%s', (driver, runtime) => {
  test.each(['plain', 'sealed'])('keeps every rule, %s', { timeout: 240_000 }, async (kind) => {
    if (!(await canRun(runtime))) return
    const child = start(runtime, 'run-cases.ts', driver, kind)
    const ended = await child.ended
    const results = child.lines.map((line) => JSON.parse(line) as { name: string; error?: string })
    expect(ended).toMatchObject({ code: 0, errors: expect.any(String) })
    expect(results).toEqual(tokenStoreCases.map(({ name }) => ({ name })))
  })
})
