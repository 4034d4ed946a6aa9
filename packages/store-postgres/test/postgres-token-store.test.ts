import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { startPostgres, type ServerProcess } from '@tiktok-auth/test-servers'
import pg from 'pg'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { postgresSchema, postgresTokenStore, type PostgresClient } from '../src/index.ts'
import { newEntry } from './support/entries.ts'
import { sealedHandle } from './support/sealed.ts'

const server = await startPostgres()
const pools: pg.Pool[] = []

afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.end()
})
afterAll(() => server?.process?.kill())

describe('options', () => {
  const client = { query: async () => ({ rows: [] }) }

  test.each([undefined, null, {}, 'postgres://', { query: 5 }])(
    'a client without query is refused',
    (none) => {
      expect(() => postgresTokenStore(none as unknown as PostgresClient)).toThrow(
        expect.objectContaining({ code: 'configuration', option: 'client' }),
      )
    },
  )

  test.each(['', 'a b', 'a"; DROP TABLE x; --', "a'b", '1a', 'a.b', 'é', 'a\0', 'x'.repeat(49), 5, null])(
    'a table name that is no plain identifier is refused: %j',
    (table) => {
      const options = { table: table as string }
      for (const use of [() => postgresTokenStore(client, options), () => postgresSchema(options)])
        expect(use).toThrow(expect.objectContaining({ code: 'configuration', option: 'table' }))
    },
  )

  test.each(['', 'a"b', 'x'.repeat(64)])('so is a schema name: %j', (schema) => {
    expect(() => postgresTokenStore(client, { schema })).toThrow(
      expect.objectContaining({ code: 'configuration', option: 'schema' }),
    )
  })

  test.each([0, -1, 1.5, Number.NaN])('removeExpired wants a limit it can keep: %j', async (limit) => {
    await expect(postgresTokenStore(client).removeExpired({ limit })).rejects.toMatchObject({
      option: 'limit',
    })
  })
})

describe('clients', () => {
  test('rows may come as a list by themselves', async () => {
    const row = { revision: '72', value: '76', expires_at: '9', due_at: '7', age_ms: '3.5' }
    const store = postgresTokenStore({ query: async () => [row] })
    expect(await store.read('key')).toEqual({ revision: 'r', value: 'v', expiresAt: 9, dueAt: 7, ageMs: 3.5 })
  })

  test('an answer that is none is an error, not an absent row', async () => {
    const wrong = { query: async () => ({}) } as unknown as PostgresClient
    const other = { query: async () => ({ rows: [{ revision: 5 }] }) }
    for (const client of [wrong, other])
      await expect(postgresTokenStore(client).read('key')).rejects.toMatchObject({ code: 'store' })
  })

  test('an error keeps its code and message, and nothing of the row', async () => {
    const failure = Object.assign(new Error('duplicate key'), {
      code: '23505',
      detail: 'canary',
      parameters: ['canary'],
    })
    const store = postgresTokenStore({ query: () => Promise.reject(failure) })
    const error = await store.insert('key', newEntry()).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'store',
      operation: 'insert',
      cause: { code: '23505', message: 'duplicate key' },
    })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary')
  })
})

describe.skipIf(server === undefined)('on a server', () => {
  test('four processes that start at once on an empty database all start', async () => {
    const schema = `together_${Date.now()}`
    const script = fileURLToPath(new URL('./support/setup-process.ts', import.meta.url))
    const children = Array.from({ length: 4 }, () =>
      fork(script, [url(), schema], { execArgv: ['--import', 'tsx'] }),
    )
    const ends = children.map((child) => once(child, 'exit'))
    await Promise.all(children.map((child) => once(child, 'message')))
    for (const child of children) child.send('go')
    expect((await Promise.all(ends)).map(([code]) => code as unknown)).toEqual([0, 0, 0, 0])
    const store = postgresTokenStore(pool(), { schema })
    expect(await store.insert('key', newEntry())).toBe(true)
    expect(await indexesOf(schema)).toEqual([
      'tiktok_auth_grants_due_at_idx',
      'tiktok_auth_grants_expires_at_idx',
      'tiktok_auth_grants_pkey',
    ])
  })

  test('setup brings back what is missing and keeps what is there', async () => {
    const schema = `again_${Date.now()}`
    const store = postgresTokenStore(pool(), { schema, table: 'Grants' })
    await store.setup()
    await store.insert('key', newEntry({ value: 'kept' }))
    await pool().query(`DROP INDEX "${schema}"."Grants_due_at_idx"`)
    await store.setup()
    expect(await indexesOf(schema)).toContain('Grants_due_at_idx')
    expect((await store.read('key'))?.value).toBe('kept')
  })

  test('an application that may not change the schema works, setup included', async () => {
    const schema = `strict_${Date.now()}`
    const admin = pool()
    await admin.query(postgresSchema({ schema }))
    await admin.query(`CREATE ROLE "${schema}" LOGIN; GRANT USAGE ON SCHEMA "${schema}" TO "${schema}";
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "${schema}" TO "${schema}"`)
    const store = postgresTokenStore(pool({ connectionString: url().replace('test@', `${schema}@`) }), {
      schema,
    })
    await store.setup()
    const entry = newEntry({ dueAt: 1 })
    expect(await store.insert('key', entry)).toBe(true)
    expect(await store.due({ prefix: 'k', before: 1, limit: 1 })).toEqual(['key'])
    expect(await store.replace('key', entry.revision, newEntry({ expiresAt: 1 }))).toBe(true)
    expect(await store.removeExpired()).toBe(1)
  })

  test('without the rights it needs the error says which, and who may give them', async () => {
    const schema = `weak_${Date.now()}`
    const admin = pool()
    await admin.query(`CREATE SCHEMA "${schema}"; CREATE ROLE "${schema}" LOGIN;
      GRANT USAGE ON SCHEMA "${schema}" TO "${schema}"`)
    const weak = pool({ connectionString: url().replace('test@', `${schema}@`) })
    const store = postgresTokenStore(weak, { schema })
    await expect(store.setup()).rejects.toThrow(
      /may not create the table.*`postgresSchema\(\)`.*grant CREATE/,
    )
    await postgresTokenStore(admin, { schema }).setup()
    await store.setup()
    for (const use of [() => store.read('key'), () => store.insert('key', newEntry())])
      await expect(use()).rejects.toThrow('SELECT, INSERT, UPDATE and DELETE on the table')
  })

  test('a read-only session is told from a failing server', async () => {
    const schema = `readonly_${Date.now()}`
    await postgresTokenStore(pool(), { schema }).setup()
    const store = postgresTokenStore(pool({ options: '-c default_transaction_read_only=on' }), { schema })
    expect(await store.read('key')).toBeUndefined()
    await expect(store.insert('key', newEntry())).rejects.toThrow('connect to the primary')
  })

  test('without setup the error says what to do', async () => {
    const store = postgresTokenStore(pool(), { table: 'nowhere' })
    await expect(store.read('key')).rejects.toThrow('call `setup()` first')
  })

  test('each statement may run on another connection, as behind a transaction pooler', async () => {
    const client: PostgresClient = {
      async query(text, values) {
        const connection = new pg.Client({ connectionString: url() })
        await connection.connect()
        return connection.query(text, values).finally(() => connection.end())
      },
    }
    const store = postgresTokenStore(client, { schema: `pooled_${Date.now()}` })
    await Promise.all([store.setup(), store.setup()])
    const entry = newEntry()
    expect(await store.insert('key', entry)).toBe(true)
    expect(await store.replace('key', entry.revision, newEntry({ value: 'next' }))).toBe(true)
    expect((await store.read('key'))?.value).toBe('next')
  })

  test.each(['LATIN1', 'SQL_ASCII'])('text is exact in a database that keeps %s', async (encoding) => {
    const name = `encoded_${encoding.toLowerCase()}_${Date.now()}`
    await pool().query(`CREATE DATABASE "${name}" ENCODING '${encoding}' LOCALE 'C' TEMPLATE template0`)
    const store = postgresTokenStore(pool({ connectionString: url().replace(/\/postgres$/, `/${name}`) }))
    await store.setup()
    const [key, value] = ['é😀\0', 'naïve 😀\0 日本']
    expect(await store.insert(key, newEntry({ value, dueAt: 1 }))).toBe(true)
    expect((await store.read(key))?.value).toBe(value)
    expect(await store.due({ prefix: 'é', before: 1, limit: 1 })).toEqual([key])
    await Promise.all(pools.splice(0).map((each) => each.end()))
    await pool().query(`DROP DATABASE "${name}"`)
  })

  test('a write whose connection is ended in the middle rejects; the row tells what became of it', async () => {
    const store = await prepared()
    const entry = newEntry()
    await store.insert('row', entry)
    const blocker = new pg.Client({ connectionString: url() })
    await blocker.connect()
    await blocker.query('BEGIN')
    await blocker.query('SELECT 1 FROM tiktok_auth_grants FOR UPDATE')
    const outcome = store.replace('row', entry.revision, newEntry()).catch((error: unknown) => error)
    const waiting = `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%UPDATE%'`
    const admin = pool()
    await expect.poll(async () => (await admin.query(waiting)).rowCount).toBe(1)
    await admin.query(`SELECT pg_terminate_backend(pid) FROM (${waiting}) AS one`)
    expect(await outcome).toMatchObject({ code: 'store', operation: 'replace' })
    await blocker.query('ROLLBACK')
    await blocker.end()
    expect((await store.read('row'))?.revision).toBe(entry.revision)
  })

  test('removeExpired works in batches up to its limit, also when several do it', async () => {
    const store = await prepared()
    const ended = Array.from({ length: 30 }, (_, index) =>
      store.insert(`e${index}`, newEntry({ expiresAt: 1 })),
    )
    await Promise.all([...ended, store.insert('living', newEntry())])
    expect(await store.removeExpired({ limit: 10 })).toBe(10)
    const counts = await Promise.all([store.removeExpired(), store.removeExpired()])
    expect(counts[0] + counts[1]).toBe(20)
    expect(await store.removeExpired()).toBe(0)
    expect(await store.read('living')).toBeDefined()
  })
})

describe.skipIf(server?.process === undefined)('on a server of its own', () => {
  test('writes in flight when it is killed reject, and what was acknowledged is there afterwards', async () => {
    const store = await prepared()
    const first = newEntry()
    await store.insert('acknowledged', first)
    own().freeze()
    const writes = Array.from({ length: 10 }, (_, index) => store.insert(`w${index}`, newEntry()))
    const outcomes = Promise.allSettled(writes)
    await own().kill()
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'store' } })
    await own().restart()
    expect((await store.read('acknowledged'))?.revision).toBe(first.revision)
  })

  test('a frozen server is a rejection after the client’s own timeout', async () => {
    await prepared()
    const store = postgresTokenStore(pool({ query_timeout: 500 }))
    await store.read('key')
    own().freeze()
    const outcome = await store.insert('frozen', newEntry()).catch((error: unknown) => error)
    own().thaw()
    expect(outcome).toMatchObject({ code: 'store', operation: 'insert' })
  })

  test('sealed tokens are found in no file of the server; plain ones are', async () => {
    const store = await prepared()
    const [sealedCanary, plainCanary] = ['canary-sealed-9f2c', 'canary-plain-51ab']
    await sealedHandle(store).insert('sealed', newEntry({ value: sealedCanary }))
    await store.insert('plain', newEntry({ value: plainCanary }))
    await pool().query('CHECKPOINT')
    const files = filesOf(own().folder)
    const holding = (text: string) =>
      files.filter(({ content }) => content.includes(text)).map(({ path }) => path)
    expect(holding(plainCanary).join(' ')).toMatch(/pg_wal/)
    expect(holding(plainCanary).join(' ')).toMatch(/base/)
    expect(holding(sealedCanary)).toEqual([])
    // Hexadecimal is how text travels to the server.
    expect(holding(Buffer.from(sealedCanary).toString('hex'))).toEqual([])
  })
})

async function prepared(): Promise<ReturnType<typeof postgresTokenStore>> {
  const store = postgresTokenStore(pool())
  await store.setup()
  await pool().query('TRUNCATE tiktok_auth_grants')
  return store
}

function pool(config: pg.PoolConfig = {}): pg.Pool {
  const made = new pg.Pool({ connectionString: url(), ...config })
  // Idle connections that a test ends on purpose.
  made.on('error', () => {})
  pools.push(made)
  return made
}

function url(): string {
  return known(server).url
}

function own(): ServerProcess {
  return known(known(server).process)
}

function known<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('these tests are skipped without a server')
  return value
}

async function indexesOf(schema: string): Promise<readonly string[]> {
  const { rows } = await pool().query<{ indexname: string }>(
    'SELECT indexname FROM pg_indexes WHERE schemaname = $1 ORDER BY indexname',
    [schema],
  )
  return rows.map(({ indexname }) => indexname)
}

function filesOf(folder: string): readonly { path: string; content: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, content: readFileSync(path) }))
}
