import { check, equal, present } from '../../check.ts'
import { defineStoreCase, newEntry } from '../define.ts'
import { expectRow, mustInsert, mustReplace, until } from '../rows.ts'
import type { TokenStoreCase } from '../subject.ts'

/** One handle after the other: what each method does. */
export const writeCases: readonly TokenStoreCase[] = [
  defineStoreCase(
    {
      name: 'a key that was never written reads as undefined',
      rule: 'Absent is undefined, not null and no error.',
    },
    async ({ store, key }) => equal('the row', await store.read(key()), undefined),
  ),
  defineStoreCase(
    { name: 'an inserted row reads back as it was', rule: 'All four fields of a row are kept.' },
    async ({ store, key }) => {
      const [name, entry] = [key(), newEntry({ dueAt: Date.now() + 1234 })]
      await mustInsert(store, name, entry)
      await expectRow(store, name, entry)
    },
  ),
  defineStoreCase(
    { name: 'insert over a row says false and changes nothing', rule: 'A login must not overwrite unseen.' },
    async ({ store, second, key }) => {
      const [name, entry] = [key(), newEntry()]
      await mustInsert(store, name, entry)
      equal('insert over a row', await store.insert(name, newEntry()), false)
      equal('insert over a row by the other handle', await second.insert(name, newEntry()), false)
      await expectRow(store, name, entry)
    },
  ),
  defineStoreCase(
    {
      name: 'an insert that is sent twice says false the second time',
      rule: 'The revision, not the answer, tells whose write it was.',
    },
    async ({ store, key }) => {
      const [name, entry] = [key(), newEntry()]
      await mustInsert(store, name, entry)
      equal('the same insert again', await store.insert(name, entry), false)
      await expectRow(store, name, entry)
    },
  ),
  defineStoreCase(
    {
      name: 'replace with the revision of the row replaces all of it',
      rule: 'No field of an earlier write stays.',
    },
    async ({ store, key }) => {
      const [name, first, next] = [
        key(),
        newEntry({ dueAt: 5 }),
        newEntry({ dueAt: 7, expiresAt: Date.now() + 9e6 }),
      ]
      await mustInsert(store, name, first)
      await mustReplace(store, name, [first, next])
      await expectRow(store, name, next)
    },
  ),
  defineStoreCase(
    { name: 'replace with an earlier revision says false and changes nothing', rule: 'Stale writers lose.' },
    async ({ store, second, key }) => {
      const [name, first, next] = [key(), newEntry(), newEntry()]
      await mustInsert(store, name, first)
      await mustReplace(store, name, [first, next])
      equal('replace with an earlier revision', await store.replace(name, first.revision, newEntry()), false)
      equal('the same by the other handle', await second.replace(name, first.revision, newEntry()), false)
      await expectRow(store, name, next)
    },
  ),
  defineStoreCase(
    { name: 'replace of an absent row says false and adds none', rule: 'A removed row must not come back.' },
    async ({ store, key }) => {
      const name = key()
      equal('replace of an absent row', await store.replace(name, newEntry().revision, newEntry()), false)
      await expectRow(store, name, undefined)
    },
  ),
  defineStoreCase(
    { name: 'a row is written over and over', rule: 'Every refresh replaces what the one before wrote.' },
    async ({ handle, key }) => {
      const name = key()
      let last = newEntry()
      await mustInsert(handle(0), name, last)
      for (let write = 1; write <= 20; write++) {
        const next = newEntry()
        await mustReplace(handle(write), name, [last, next])
        last = next
      }
      await expectRow(handle(0), name, last)
    },
  ),
  defineStoreCase(
    { name: 'a handle reads what it has written', rule: 'A read is never older than one’s own write.' },
    async ({ store, key }) => {
      for (let round = 0; round < 20; round++) {
        const [name, first, next] = [key(), newEntry(), newEntry()]
        await mustInsert(store, name, first)
        await expectRow(store, name, first)
        await mustReplace(store, name, [first, next])
        await expectRow(store, name, next)
      }
    },
  ),
  defineStoreCase(
    { name: 'a write reaches the other handle', rule: 'Servers share what they store.' },
    async ({ store, second, key }) => {
      const [name, first, next] = [key(), newEntry(), newEntry()]
      await mustInsert(store, name, first)
      await until('the insert at the other handle', async () => (await second.read(name)) !== undefined)
      await mustReplace(second, name, [first, next])
      await until('the replace at the first handle', async () => {
        return (await store.read(name))?.revision === next.revision
      })
    },
  ),
  defineStoreCase(
    { name: 'a write changes no other row', rule: 'One user’s refresh must not touch another’s grant.' },
    async ({ store, key }) => {
      const rows = Array.from({ length: 5 }, () => ({ name: key(), entry: newEntry() }))
      for (const { name, entry } of rows) await mustInsert(store, name, entry)
      const [first, ...others] = rows
      const { name, entry } = present('a row', first)
      await mustReplace(store, name, [entry, newEntry()])
      for (const other of others) await expectRow(store, other.name, other.entry)
    },
  ),
  defineStoreCase(
    {
      name: 'revisions are compared exactly',
      rule: 'A comparison that folds case, space or Unicode form lets a stale writer win.',
    },
    async ({ store, key }) => {
      const revision = 'Revision-é-1'
      const [name, entry] = [key(), newEntry({ revision })]
      await mustInsert(store, name, entry)
      const lookalikes = [
        revision.toLowerCase(),
        revision.toUpperCase(),
        revision.normalize('NFD'),
        `${revision} `,
        ` ${revision}`,
        revision.slice(0, -1),
        `${revision}0`,
        '',
        '%',
        'Revision____',
        '*',
      ]
      for (const lookalike of lookalikes) {
        const won = await store.replace(name, lookalike, newEntry())
        check(!won, `replace took ${JSON.stringify(lookalike)} for ${JSON.stringify(revision)}`)
      }
      await mustReplace(store, name, [entry, newEntry()])
    },
  ),
  defineStoreCase(
    {
      name: 'the caller’s objects are not the row',
      rule: 'What changes in memory later must not change a row.',
    },
    async ({ store, key }) => {
      const [name, entry] = [key(), newEntry()]
      const given = { ...entry }
      await mustInsert(store, name, given)
      given.value = 'changed after the write'
      const row = present('the row', await store.read(name))
      Object.assign(row, { value: 'changed after the read' })
      await expectRow(store, name, entry)
    },
  ),
]
