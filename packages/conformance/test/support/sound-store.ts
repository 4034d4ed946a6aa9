import { ConfigurationError, type StoreEntry } from '@tiktok-auth/core'
import type { TokenStoreHandle } from '../../src/index.ts'

/** One row of a {@link createRows} table. */
export interface Row extends StoreEntry {
  readonly writtenAt: number
}

/** Rows by key, in the order of their writes: the backend of {@link soundStore}. */
export type Rows = Map<string, Row>

/** The whole contract in memory, `due`, `scan` and all: what broken stores are made from by changing one thing. */
export function soundStore(rows: Rows): Required<TokenStoreHandle> {
  const live = (key: string): Row | undefined => {
    const row = rows.get(key)
    return row === undefined || row.expiresAt <= Date.now() ? undefined : row
  }
  const put = (key: string, { revision, value, expiresAt, dueAt }: StoreEntry): true => {
    rows.delete(key)
    rows.set(key, { revision, value, expiresAt, dueAt, writtenAt: performance.now() })
    return true
  }
  return {
    async read(key) {
      const row = live(key)
      if (row === undefined) return undefined
      const { writtenAt, ...entry } = row
      return { ...entry, ageMs: performance.now() - writtenAt }
    },
    insert: async (key, entry) => live(key) === undefined && put(key, entry),
    replace: async (key, revision, entry) => live(key)?.revision === revision && put(key, entry),
    async due({ prefix, before, limit, without = [] }) {
      return [...rows.keys()]
        .filter((key) => key.startsWith(prefix) && !without.includes(key))
        .filter((key) => (live(key)?.dueAt ?? Infinity) <= before)
        .map((key) => [Math.random(), key] as const)
        .toSorted(([one], [other]) => one - other)
        .map(([, key]) => key)
        .slice(0, limit)
    },
    async scan({ prefix, after, limit }) {
      if (!Number.isInteger(limit) || limit < 1) throw new ConfigurationError('limit', 'must be a number.')
      const keys = [...rows.keys()].filter((key) => key.startsWith(prefix) && live(key) !== undefined)
      const page = keys
        .filter((key) => after === undefined || key > after)
        .toSorted()
        .slice(0, limit)
      const next = page.at(-1)
      return page.length < limit || next === undefined ? { keys: page } : { keys: page, next }
    },
    setup: async () => {},
    async removeExpired() {
      for (const [key, { expiresAt }] of rows) if (expiresAt <= Date.now()) rows.delete(key)
    },
  }
}
