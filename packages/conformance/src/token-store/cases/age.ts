import type { TokenStore } from '@tiktok-auth/core'
import { check, equal, present } from '../../check.ts'
import { defineStoreCase, longAgo, newEntry, type StoreCaseHead, type StoreRig } from '../define.ts'
import { mustInsert, mustReplace, pause, until } from '../rows.ts'
import type { TokenStoreCase } from '../subject.ts'

// What two clocks on steady machines may drift apart within a case.
const slackMs = 100
const longMs = 400

/** `ageMs`: how long ago the revision was written, by the backend's clock. */
export const ageCases: readonly TokenStoreCase[] = [
  defineStoreCase(
    {
      name: 'every row has an age, or none has',
      rule: 'A claim is ended by one clock, not now by one, now by another.',
    },
    async ({ handle, key }) => {
      const [name, first, next] = [key(), newEntry(), newEntry()]
      await mustInsert(handle(0), name, first)
      const ages = [await ageOf(handle(0), name), await ageOf(handle(1), name)]
      await mustReplace(handle(1), name, [first, next])
      ages.push(await ageOf(handle(0), name), await ageOf(handle(1), name))
      equal('how many kinds of age there are', new Set(ages.map((age) => typeof age)).size, 1)
    },
  ),
  ageCase(
    {
      name: 'an age is never negative, and no older than the write',
      rule: 'An age that is too high ends a claim that is held.',
    },
    async ({ handle, key }) => {
      for (let round = 0; round < 10; round++) {
        const [name, before] = [key(), performance.now()]
        await mustInsert(handle(round), name, newEntry())
        for (const reader of [handle(0), handle(1)]) {
          const age = await knownAge(reader, name)
          const elapsed = performance.now() - before
          check(
            age >= 0 && age <= elapsed + slackMs,
            `an age of ${age} ms, ${elapsed} ms after the write began`,
          )
        }
      }
    },
  ),
  ageCase(
    { name: 'an age grows with time', rule: 'An age that stands still never ends a claim.' },
    async (rig) => {
      const name = rig.key()
      await mustInsert(rig.store, name, newEntry())
      const [written, first] = [performance.now(), await knownAge(rig.store, name)]
      await pause(longMs)
      const elapsed = performance.now() - written
      for (const reader of [rig.store, rig.second]) {
        const age = await knownAge(reader, name)
        check(age >= first && age >= elapsed - slackMs, `an age of ${age} ms, ${elapsed} ms after the write`)
      }
    },
  ),
  ageCase(
    { name: 'an age grows from read to read, whoever reads', rule: 'All servers see one age.' },
    async ({ store, handle, key }) => {
      const name = key()
      await mustInsert(store, name, newEntry())
      const written = performance.now()
      for (let read = 0; read < 30; read++) {
        await pause(10)
        const elapsed = performance.now() - written
        const age = await knownAge(handle(read), name)
        check(age >= elapsed - slackMs, `an age of ${age} ms, ${elapsed} ms after the write`)
      }
    },
  ),
  ageCase(
    { name: 'an age starts again with every write', rule: 'Each claim gets its whole lease.' },
    async (rig) => {
      const [name, first, next] = [rig.key(), newEntry(), newEntry()]
      await mustInsert(rig.store, name, first)
      await aged(rig, name)
      await startsAgain(rig, name, () => mustReplace(rig.store, name, [first, next]))
      await aged(rig, name)
      await startsAgain(rig, name, () => mustReplace(rig.second, name, [next, newEntry()]))
    },
  ),
  ageCase(
    { name: 'an age starts anew over an expired row', rule: 'Each claim gets its whole lease.' },
    async (rig) => {
      const [name, control] = [rig.key(), rig.key()]
      await mustInsert(rig.store, name, newEntry({ expiresAt: longAgo }))
      await mustInsert(rig.store, control, newEntry())
      await aged(rig, control)
      await startsAgain(rig, name, () => mustInsert(rig.store, name, newEntry()))
    },
  ),
  ageCase(
    {
      name: 'a write that loses, a read and another row leave the age alone',
      rule: 'Waiting must not renew a claim.',
    },
    async (rig) => {
      const [name, other] = [rig.key(), rig.key()]
      await mustInsert(rig.store, name, newEntry())
      const written = performance.now()
      await aged(rig, name)
      await rig.store.insert(name, newEntry())
      await rig.second.replace(name, 'another', newEntry())
      await mustInsert(rig.second, other, newEntry())
      await rig.store.read(name)
      const [elapsed, age] = [performance.now() - written, await knownAge(rig.store, name)]
      check(age >= elapsed - slackMs, `an age of ${age} ms, ${elapsed} ms after the write`)
      check((await knownAge(rig.store, other)) < age, 'a row written later is not younger')
    },
  ),
  ageCase(
    {
      name: 'an age does not go by what the entry says',
      rule: 'Instants of other machines say nothing about age.',
    },
    async ({ store, key }) => {
      const before = performance.now()
      for (const dueAt of [0, longAgo, Date.now() + 9_000_000]) {
        const name = key()
        await mustInsert(store, name, newEntry({ dueAt, expiresAt: Date.now() + 10_000_000 }))
        const [age, elapsed] = [await knownAge(store, name), performance.now() - before]
        check(
          age >= 0 && age <= elapsed + slackMs,
          `an age of ${age} ms, ${elapsed} ms after the write began`,
        )
      }
    },
  ),
]

function ageCase(head: StoreCaseHead, play: (rig: StoreRig) => Promise<void>): TokenStoreCase {
  return defineStoreCase({ ...head, needs: ['age'] }, play)
}

async function ageOf(store: TokenStore, key: string): Promise<number | undefined> {
  return present('the row', await store.read(key)).ageMs
}

async function knownAge(store: TokenStore, key: string): Promise<number> {
  const age = present('`ageMs`', await ageOf(store, key))
  check(Number.isFinite(age), 'the age is no finite number')
  return age
}

/** Waits until the row is old enough for a new age to be told from its own. */
async function aged({ store }: StoreRig, name: string): Promise<void> {
  await until('an age that grows', async () => (await knownAge(store, name)) >= longMs)
}

async function startsAgain(rig: StoreRig, name: string, write: () => Promise<void>): Promise<void> {
  const before = performance.now()
  await write()
  for (const reader of [rig.store, rig.second]) {
    const age = await knownAge(reader, name)
    const elapsed = performance.now() - before
    check(age <= elapsed + slackMs, `an age of ${age} ms, ${elapsed} ms after the write began`)
  }
}
