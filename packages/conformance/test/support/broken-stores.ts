import type { StoredEntry, StoreEntry } from '@tiktok-auth/core'
import { brokenScans } from './broken-scans.ts'
import { changed, like, type Break } from './changed.ts'
import { soundStore } from './sound-store.ts'

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))

/** Every key goes through `map`, and so does every prefix. */
function keyed(map: (key: string) => string): Break {
  return changed((sound) => ({
    read: (key) => sound.read(map(key)),
    insert: (key, entry) => sound.insert(map(key), entry),
    replace: (key, revision, entry) => sound.replace(map(key), revision, entry),
  }))
}

/** Every entry is stored as `map` makes it. */
function storing(map: (entry: StoreEntry) => StoreEntry): Break {
  return changed((sound) => ({
    insert: (key, entry) => sound.insert(key, map(entry)),
    replace: (key, revision, entry) => sound.replace(key, revision, map(entry)),
  }))
}

/** Stores with one thing wrong each, by what is wrong. */
export const brokenStores: Readonly<Record<string, Break>> = {
  'insert reads, then writes': changed((sound, rows) => ({
    async insert(key, entry) {
      if ((await sound.read(key)) !== undefined) return false
      await pause()
      rows.set(key, { ...entry, writtenAt: performance.now() })
      return true
    },
  })),
  'replace reads, then writes': changed((sound, rows) => ({
    async replace(key, revision, entry) {
      if ((await sound.read(key))?.revision !== revision) return false
      await pause()
      rows.set(key, { ...entry, writtenAt: performance.now() })
      return true
    },
  })),
  'insert overwrites': changed((_sound, rows) => ({
    async insert(key, entry) {
      rows.set(key, { ...entry, writtenAt: performance.now() })
      return true
    },
  })),
  'replace looks at no revision': changed((sound) => ({
    async replace(key, _revision, entry) {
      const row = await sound.read(key)
      return row !== undefined && sound.replace(key, row.revision, entry)
    },
  })),
  'replace adds an absent row': changed((sound) => ({
    async replace(key, revision, entry) {
      return (await sound.replace(key, revision, entry)) || sound.insert(key, entry)
    },
  })),
  'keys fold case': keyed((key) => key.toLowerCase()),
  'keys lose trailing space': keyed((key) => key.replace(/ +$/, '')),
  'keys are normalised': keyed((key) => key.normalize()),
  'keys end at a NUL': keyed((key) => key.replace(/\0.*/s, '')),
  'keys are cut': keyed((key) => key.slice(0, 4096)),
  'keys become UTF-8': keyed((key) => Buffer.from(key).toString()),
  'revisions fold case': changed((sound) => ({
    async replace(key, revision, entry) {
      const row = await sound.read(key)
      if (row?.revision.toLowerCase() !== revision.toLowerCase()) return false
      return sound.replace(key, row.revision, entry)
    },
  })),
  'an empty value becomes null': changed((sound) => ({
    async read(key) {
      const row = await sound.read(key)
      return row && { ...row, value: row.value === '' ? 'null' : row.value }
    },
  })),
  'values are cut': storing((entry) => ({ ...entry, value: entry.value.slice(0, 60_000) })),
  'values end at a NUL': storing((entry) => ({ ...entry, value: entry.value.replace(/\0.*/s, '') })),
  'values become UTF-8': storing((entry) => ({ ...entry, value: Buffer.from(entry.value).toString() })),
  'instants become floats of 32 bits': storing((entry) => ({
    ...entry,
    dueAt: entry.dueAt > 1e14 ? entry.dueAt : Math.fround(entry.dueAt),
  })),
  'replace keeps the old end': changed((sound) => ({
    async replace(key, revision, entry) {
      const row = await sound.read(key)
      return sound.replace(key, revision, { ...entry, expiresAt: row?.expiresAt ?? entry.expiresAt })
    },
  })),
  'expired rows are read': changed((_sound, rows) => ({
    async read(key) {
      const row = rows.get(key)
      return row && { ...row, ageMs: performance.now() - row.writtenAt }
    },
  })),
  'expired rows stay in the way': changed((sound, rows) => ({
    insert: async (key, entry) => !rows.has(key) && sound.insert(key, entry),
  })),
  'expired rows are replaced': changed((_sound, rows) => ({
    async replace(key, revision, entry) {
      if (rows.get(key)?.revision !== revision) return false
      rows.set(key, { ...entry, writtenAt: performance.now() })
      return true
    },
  })),
  'removeExpired drops all': changed((_sound, rows) => ({ removeExpired: async () => rows.clear() })),
  'setup drops all': changed((_sound, rows) => ({ setup: async () => rows.clear() })),
  'rows are handed out themselves': changed((_sound, rows) => ({
    async read(key) {
      const row = rows.get(key)
      return row === undefined || row.expiresAt <= Date.now()
        ? undefined
        : Object.assign(row, { ageMs: performance.now() - row.writtenAt })
    },
  })),
  'the first read after a replace is of what was before': (rows) => {
    const sound = soundStore(rows)
    const before = new Map<string, StoredEntry | undefined>()
    return {
      ...sound,
      async read(key) {
        const row = before.get(key) ?? (await sound.read(key))
        before.delete(key)
        return row
      },
      async replace(key, revision, entry) {
        const row = await sound.read(key)
        const done = await sound.replace(key, revision, entry)
        if (done) before.set(key, row)
        return done
      },
    }
  },
  'ages count from the last write of any row': changed((sound, rows) => ({
    async read(key) {
      const row = await sound.read(key)
      const last = Math.max(...[...rows.values()].map(({ writtenAt }) => writtenAt))
      return row && { ...row, ageMs: performance.now() - last }
    },
  })),
  'ages count from the first write': changed((sound, rows) => ({
    async replace(key, revision, entry) {
      const before = rows.get(key)
      const done = await sound.replace(key, revision, entry)
      if (done && before !== undefined) rows.set(key, { ...entry, writtenAt: before.writtenAt })
      return done
    },
  })),
  'ages stand still': changed((sound) => ({
    read: async (key) => sound.read(key).then((row) => row && { ...row, ageMs: 0 }),
  })),
  'ages are negative': changed((sound) => ({
    read: async (key) => sound.read(key).then((row) => row && { ...row, ageMs: -1 - (row.ageMs ?? 0) }),
  })),
  'due gives every row': changed((sound) => ({
    due: (query) => sound.due({ ...query, before: Number.MAX_SAFE_INTEGER }),
  })),
  'due gives expired rows': changed((_sound, rows) => ({
    async due({ prefix, before, limit, without = [] }) {
      const due = [...rows].filter(([key, row]) => key.startsWith(prefix) && row.dueAt <= before)
      return due
        .map(([key]) => key)
        .filter((key) => !without.includes(key))
        .toSorted(() => Math.random() - 0.5)
        .slice(0, limit)
    },
  })),
  'due has no limit': changed((sound) => ({ due: (query) => sound.due({ ...query, limit: Infinity }) })),
  'due looks for what is left out at its head only': changed((sound, rows) => ({
    async due({ limit, without = [], ...query }) {
      const all = await sound.due({ ...query, limit: Infinity })
      const instant = (key: string): number => rows.get(key)?.dueAt ?? 0
      const head = all.toSorted((one, other) => instant(one) - instant(other)).slice(0, limit + 100)
      return head.filter((key) => !without.includes(key)).slice(0, limit)
    },
  })),
  'due gives everybody the same': changed((sound) => ({
    due: async (query) => (await sound.due({ ...query, limit: Infinity })).toSorted().slice(0, query.limit),
  })),
  'due takes its prefix for a pattern': changed((sound) => ({
    async due({ prefix, limit, ...query }) {
      const all = await sound.due({ ...query, prefix: '', limit: Infinity })
      return all.filter((key) => like(prefix).test(key)).slice(0, limit)
    },
  })),
  'due has an upper bound that is too low': changed((sound) => ({
    async due({ limit, ...query }) {
      const all = await sound.due({ ...query, limit: Infinity })
      return all.filter((key) => key < `${query.prefix}\uFFFF`).slice(0, limit)
    },
  })),
  ...brokenScans,
}
