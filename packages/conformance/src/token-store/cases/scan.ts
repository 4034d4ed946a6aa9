import { check, equal } from '../../check.ts'
import { defineStoreCase, longAgo, never, newEntry, type StoreCaseHead, type StoreRig } from '../define.ts'
import { mustInsert, mustReplace } from '../rows.ts'
import { allKeys, allPages } from '../scan-pages.ts'
import type { TokenStoreCase } from '../subject.ts'

/** Which keys a scan gives, while others write and when nobody does. */
export const scanCases: readonly TokenStoreCase[] = [
  scanCase(
    { name: 'a scan where no row is ends and gives none', rule: 'A scan of nothing is over.' },
    async (rig) => equal('the keys', await allKeys(rig.store, rig.prefix), []),
  ),
  scanCase(
    {
      name: 'a scan gives every row, due or not',
      rule: 'What a scan misses stays under a key that is to be taken away.',
    },
    async (rig) => {
      const dueAts = [0, longAgo, Date.now(), Date.now() + 9_000_000_000, never - 1, never, never]
      const names = await insertAll(rig, dueAts)
      equal('the keys', await allKeys(rig.store, rig.prefix), names)
      equal('the keys by the other handle', await allKeys(rig.second, rig.prefix), names)
    },
  ),
  scanCase(
    { name: 'a scan gives no expired row', rule: 'An ended row is as good as absent.' },
    async (rig) => {
      const [ended, again, living] = [rig.key(), rig.key(), rig.key()]
      await mustInsert(rig.store, ended, newEntry({ expiresAt: longAgo }))
      await mustInsert(rig.store, again, newEntry({ expiresAt: longAgo }))
      await mustInsert(rig.store, again, newEntry())
      await mustInsert(rig.store, living, newEntry())
      equal('the keys', await allKeys(rig.store, rig.prefix), [again, living].toSorted())
    },
  ),
  scanCase(
    {
      name: 'a scan goes page by page, and says when it is over',
      rule: 'A million keys must not come in one answer.',
    },
    async (rig) => {
      const names = await insertAll(rig, Array<number>(400).fill(never))
      const pages = await allPages(rig.store, rig.prefix, { limit: 10 })
      equal('the keys', [...new Set(pages.flat())].toSorted(), names)
      // Roughly: some backends keep small sets in one piece.
      const longest = Math.max(...pages.map((keys) => keys.length))
      check(longest <= 200, `asked for about 10 keys, got ${longest}`)
      const some = `${rig.prefix}user-7`
      equal(
        'the keys in pages of one',
        await allKeys(rig.store, some, { limit: 1 }),
        names.filter((name) => name.startsWith(some)),
      )
    },
  ),
  scanCase(
    {
      name: 'a scan can be gone on with by another handle',
      rule: 'A worker takes up what another one left.',
    },
    async (rig) => {
      const names = await insertAll(rig, Array<number>(60).fill(never))
      const choice = { limit: 7, handle: (page: number) => rig.handle(page) }
      equal('the keys', await allKeys(rig.store, rig.prefix, choice), names)
    },
  ),
  scanCase(
    {
      name: 'a scan gives every key that is there throughout, whatever is written meanwhile',
      rule: 'Servers go on working while a scan goes on.',
    },
    scanWhileWriting,
  ),
]

/** Between pages, rows are written anew and due at other instants, others come and go. */
async function scanWhileWriting(rig: StoreRig): Promise<void> {
  const names = Array.from({ length: 120 }, () => rig.key())
  const entries = new Map(names.map((name) => [name, newEntry()]))
  await Promise.all([...entries].map(([name, entry]) => mustInsert(rig.store, name, entry)))
  const choice = {
    limit: 10,
    between: async (pages: number) => {
      // So many in all that a scan still ends where new keys come behind its place.
      if (pages > 40) return
      const dueAt = pages % 2 === 0 ? longAgo : never
      const rewritten = [...entries].filter((_, index) => index % 3 === pages % 3)
      await Promise.all(
        rewritten.map(async ([name, entry]) => {
          const next = newEntry({ dueAt })
          await mustReplace(rig.second, name, [entry, next])
          entries.set(name, next)
        }),
      )
      await mustInsert(rig.second, rig.key(), newEntry())
      await mustInsert(rig.second, rig.key(), newEntry({ expiresAt: longAgo }))
    },
  }
  const found = new Set(await allKeys(rig.store, rig.prefix, choice))
  equal(
    'keys that were there and did not come',
    names.filter((name) => !found.has(name)),
    [],
  )
}

/** Inserts a row for each, by both handles, and gives the keys. Sorted. */
async function insertAll(rig: StoreRig, dueAts: readonly number[]): Promise<readonly string[]> {
  const names = dueAts.map(() => rig.key())
  await Promise.all(
    names.map((name, index) => {
      return mustInsert(rig.handle(index), name, newEntry({ dueAt: dueAts[index] ?? never }))
    }),
  )
  return names.toSorted()
}

function scanCase(head: StoreCaseHead, play: (rig: StoreRig) => Promise<void>): TokenStoreCase {
  return defineStoreCase({ ...head, needs: ['scan'] }, play)
}
