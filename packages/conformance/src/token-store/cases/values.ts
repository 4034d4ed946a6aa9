import type { StoreEntry } from '@tiktok-auth/core'
import { check, equal } from '../../check.ts'
import { defineStoreCase, never, newEntry, type StoreRig } from '../define.ts'
import { expectRow, mustInsert, mustReplace, orRefused } from '../rows.ts'
import type { TokenStoreCase } from '../subject.ts'

/** What a row holds comes back exactly. */
export const valueCases: readonly TokenStoreCase[] = [
  defineStoreCase(
    { name: 'a value of 64 KiB comes back whole', rule: 'Nothing may be cut off a sealed value.' },
    async (rig) => {
      const value = Array.from({ length: 8192 }, (_, index) => index.toString(16).padStart(8, '0')).join('')
      await keeps(rig, [{ value }, { value: 'x'.repeat(65_535) }, { value: 'é'.repeat(32_768) }])
    },
  ),
  defineStoreCase(
    {
      name: 'a value of any script comes back in its own form',
      rule: 'A store does not normalise or re-encode.',
    },
    async (rig) =>
      keeps(rig, [
        { value: 'åé가😀' },
        { value: 'åé가😀'.normalize('NFD') },
        { value: 'lines\r\nline\u2028separator\u2029\u0085' },
        { value: '👩‍👩‍👧‍👦 \u202Eright to left\u202C \u{10FFFF} \uFFFF \uFFFE' },
      ]),
  ),
  defineStoreCase(
    { name: 'a value is opaque', rule: 'Text that looks like JSON, a number, SQL or nothing stays text.' },
    async (rig) => {
      const texts = [
        ['', ' ', ' padded ', '\n', '\t'],
        ['null', 'undefined', 'true', '0', '-1', '1e400', '007', '9007199254740993', 'NaN'],
        ['{}', '{"b":1,"a":[2,3 ]}', '[]', '"quoted"', '{"__proto__":{"polluted":true}}'],
        ["'; DROP TABLE x; --", '$1 ?1 :name @x %s {{x}}', '\\x00 \\u0000 \\', '%_*?[a-z]'],
      ]
      await keeps(
        rig,
        texts.flat().map((value) => ({ value })),
      )
    },
  ),
  defineStoreCase(
    {
      name: 'values with control characters come back exactly or are refused',
      rule: 'A value that is silently cut at a NUL is a lost grant.',
    },
    async (rig) => {
      const controls = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join('')
      await keepsOrRefuses(rig, [
        '\uFEFFbyte order mark',
        '\0',
        'before\0after',
        '\0first',
        'last\0',
        controls,
        '\u007F\u0080\u009F',
      ])
    },
  ),
  defineStoreCase(
    {
      name: 'values that are not well-formed text come back exactly or are refused',
      rule: 'A half of a surrogate pair must not silently become another character.',
    },
    async (rig) => keepsOrRefuses(rig, ['\uD800', 'a\uDC00b', '\uDE00\uD83D', 'end \uD83D']),
  ),
  defineStoreCase(
    { name: 'instants come back exactly up to the largest', rule: 'A rounded instant is another instant.' },
    async (rig) => {
      const odd = Date.now() * 64 + 63
      const instants = [
        0,
        1,
        2 ** 31 - 1,
        2 ** 31,
        2 ** 32 + 1,
        Date.now() + 1,
        odd,
        never - 2,
        never - 1,
        never,
      ]
      await keeps(
        rig,
        instants.map((dueAt) => ({ dueAt })),
      )
      const future = [Date.now() + 86_400_001, odd, never - 2, never - 1, never]
      await keeps(
        rig,
        future.map((expiresAt) => ({ expiresAt })),
      )
    },
  ),
]

/** Each entry is inserted, and replaced with, and read back by both handles. */
async function keeps(rig: StoreRig, changes: readonly Partial<StoreEntry>[]): Promise<void> {
  for (const change of changes) {
    const [name, first, entry, last] = [rig.key(), newEntry(change), newEntry(change), newEntry()]
    await mustInsert(rig.store, name, first)
    await expectRow(rig.store, name, first)
    await mustReplace(rig.store, name, [first, entry])
    await expectRow(rig.second, name, entry)
    await mustReplace(rig.second, name, [entry, last])
  }
}

async function keepsOrRefuses(rig: StoreRig, values: readonly string[]): Promise<void> {
  for (const value of values) {
    const [name, entry] = [rig.key(), newEntry({ value })]
    const inserted = await orRefused(rig.store.insert(name, entry))
    check(inserted !== false, 'insert where no row is said false')
    await expectRow(rig.store, name, inserted === 'refused' ? undefined : entry)
    const [other, first] = [rig.key(), newEntry()]
    await mustInsert(rig.store, other, first)
    const replaced = await orRefused(rig.store.replace(other, first.revision, entry))
    equal('what became of insert and replace', replaced, inserted)
    await expectRow(rig.second, other, replaced === 'refused' ? first : entry)
  }
}
