import { describe, test } from 'vitest'
import { createAdapterRun } from '../src/index.ts'
import { serveWith } from './support/node-adapter.ts'

describe('an adapter for node:http alone', () => {
  const { cases } = createAdapterRun(serveWith(), { adapter: 'node:http' })
  for (const { name, run } of cases) test(name, () => run())
})
