import { startPostgres } from '@tiktok-auth/test-servers'
import pg from 'pg'
import { afterAll, describe, expect, test } from 'vitest'
import { postgresTokenStore } from '../src/index.ts'
import { tableNames } from '../src/identifiers.ts'
import { scanValues } from '../src/scan.ts'
import { statementsFor } from '../src/statements.ts'
import { endOfPrefix, toHex } from '../src/text.ts'

const server = await startPostgres()
const pool = new pg.Pool({ connectionString: server?.url })

afterAll(async () => {
  await pool.end()
  await server?.process?.kill()
})

/** Rows as a fleet has them: one in fifty due, one in a hundred ended. */
const filling = `
  INSERT INTO "TABLE" (key_hash, key, revision, value, expires_at, due_at, written_at)
  SELECT sha256(key), key, 'r', convert_to(repeat('x', 500), 'UTF8'),
    CASE WHEN number % 100 = 1 THEN 1 ELSE 9007199254740991 END,
    CASE WHEN number % 50 = 0 THEN number ELSE 9000000000000 + number END, now()
  FROM (SELECT number, convert_to('app:user-' || number, 'UTF8') AS key FROM generate_series(1, $1::int) AS number) AS numbered`

interface Plan {
  readonly 'Node Type': string
  readonly 'Index Name'?: string
  readonly 'Shared Hit Blocks': number
  readonly 'Shared Read Blocks': number
  readonly Plans?: readonly Plan[]
}

interface Sum {
  readonly pages: number
  readonly scans: readonly string[]
  readonly indexes: readonly string[]
}

describe.skipIf(server === undefined)('at 2,000 and at 200,000 rows', () => {
  test('each statement goes by an index and looks at about as many pages', { timeout: 300_000 }, async () => {
    const [small, large] = [await pagesOf('small', 2000), await pagesOf('large', 200_000)]
    // By statement, so that a failure says which.
    const byStatement = (plans: typeof large, read: (plan: Sum) => unknown) =>
      Object.fromEntries(Object.entries(plans).map(([statement, plan]) => [statement, read(plan)]))
    expect(byStatement(large, ({ scans }) => scans.includes('Seq Scan'))).toEqual(
      byStatement(large, () => false),
    )
    // A B-tree of a hundred times the rows is one level higher.
    const { scanInVain, ...others } = large
    for (const [statement, { pages }] of Object.entries(others))
      expect({ statement, pages }).toSatisfy(() => pages <= (small[statement]?.pages ?? 0) * 2 + 10)
    // A thousand rows anywhere in the table, and the pages of the index they stand on.
    expect(scanInVain?.pages).toBeLessThan(1_100)
    expect(large['due']?.indexes).toContain('large_due_at_idx')
    expect(large['removeExpired']?.indexes).toContain('large_expires_at_idx')
    for (const statement of ['read', 'replace', 'scan', 'scanInVain'])
      expect(large[statement]?.indexes).toContain('large_pkey')
  })
})

async function pagesOf(table: string, rows: number): Promise<Record<string, Sum>> {
  await postgresTokenStore(pool, { table }).setup()
  await pool.query(filling.replace('TABLE', table), [rows])
  await pool.query(`VACUUM ANALYZE "${table}"`)
  const sql = statementsFor(tableNames({ table }))
  const prefix = toHex('prefix', 'app:')
  const key = toHex('key', 'app:user-700')
  const entry = [toHex('revision', 's'), toHex('value', 'x'.repeat(500)), '9007199254740991', '9000000000000']
  return {
    due: await explain(sql.due, ['1000000', prefix, endOfPrefix(prefix), '', '40', '4']),
    scan: await explain(sql.scan, scanValues({ prefix: 'app:', after: 'a0'.repeat(32), limit: 100 })),
    scanInVain: await explain(sql.scan, scanValues({ prefix: 'other:', after: 'a0'.repeat(32), limit: 100 })),
    read: await explain(sql.read, [key]),
    replace: await explain(sql.replace, [key, ...entry, toHex('revision', 'r')]),
    insert: await explain(sql.insert, [toHex('key', 'app:new'), ...entry]),
    removeExpired: await explain(sql.removeExpired, ['10']),
  }
}

async function explain(text: string, values: readonly string[]): Promise<Sum> {
  // Twice: the first run reads the catalogue and cleans pages up.
  await pool.query(text, [...values])
  const answer = await pool.query<{ 'QUERY PLAN': readonly { Plan: Plan }[] }>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
    [...values],
  )
  const plan = answer.rows[0]?.['QUERY PLAN'][0]?.Plan
  if (plan === undefined) throw new Error('no plan')
  return sumOf(plan)
}

function sumOf(plan: Plan): Sum {
  const nodes = [plan]
  for (const node of nodes) nodes.push(...(node.Plans ?? []))
  return {
    // The numbers of a node include those below it.
    pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
    scans: nodes.map((node) => node['Node Type']),
    indexes: nodes.flatMap((node) => node['Index Name'] ?? []),
  }
}
