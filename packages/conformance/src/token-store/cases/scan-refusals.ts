import type { KeyPage } from '@tiktok-auth/core'
import { check, equal } from '../../check.ts'
import { defineStoreCase, newEntry, type StoreRig } from '../define.ts'
import { mustInsert, orRefused } from '../rows.ts'
import { allKeys, onePage } from '../scan-pages.ts'
import type { TokenStoreCase } from '../subject.ts'

const hostileCursors = [
  '',
  ' ',
  '0',
  '1',
  '-1',
  '99999999999999999999999999',
  '0x10',
  'NaN',
  'null',
  'undefined',
  '[object Object]',
  '\0',
  'a\0b',
  '\uD800',
  '\uFEFF',
  "' OR 1=1 --",
  "'; DROP TABLE tiktok_auth_grants; --",
  '*',
  '%',
  '$1',
  '\\x00',
  '{0}',
  '0.0.unknown',
  '255.18446744073709551615.x',
  '256.0.unknown',
  '0.99999999999999999999.unknown',
  '../../etc/passwd',
  '\r\nFLUSHALL\r\n',
  '😀',
  'f'.repeat(64),
  'x'.repeat(100_000),
]

const hostilePrefixes = [
  '\0',
  'a\0b',
  '\uD800',
  '\uDC00\uD800',
  '\uFEFF',
  '\u{10FFFF}',
  "' OR 1=1 --",
  "'; DROP TABLE tiktok_auth_grants; --",
  '*',
  '[^a]*',
  '%',
  '_',
  '\\',
  '}{',
  '$1',
  '\r\nFLUSHALL\r\n',
  'x'.repeat(100_000),
]

/** What a scan does when it is asked for something odd. */
export const scanRefusalCases: readonly TokenStoreCase[] = [
  defineStoreCase(
    {
      name: 'scan: a cursor that nobody gave is refused, or stays within the prefix',
      rule: 'A cursor may come back from anywhere.',
      needs: ['scan'],
    },
    async (rig) => {
      const inside = await insertBeside(rig)
      for (const after of hostileCursors) {
        const page = await orRefused(onePage(rig.store, { prefix: `${rig.prefix}in:`, after, limit: 10 }))
        onlyOf(inside, page)
      }
    },
  ),
  defineStoreCase(
    {
      name: 'scan: a cursor of another prefix is refused, or stays within the prefix',
      rule: 'A cursor opens no other app’s rows.',
      needs: ['scan'],
    },
    async (rig) => {
      const inside = await insertBeside(rig)
      let { next } = await onePage(rig.store, { prefix: `${rig.prefix}out:`, limit: 1 })
      for (let pages = 0; next !== undefined && pages < 100; pages++) {
        const after = next
        const foreign = onePage(rig.store, { prefix: `${rig.prefix}in:`, after, limit: 10 })
        onlyOf(inside, await orRefused(foreign))
        next = (await onePage(rig.store, { prefix: `${rig.prefix}out:`, after, limit: 1 })).next
      }
    },
  ),
  defineStoreCase(
    {
      name: 'scan: a hostile prefix is refused, or is a prefix like any other',
      rule: 'A prefix is text, nothing more.',
      needs: ['scan'],
    },
    async (rig) => {
      await insertBeside(rig)
      for (const hostile of hostilePrefixes) {
        equal('the keys', await withoutRefusal(allKeys(rig.store, rig.prefix + hostile)), [])
      }
      equal('how many keys are left', (await allKeys(rig.store, rig.prefix)).length, 24)
    },
  ),
  defineStoreCase(
    {
      name: 'scan: a limit that cannot work is refused, or ends no scan early',
      rule: 'A scan that seems over leaves rows behind.',
      needs: ['scan'],
    },
    async (rig) => {
      const inside = await insertBeside(rig)
      for (const limit of [0, -1, 0.5, 1.5, NaN, Infinity, 2 ** 53]) {
        const page = await orRefused(onePage(rig.store, { prefix: `${rig.prefix}in:`, limit }))
        onlyOf(inside, page)
        if (page === 'refused' || page.next !== undefined) continue
        equal('the keys of a scan that is over', page.keys.toSorted(), inside)
      }
    },
  ),
]

/** Inserts rows under the prefix `in:`, and others beside them. Gives the keys of the former. Sorted. */
async function insertBeside(rig: StoreRig): Promise<readonly string[]> {
  const inside = Array.from({ length: 12 }, (_, index) => `${rig.prefix}in:${index}`)
  const outside = Array.from({ length: 12 }, (_, index) => `${rig.prefix}out:${index}`)
  await Promise.all([...inside, ...outside].map((key) => mustInsert(rig.store, key, newEntry())))
  return inside.toSorted()
}

function onlyOf(inside: readonly string[], page: KeyPage | 'refused'): void {
  if (page === 'refused') return
  for (const key of page.keys) check(inside.includes(key), 'a key came that is not under the prefix')
}

/** A refusal is as good as no key. */
async function withoutRefusal(keys: Promise<readonly string[]>): Promise<readonly string[]> {
  const found = await orRefused(keys)
  return found === 'refused' ? [] : found
}
