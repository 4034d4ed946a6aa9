import { check, equal } from '../../check.ts'
import { defineStoreCase, longAgo, never, newEntry, type StoreRig } from '../define.ts'
import { expectRow, mustInsert, mustReplace, until } from '../rows.ts'
import type { TokenStoreCase } from '../subject.ts'

const soonMs = 400

/** Rows past their `expiresAt` are as good as absent. */
export const expiryCases: readonly TokenStoreCase[] = [
  defineStoreCase(
    { name: 'an expired row is not read', rule: 'An ended grant must not be used again.' },
    async ({ store, second, key }) => {
      const name = key()
      await mustInsert(store, name, newEntry({ expiresAt: longAgo }))
      await expectRow(store, name, undefined)
      await expectRow(second, name, undefined)
    },
  ),
  defineStoreCase(
    { name: 'an expired row is inserted over', rule: 'An ended grant must not lock its user out.' },
    async ({ store, key }) => {
      const [name, entry] = [key(), newEntry({ dueAt: 17 })]
      await mustInsert(store, name, newEntry({ expiresAt: longAgo }))
      await mustInsert(store, name, entry)
      await expectRow(store, name, entry)
    },
  ),
  defineStoreCase(
    { name: 'an expired row is not replaced', rule: 'A late refresh must not bring an ended grant back.' },
    async ({ store, key }) => {
      const [name, ended] = [key(), newEntry({ expiresAt: longAgo })]
      await mustInsert(store, name, ended)
      equal('replace of an expired row', await store.replace(name, ended.revision, newEntry()), false)
      await expectRow(store, name, undefined)
    },
  ),
  defineStoreCase(
    { name: 'a replace can end a row at once', rule: 'The end of the newest write counts.' },
    async ({ store, key }) => {
      const [name, entry, ended] = [key(), newEntry(), newEntry({ expiresAt: longAgo })]
      await mustInsert(store, name, entry)
      await mustReplace(store, name, [entry, ended])
      await expectRow(store, name, undefined)
      equal('replace of the ended row', await store.replace(name, ended.revision, newEntry()), false)
      await mustInsert(store, name, newEntry())
    },
  ),
  defineStoreCase(
    { name: 'a row ends while nobody looks, and never comes back', rule: 'Time alone ends a row.' },
    async ({ store, second, key }) => {
      const [name, entry] = [key(), newEntry({ expiresAt: Date.now() + soonMs })]
      await mustInsert(store, name, entry)
      await until('the end of the row', async () => (await second.read(name)) === undefined)
      equal('replace of the ended row', await second.replace(name, entry.revision, newEntry()), false)
      await expectRow(store, name, undefined)
      const next = newEntry()
      await mustInsert(second, name, next)
      equal('replace of the row that ended', await store.replace(name, entry.revision, newEntry()), false)
      await expectRow(store, name, next)
    },
  ),
  defineStoreCase(
    {
      name: 'a replace moves the end of a row',
      rule: 'A refreshed grant lives on, whatever the row said before.',
    },
    async (rig) => {
      let lapseMs = soonMs
      // A machine that stands still in between lets the row end before it is replaced: then it takes more time.
      while (!(await movesTheEnd(rig, Date.now() + lapseMs))) {
        lapseMs *= 2
        check(lapseMs < 60_000, 'replace with the revision of a row that is there said false')
      }
    },
  ),
  defineStoreCase(
    {
      name: 'removeExpired drops ended rows and no other',
      rule: 'Cleaning up must not cost a grant, also when several do it at once.',
      needs: ['removeExpired'],
    },
    async ({ store, second, key }) => {
      const [ended, living, endless] = [key(), key(), key()]
      const [entry, other] = [newEntry(), newEntry({ expiresAt: never })]
      await mustInsert(store, ended, newEntry({ expiresAt: longAgo }))
      await mustInsert(store, living, entry)
      await mustInsert(store, endless, other)
      await Promise.all([store.removeExpired?.(), second.removeExpired?.(), store.removeExpired?.()])
      await expectRow(store, ended, undefined)
      await expectRow(store, living, entry)
      await expectRow(store, endless, other)
      await mustInsert(store, ended, newEntry())
    },
  ),
]

/** Resolves to whether there was time to replace the row before its end. */
async function movesTheEnd({ store, key }: StoreRig, soon: number): Promise<boolean> {
  const [control, longer, shorter] = [key(), key(), key()]
  const [first, other, next] = [newEntry({ expiresAt: soon }), newEntry(), newEntry({ expiresAt: never })]
  await mustInsert(store, longer, first)
  if (!(await store.replace(longer, first.revision, next))) return false
  await mustInsert(store, shorter, other)
  await mustReplace(store, shorter, [other, newEntry({ expiresAt: soon })])
  await mustInsert(store, control, newEntry({ expiresAt: soon }))
  await until('the end of the rows', async () => {
    return (await store.read(control)) === undefined && (await store.read(shorter)) === undefined
  })
  await expectRow(store, longer, next)
  return true
}
