import {
  createSealer,
  createTikTokClient,
  createTokenManager,
  memoryTokenStore,
  sealedTokenStore,
  type StoreEntry,
  type TokenManager,
} from '@tiktok-auth/core'
import { postgresTokenStore } from '@tiktok-auth/store-postgres'
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { app } from '../fixtures.js'
import { addUp, backendsOf, costSoFar, pagesOf, type Cost, type Pages } from './cost.ts'
import { createFakeTikTok, tokens as tokensOf } from './fake-tiktok.ts'

const days = 24 * 60 * 60 * 1000
const connections = 10
const sealer = createSealer([{ id: 'bench', key: app.secret }])

/** A sealed row as the token manager writes it. */
export type DueRow = readonly [key: string, entry: StoreEntry]

/** Makes grants whose refresh tokens are past half of their life. */
export async function makeDueRows(count: number): Promise<readonly DueRow[]> {
  const rows: DueRow[] = []
  const memory = memoryTokenStore()
  const observed = {
    ...memory,
    insert: (key: string, entry: StoreEntry) => {
      rows.push([key, entry])
      return memory.insert(key, entry)
    },
  }
  const now = Date.now() - 100 * days
  const client = createTikTokClient({ ...app, now: () => now })
  const manager = createTokenManager(client, sealedTokenStore(observed, sealer))
  for (let user = 0; user < count; user++) {
    const openId = randomUUID()
    const { access_token: accessToken, refresh_token: refreshToken } = tokensOf(openId)
    await manager.save({
      openId,
      scope: [app.scope],
      tokenType: 'Bearer',
      accessToken,
      issuedAt: now,
      expiresAt: now + days / 12,
      refreshToken,
      refreshTokenExpiresAt: now + 180 * days,
    })
  }
  return rows
}

/** A table of a size, and one process that keeps its grants fresh. */
export interface Subject {
  readonly rows: number
  /** Refreshes a batch, and adds what it cost unless it was to warm up. */
  batch(limit: number, how: { readonly counts: boolean }): Promise<void>
  /** Closes its connections, and sums up. */
  end(): Promise<Summary>
}

export interface Summary {
  readonly rows: number
  readonly refreshes: number
  readonly cost: Cost
  readonly pages: Pages
  readonly tableMb: number
}

const tableOf = (rows: number): string => `grants_${rows}`

/** Opens a table of that many rows. */
export async function createSubject(url: string, rows: number): Promise<Subject> {
  const table = tableOf(rows)
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    min: connections,
    idleTimeoutMillis: 0,
  })
  const store = postgresTokenStore(pool, { table })
  const tiktok = createFakeTikTok()
  const client = createTikTokClient({ ...app, fetch: tiktok.fetch })
  const manager: TokenManager = createTokenManager(client, sealedTokenStore(store, sealer))
  const backends = await backendsOf(pool, connections)
  let cost: Cost = { node: 0, postgres: 0, wall: 0 }
  let refreshes = 0
  let rotations = 0
  const admin = new pg.Pool({ connectionString: url, max: 1 })
  const before = await pagesOf(admin, table)
  return {
    rows,
    async batch(limit, { counts }) {
      const from = costSoFar(backends)
      const report = await manager.refreshDue({ limit, concurrency: connections, perSecond: 1000 })
      const to = costSoFar(backends)
      if (report.refreshed !== limit) throw new Error(`A batch went wrong: ${JSON.stringify(report)}`)
      rotations += limit
      if (!counts) return
      cost = addUp(cost, from, to)
      refreshes += limit
    },
    async end() {
      await manager.close()
      await pool.end()
      const after = await pagesOf(admin, table)
      const size = await admin.query<{ mb: number }>(
        `SELECT (pg_total_relation_size('${table}') / 1e6)::float8 AS mb`,
      )
      await admin.end()
      if (tiktok.rotated() !== rotations) throw new Error('TikTok counts another number of refreshes.')
      const share = refreshes / rotations
      const pages = {
        looked: (after.looked - before.looked) * share,
        read: (after.read - before.read) * share,
      }
      return { rows, refreshes, cost, pages, tableMb: size.rows[0]?.mb ?? 0 }
    },
  }
}

/** Makes the table: mostly rows whose turn comes some day, and everywhere between them those that are due. */
export async function load(url: string, rows: number, due: readonly DueRow[]): Promise<void> {
  const table = tableOf(rows)
  const pool = new pg.Pool({ connectionString: url, max: connections })
  const store = postgresTokenStore(pool, { table })
  await store.setup()
  const upTo = (index: number): number => Math.round(((rows - due.length) * index) / due.length)
  for (let from = 0; from < due.length; from += connections) {
    const some = due.slice(from, from + connections)
    await fill(pool, table, { rows: upTo(from + some.length) - upTo(from), like: due })
    await Promise.all(some.map(([key, entry]) => store.insert(key, entry)))
  }
  await pool.query(`VACUUM (ANALYZE) ${table}`)
  await pool.query('CHECKPOINT')
  await pool.end()
}

/** Rows of the same size as real ones. Nobody opens their values: their turn comes in the next three months. */
async function fill(
  pool: pg.Pool,
  table: string,
  { rows, like }: { readonly rows: number; readonly like: readonly DueRow[] },
): Promise<void> {
  const [sample] = like
  if (sample === undefined) throw new Error('There is no row to go by.')
  const [key, { value, revision }] = sample
  const prefix = key.slice(0, -36)
  await pool.query(
    `INSERT INTO ${table} (key_hash, key, revision, value, expires_at, due_at, written_at)
     SELECT sha256(key), key, convert_to(repeat('r', $4::int), 'UTF8'), convert_to(repeat('v', $3::int), 'UTF8'),
       ${Date.now() + 200 * days}, ${Date.now() + days} + floor(random() * ${90 * days})::bigint, now()
     FROM (SELECT convert_to($2::text || gen_random_uuid(), 'UTF8') AS key FROM generate_series(1, $1::int)) AS made`,
    [rows, prefix, value.length, revision.length],
  )
}
