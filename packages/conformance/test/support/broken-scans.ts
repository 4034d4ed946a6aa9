import type { KeyPage, TokenStore } from '@tiktok-auth/core'
import { changed, like, type Break } from './changed.ts'

type Sound = Required<TokenStore>
type ScanQuery = Parameters<Sound['scan']>[0]

const all = 10_000

/** Stores whose `scan` has one thing wrong each, by what is wrong. */
export const brokenScans: Readonly<Record<string, Break>> = {
  'scan gives expired rows': changed((_sound, rows) => ({
    scan: async ({ prefix, after, limit }) =>
      pageOf([...rows.keys()].filter((key) => key.startsWith(prefix)).toSorted(), { after, limit }),
  })),
  'scan gives what is due alone': changed((sound) => ({
    async scan(query) {
      const { keys, ...more } = await sound.scan(query)
      const due = await sound.due({ prefix: query.prefix, before: Date.now(), limit: all })
      return { keys: keys.filter((key) => due.includes(key)), ...more }
    },
  })),
  'scan has no limit': changed((sound) => ({
    scan: (query) => sound.scan({ ...query, limit: query.limit >= 1 ? all : query.limit }),
  })),
  'scan ends after a page': changed((sound) => ({
    scan: async (query) => ({ keys: (await sound.scan(query)).keys }),
  })),
  'scan never ends': changed((sound) => ({
    scan: async (query) => ({ next: query.prefix, ...(await sound.scan(query)) }),
  })),
  'scan counts places in the order of writes': changed((sound, rows) => ({
    async scan({ prefix, after = '0', limit }) {
      const living = await keysOf(sound, prefix)
      const keys = [...rows.keys()].filter((key) => living.includes(key))
      const end = Number(after) + sizeOf(limit)
      return { keys: keys.slice(Number(after), end), ...(end < keys.length && { next: String(end) }) }
    },
  })),
  'scan goes in the order of what is due': changed((sound, rows) => ({
    async scan({ prefix, after, limit }) {
      const place = (key: string): string => String(rows.get(key)?.dueAt ?? 0).padStart(16, '0') + key
      const keys = (await keysOf(sound, prefix)).toSorted((one, other) =>
        place(one) < place(other) ? -1 : 1,
      )
      const left = keys.filter((key) => after === undefined || place(key) > after).slice(0, sizeOf(limit))
      const last = left.at(-1)
      return { keys: left, ...(last !== undefined && { next: place(last) }) }
    },
  })),
  'scan leaves its place in the handle': changed((sound) => {
    const places = new Map<string, string>()
    return {
      async scan({ after, ...query }) {
        if (after !== undefined && !places.has(after)) return { keys: [] }
        const place = after === undefined ? undefined : places.get(after)
        const page = await sound.scan({ ...query, ...(place !== undefined && { after: place }) })
        const next = crypto.randomUUID()
        if (page.next !== undefined) places.set(next, page.next)
        return page.next === undefined ? page : { keys: page.keys, next }
      },
    }
  }),
  'scan forgets its prefix where it goes on': changed((sound) => ({
    scan: (query) => sound.scan(query.after === undefined ? query : { ...query, prefix: '' }),
  })),
  'scan goes on from any text': changed((sound) => ({
    scan: (query) =>
      sound.scan(query.after === '\0' || query.after === '0' ? { prefix: '', limit: all } : query),
  })),
  'scan fails at an odd cursor': changed((sound) => ({
    async scan(query) {
      if (query.after !== undefined && query.after.length > 1000) throw new RangeError('Out of range.')
      return sound.scan(query)
    },
  })),
  'scan fails at an odd prefix': changed((sound) => ({
    async scan(query) {
      if (query.prefix.length > 1000) throw new RangeError('Out of range.')
      return sound.scan(query)
    },
  })),
  'scan takes no limit for the end': changed((sound) => ({
    scan: async (query) => (query.limit >= 1 ? sound.scan(query) : { keys: [] }),
  })),
  'scan takes its prefix for a pattern': changed((sound) => ({
    async scan({ prefix, after, limit }) {
      const keys = (await keysOf(sound, '')).filter((key) => like(prefix).test(key))
      return pageOf(keys, { after, limit })
    },
  })),
  'scan has an upper bound that is too low': changed((sound) => ({
    async scan({ prefix, after, limit }) {
      const keys = (await keysOf(sound, prefix)).filter((key) => key < `${prefix}\uFFFF`)
      return pageOf(keys, { after, limit })
    },
  })),
}

async function keysOf(sound: Sound, prefix: string): Promise<readonly string[]> {
  return (await sound.scan({ prefix, limit: all })).keys
}

function pageOf(
  keys: readonly string[],
  { after, limit }: { readonly after: string | undefined; readonly limit: ScanQuery['limit'] },
): KeyPage {
  const size = sizeOf(limit)
  const left = keys.filter((key) => after === undefined || key > after)
  const page = left.slice(0, size)
  const next = page.at(-1)
  return left.length <= size || next === undefined ? { keys: page } : { keys: page, next }
}

function sizeOf(limit: number): number {
  return Number.isInteger(limit) ? Math.max(limit, 1) : 1
}
