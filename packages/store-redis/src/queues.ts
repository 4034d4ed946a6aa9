import type { TokenStore } from '@tiktok-auth/core'
import { bucketAt, bucketCount, bucketOf } from './buckets.ts'
import { asText, asTexts, type RunScript } from './client.ts'
import { createScan } from './scan.ts'
import { dueScript, pruneScript, sweepScript } from './scripts.ts'
import { checkInteger, checkText } from './text.ts'

/** What concerns the sorted sets of keys by `dueAt`. */
export interface Queues {
  readonly due: NonNullable<TokenStore['due']>
  readonly scan: NonNullable<TokenStore['scan']>
  removeExpired(): Promise<number>
}

type DueQuery = Parameters<Queues['due']>[0]

// How many buckets are asked at once, how many keys one gives, and how many it looks at, whatever is asked for.
const atOnce = 16
const mostGiven = 500
const mostLookedAt = 10_000

/** Makes the view of all queues under `prefix`. */
export function createQueues(run: RunScript, prefix: string): Queues {
  /** Keeps the keys that have a row. A row ends by itself and leaves its key behind in the queue. */
  async function prune(
    operation: string,
    index: number,
    keys: readonly string[],
  ): Promise<readonly string[]> {
    if (keys.length === 0) return keys
    const bucket = bucketAt(prefix, index)
    const rows = keys.map((key) => bucket.row(key))
    return asTexts(await run(operation, pruneScript, { keys: [bucket.queue, ...rows], args: keys }))
  }

  async function dueIn(
    index: number,
    query: DueQuery,
    without: readonly string[],
  ): Promise<readonly string[]> {
    const { queue } = bucketAt(prefix, index)
    const limit = Math.min(query.limit, mostGiven)
    const args = [query.before, query.prefix, limit, mostLookedAt + without.length].map(String)
    const found = await run('due', dueScript, { keys: [queue], args: [...args, ...without] })
    return prune('due', index, asTexts(found))
  }

  async function sweep(index: number): Promise<number> {
    let removed = 0
    let cursor = '0'
    do {
      const page = { keys: [bucketAt(prefix, index).queue], args: [cursor] }
      const [next, scores] = pageOf(await run('removeExpired', sweepScript, page))
      cursor = next
      // A key that the scan gives twice counts once.
      const keys = [...new Set(scores.filter((_, place) => place % 2 === 0))]
      removed += keys.length - (await prune('removeExpired', index, keys)).length
    } while (cursor !== '0')
    return removed
  }

  return {
    async due(query) {
      checkQuery(query)
      const without = byBucket(query.without ?? [])
      const start = Math.floor(Math.random() * bucketCount)
      const found: string[] = []
      for (let asked = 0; asked < bucketCount && found.length < query.limit; asked += atOnce) {
        const indexes = Array.from({ length: atOnce }, (_, next) => (start + asked + next) % bucketCount)
        const keys = indexes.map((index) => dueIn(index, query, without.get(index) ?? []))
        found.push(...(await Promise.all(keys)).flat())
      }
      return shuffled(found).slice(0, query.limit)
    },

    scan: createScan(run, prefix, (index, keys) => prune('scan', index, keys)),

    async removeExpired() {
      let removed = 0
      for (let first = 0; first < bucketCount; first += atOnce) {
        const counts = Array.from({ length: atOnce }, (_, next) => sweep(first + next))
        for (const count of await Promise.all(counts)) removed += count
      }
      return removed
    },
  }
}

function checkQuery({ prefix, before, limit, without = [] }: DueQuery): void {
  checkText('prefix', prefix)
  checkInteger('before', before)
  checkInteger('limit', limit)
  for (const key of without) checkText('without', key)
}

function byBucket(keys: readonly string[]): ReadonlyMap<number, readonly string[]> {
  const buckets = new Map<number, string[]>()
  for (const key of keys) {
    const index = bucketOf(key)
    buckets.set(index, [...(buckets.get(index) ?? []), key])
  }
  return buckets
}

function pageOf(reply: unknown): readonly [cursor: string, keysAndScores: readonly string[]] {
  const [cursor, page] = Array.isArray(reply) ? (reply as readonly unknown[]) : []
  return [asText(cursor), asTexts(page)]
}

/** Puts the list in random order (Fisher-Yates), so that callers at one moment take different keys. */
function shuffled(keys: readonly string[]): readonly string[] {
  const list = [...keys]
  for (let left = list.length; left > 1;) {
    const place = Math.floor(Math.random() * left--)
    const [one, other] = [list[left], list[place]]
    if (one !== undefined && other !== undefined) [list[left], list[place]] = [other, one]
  }
  return list
}
