import { readFileSync } from 'node:fs'
import type pg from 'pg'

/** What work has cost so far. */
export interface Cost {
  /** CPU time of this process, in milliseconds. */
  readonly node: number
  /** CPU time of PostgreSQL's backends that serve one table, in milliseconds. */
  readonly postgres: number
  readonly wall: number
}

// Linux counts CPU time of other processes in hundredths of a second.
const tickMs = 10

/** The processes of PostgreSQL behind each connection of a pool. */
export async function backendsOf(pool: pg.Pool, connections: number): Promise<readonly number[]> {
  const clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()))
  const found = await Promise.all(
    clients.map((client) => client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')),
  )
  for (const client of clients) client.release()
  return found.flatMap(({ rows }) => rows.map(({ pid }) => pid))
}

export function costSoFar(backends: readonly number[]): Cost {
  const { user, system } = process.cpuUsage()
  return {
    node: (user + system) / 1000,
    postgres: backends.reduce((sum, pid) => sum + ticksOf(pid), 0) * tickMs,
    wall: performance.now(),
  }
}

function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name, in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

export function addUp(sum: Cost, from: Cost, to: Cost): Cost {
  return {
    node: sum.node + to.node - from.node,
    postgres: sum.postgres + to.postgres - from.postgres,
    wall: sum.wall + to.wall - from.wall,
  }
}

/** Pages of a table and its indexes that were looked at, found in memory or not. */
export interface Pages {
  readonly looked: number
  /** Of these, not found in PostgreSQL's own cache. */
  readonly read: number
}

/** Complete once the connections that did the work are closed: they report at their end. */
export async function pagesOf(pool: pg.Pool, table: string): Promise<Pages> {
  const { rows } = await pool.query<Record<'hit' | 'read', string>>(
    `SELECT (heap_blks_hit + idx_blks_hit)::text AS hit, (heap_blks_read + idx_blks_read)::text AS read
     FROM pg_statio_user_tables WHERE relname = $1`,
    [table],
  )
  const read = Number(rows[0]?.read)
  return { looked: Number(rows[0]?.hit) + read, read }
}
