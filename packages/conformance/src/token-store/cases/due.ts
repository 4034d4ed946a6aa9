import { check, equal, present } from '../../check.ts'
import { defineStoreCase, longAgo, never, newEntry, type StoreCaseHead, type StoreRig } from '../define.ts'
import { allDue, insertDue, someDue } from '../due-rows.ts'
import { mustInsert, mustReplace } from '../rows.ts'
import type { TokenStoreCase } from '../subject.ts'

/** Which rows `due` gives, and to whom. */
export const dueCases: readonly TokenStoreCase[] = [
  dueCase(
    { name: 'due gives nothing where nothing is due', rule: 'An empty queue is empty.' },
    async (rig) => {
      equal('what is due', await someDue(rig.store, rig.prefix), [])
      await mustInsert(rig.store, rig.key(), newEntry({ dueAt: Date.now() + 3_600_000 }))
      await mustInsert(rig.store, rig.key(), newEntry({ dueAt: never }))
      equal('what is due', await someDue(rig.store, rig.prefix), [])
    },
  ),
  dueCase(
    {
      name: 'due gives every row that is due, and no other',
      rule: 'A grant that is not kept fresh runs out.',
    },
    async (rig) => {
      const before = Date.now()
      const dueAts = [
        0,
        1,
        longAgo,
        before - 3_600_000,
        before + 3_600_000,
        before + 9_000_000_000,
        never - 1,
        never,
      ]
      const names = dueAts.map(() => rig.key())
      for (const [index, dueAt] of dueAts.entries()) {
        await mustInsert(rig.handle(index), present('a key', names[index]), newEntry({ dueAt }))
      }
      equal('what is due', (await allDue(rig.store, rig.prefix)).toSorted(), names.slice(0, 4).toSorted())
    },
  ),
  dueCase(
    { name: 'due goes by the instant it is asked for', rule: 'Whoever asks says what counts as due.' },
    async (rig) => {
      const name = rig.key()
      await mustInsert(rig.store, name, newEntry({ dueAt: 1_000_000 }))
      const due = async (before: number) => rig.store.due?.({ prefix: rig.prefix, before, limit: 10 })
      equal('what is due before its instant', await due(999_999), [])
      equal('what is due after its instant', await due(1_000_001), [name])
      equal('what is due at the end of time', await due(never - 1), [name])
    },
  ),
  dueCase(
    {
      name: 'a replace changes when a row is due',
      rule: 'A row that was worked on leaves the head of the queue.',
    },
    async (rig) => {
      const [sooner, later, first, other] = [rig.key(), rig.key(), newEntry(), newEntry({ dueAt: longAgo })]
      await mustInsert(rig.store, sooner, first)
      await mustInsert(rig.store, later, other)
      equal('what is due', await allDue(rig.store, rig.prefix), [later])
      await mustReplace(rig.store, sooner, [first, newEntry({ dueAt: longAgo })])
      await mustReplace(rig.store, later, [other, newEntry({ dueAt: never })])
      equal('what is due', await allDue(rig.store, rig.prefix), [sooner])
    },
  ),
  dueCase(
    { name: 'a write that loses changes nothing about what is due', rule: 'The queue follows the rows.' },
    async (rig) => {
      const [waiting, due] = [rig.key(), rig.key()]
      await mustInsert(rig.store, waiting, newEntry())
      await mustInsert(rig.store, due, newEntry({ dueAt: longAgo }))
      await rig.store.insert(waiting, newEntry({ dueAt: longAgo }))
      await rig.store.replace(waiting, 'another', newEntry({ dueAt: longAgo }))
      await rig.store.insert(due, newEntry())
      await rig.store.replace(due, 'another', newEntry())
      await rig.store.replace(rig.key(), 'another', newEntry({ dueAt: longAgo }))
      equal('what is due', await allDue(rig.store, rig.prefix), [due])
    },
  ),
  dueCase(
    { name: 'due gives no expired row', rule: 'Ended rows must not fill the head of the queue.' },
    async (rig) => {
      const [ended, again, living] = [rig.key(), rig.key(), rig.key()]
      await mustInsert(rig.store, ended, newEntry({ dueAt: longAgo, expiresAt: longAgo }))
      await mustInsert(rig.store, again, newEntry({ dueAt: longAgo, expiresAt: longAgo }))
      await mustInsert(rig.store, again, newEntry({ dueAt: never }))
      await mustInsert(rig.store, living, newEntry({ dueAt: longAgo }))
      equal('what is due', await allDue(rig.store, rig.prefix), [living])
    },
  ),
  dueCase(
    { name: 'due gives at most the limit, no key twice', rule: 'A worker says how much it takes.' },
    async (rig) => {
      const names = await insertDue(rig, 25)
      for (const limit of [1, 7, 24]) {
        const keys = await someDue(rig.store, rig.prefix, { limit })
        check(keys.length > 0 && keys.length <= limit, `asked for ${limit}, got ${keys.length}`)
        equal('how many are different', new Set(keys).size, keys.length)
        check(
          keys.every((name) => names.includes(name)),
          'a key that nobody wrote is due',
        )
      }
    },
  ),
  dueCase(
    {
      name: 'due leaves out what it is told to',
      rule: 'A row that cannot be worked on must not come again at once.',
    },
    async (rig) => {
      const names = await insertDue(rig, 12)
      const [first, ...others] = names
      equal('what is due without the others', await someDue(rig.store, rig.prefix, { without: others }), [
        first,
      ])
      equal('what is due without all', await someDue(rig.store, rig.prefix, { without: names }), [])
      const strangers = Array.from({ length: 500 }, () => rig.key())
      const keys = await allDue(rig.store, rig.prefix, { without: strangers })
      equal('what is due without strangers', keys.toSorted(), names.toSorted())
    },
  ),
  dueCase(
    {
      name: 'due reaches what lies behind rows left out',
      rule: 'Rows that cannot be worked on must not hide others.',
    },
    async (rig) => {
      const stuck = await insertDue(rig, 150, 1)
      const behind = await insertDue(rig, 3, longAgo)
      equal(
        'what is due',
        await allDue(rig.store, rig.prefix, { without: stuck, limit: 2 }),
        behind.toSorted(),
      )
    },
  ),
  dueCase(
    {
      name: 'callers get mostly different keys',
      rule: 'Workers that get the same keys work on one and wait for it.',
    },
    async (rig) => {
      await insertDue(rig, 200)
      let shared = 0
      for (let round = 0; round < 5; round++) {
        const [one, other] = await Promise.all([
          someDue(rig.store, rig.prefix, { limit: 20 }),
          someDue(rig.second, rig.prefix, { limit: 20 }),
        ])
        equal('how many each got', [one.length, other.length], [20, 20])
        shared += one.filter((name) => other.includes(name)).length
      }
      check(shared < 60, `of 100 keys ${shared} went to both of two callers`)
    },
  ),
  dueCase(
    { name: 'workers together work off everything', rule: 'No row may be left behind by chance.' },
    async (rig) => {
      const names = await insertDue(rig, 120)
      const done: string[] = []
      for (let rounds = 0; ; rounds++) {
        check(rounds < 1000, 'what was worked off stays due')
        const found = await Promise.all(workers.map(async (worker) => dueFor(rig, worker)))
        if (found.some((keys) => keys.length === 0)) break
        await Promise.all([...new Set(found.flat())].map(async (name) => workOff(rig, name, done)))
      }
      equal('what was worked off', done.toSorted(), names.toSorted())
      equal('what is left', await someDue(rig.store, rig.prefix), [])
    },
  ),
]

const workers = [0, 1, 2, 3]

async function dueFor(rig: StoreRig, worker: number): Promise<readonly string[]> {
  return someDue(rig.handle(worker), rig.prefix, { limit: 10 })
}

/**
 * Every worker takes the same row, as chance has it now and then: all have read it before any of them sets it to never.
 * Two write at once, and two come late.
 */
async function workOff(rig: StoreRig, name: string, done: string[]): Promise<void> {
  const rows = await Promise.all(workers.map(async (worker) => rig.handle(worker).read(name)))
  const write = async (worker: number): Promise<void> => {
    const row = rows[worker]
    if (row === undefined || row.dueAt === never) return
    if (await rig.handle(worker).replace(name, row.revision, newEntry())) done.push(name)
  }
  await Promise.all([write(0), write(1)])
  await Promise.all([write(2), write(3)])
}

function dueCase(head: StoreCaseHead, play: (rig: StoreRig) => Promise<void>): TokenStoreCase {
  return defineStoreCase({ ...head, needs: ['due'] }, play)
}
