import { PGlite } from '@electric-sql/pglite'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tokenStoreCases, type TokenStoreSubject } from '../src/index.ts'
import { ownTokenStore, table, type Query } from './support/own-store.ts'

let database: PGlite
beforeAll(async () => {
  database = await PGlite.create()
  await database.exec(table)
})
afterAll(() => database.close())

const query: Query = async (sql, values) =>
  (await database.query<Record<string, unknown>>(sql, [...values])).rows

async function create(): Promise<TokenStoreSubject> {
  const store = ownTokenStore(query)
  const broken = async () => ownTokenStore(() => Promise.reject(new Error('The connection is closed.')))
  return { store, second: ownTokenStore(query), broken, close: async () => {} }
}

test('the example of the documentation is this store', () => {
  const source = readFileSync(new URL('support/own-store.ts', import.meta.url), 'utf8').trim()
  expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toContain(source)
})

const applicable = tokenStoreCases.filter(({ needs }) =>
  needs.every((need) => ['age', 'broken'].includes(need)),
)

test.each(applicable.map((each) => [each.name, each] as const))('%s', async (_name, { run }) => {
  await expect(run(create)).resolves.toBeUndefined()
})
