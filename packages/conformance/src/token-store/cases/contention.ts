import type { StoreEntry } from '@tiktok-auth/core'
import { check, equal, present } from '../../check.ts'
import { defineStoreCase, longAgo, newEntry, type StoreRig } from '../define.ts'
import { expectRow, mustInsert } from '../rows.ts'
import type { TokenStoreCase } from '../subject.ts'

const callers = 50

/** Many at once, through two handles: one winner, and no write is lost. */
export const contentionCases: readonly TokenStoreCase[] = [
  defineStoreCase(
    {
      name: 'of 50 inserts at once one wins',
      rule: 'Two claims on one grant would use one refresh token twice.',
    },
    async (rig) => {
      const name = rig.key()
      await oneWins(rig, name, (index, entry) => rig.handle(index).insert(name, entry))
    },
  ),
  defineStoreCase(
    {
      name: 'of 50 replaces at once one wins',
      rule: 'Two claims on one grant would use one refresh token twice.',
    },
    async (rig) => {
      const [name, first] = [rig.key(), newEntry()]
      await mustInsert(rig.store, name, first)
      await oneWins(rig, name, (index, entry) => rig.handle(index).replace(name, first.revision, entry))
    },
  ),
  defineStoreCase(
    {
      name: 'of 50 inserts at once over an expired row one wins',
      rule: 'An ended row is absent for one only.',
    },
    async (rig) => {
      const [name, ended] = [rig.key(), newEntry({ expiresAt: longAgo })]
      await mustInsert(rig.store, name, ended)
      await oneWins(rig, name, (index, entry) => rig.handle(index).insert(name, entry))
    },
  ),
  defineStoreCase(
    {
      name: 'of inserts and replaces at once over an expired row one insert wins',
      rule: 'A late refresh must not bring an ended row back beside a new login.',
    },
    async (rig) => {
      const [name, ended] = [rig.key(), newEntry({ expiresAt: longAgo })]
      await mustInsert(rig.store, name, ended)
      await oneWins(rig, name, async (index, entry) => {
        if (index % 4 < 2) return rig.handle(index).insert(name, entry)
        const won = await rig.handle(index).replace(name, ended.revision, entry)
        check(!won, 'replace won over an expired row')
        return won
      })
    },
  ),
  defineStoreCase(
    { name: 'of 200 additions at once none is lost', rule: 'A lost update is a lost refresh token.' },
    async ({ handle, key }) => {
      const name = key()
      await mustInsert(handle(0), name, newEntry({ value: '0' }))
      const adders = Array.from({ length: 20 }, async (_, index) => {
        for (let added = 0, lost = 0; added < 10;) {
          const row = present('the row', await handle(index).read(name))
          const next = newEntry({ value: String(Number(row.value) + 1) })
          if (await handle(index).replace(name, row.revision, next)) added++
          else lost++
          // Whoever loses loses to an addition of somebody else's, and there are 190 of those.
          check(lost <= 190, 'a write lost more often than others can have won')
        }
      })
      await Promise.all(adders)
      equal('the sum', (await handle(0).read(name))?.value, '200')
    },
  ),
  defineStoreCase(
    {
      name: 'of 200 mixed writes those that won follow one another',
      rule: 'Every write that won replaced the one before it, and the last of them is what is stored.',
    },
    async (rig) => {
      const name = rig.key()
      const won = new Map<string, string>()
      let last = 'nothing'
      const writers = Array.from({ length: 20 }, async (_, index) => {
        const store = rig.handle(index)
        for (let write = 0; write < 10; write++) {
          const entry = newEntry()
          const row = await store.read(name)
          const inserts = row === undefined || write % 5 === 4
          const did = inserts
            ? await store.insert(name, entry)
            : await store.replace(name, row.revision, entry)
          if (!did) continue
          const before = inserts ? 'nothing' : row.revision
          check(!won.has(before), 'two writes have both replaced the same revision')
          won.set(before, entry.revision)
        }
      })
      await Promise.all(writers)
      for (let steps = 0; steps < won.size; steps++) last = present('the next write', won.get(last))
      equal('the stored revision', (await rig.store.read(name))?.revision, last)
    },
  ),
  defineStoreCase(
    {
      name: 'writes to 100 rows at once do not mix',
      rule: 'Concurrency must not move a grant to another user.',
    },
    async ({ handle, key }) => {
      const rows = Array.from({ length: 100 }, () => ({ name: key(), first: newEntry(), next: newEntry() }))
      await Promise.all(rows.map(({ name, first }, index) => mustInsert(handle(index), name, first)))
      await Promise.all(
        rows.map(async ({ name, first, next }, index) => {
          equal('replace', await handle(index).replace(name, first.revision, next), true)
        }),
      )
      await Promise.all(rows.map(({ name, next }, index) => expectRow(handle(index), name, next)))
    },
  ),
]

type Write = (index: number, entry: StoreEntry) => Promise<boolean>

async function oneWins(rig: StoreRig, name: string, write: Write): Promise<void> {
  const entries = Array.from({ length: callers }, () => newEntry())
  const results = await Promise.all(entries.map((entry, index) => write(index, entry)))
  check(
    results.every((result) => typeof result === 'boolean'),
    'a write resolved to something other than true or false',
  )
  equal('how many won', results.filter((result) => result).length, 1)
  await expectRow(rig.store, name, entries[results.indexOf(true)])
}
