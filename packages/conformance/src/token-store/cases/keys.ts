import type { StoreEntry } from '@tiktok-auth/core'
import { check, equal } from '../../check.ts'
import { defineStoreCase, newEntry, type StoreRig } from '../define.ts'
import { expectRow, mustInsert, mustReplace, orRefused } from '../rows.ts'
import type { TokenStoreCase } from '../subject.ts'

const long = 'k'.repeat(10_240)

/** Keys of any text: each is its own row, or is refused with an error of this project. */
export const keyCases: readonly TokenStoreCase[] = [
  defineStoreCase(
    {
      name: 'keys with quotes, separators and wildcards are kept apart',
      rule: 'A key is data, never a statement.',
    },
    async (rig) =>
      keptApart(rig, [
        ...words(`' '' " ; '; -- \\ \\\\ \\' 'OR'1'='1 ');DROP x;--`),
        ...words('% %% _ * ? [a-z] ^ $ . .. / ../../etc/passwd | &'),
        ...words(': :: a:b a b { } {a} {} $1 ?1 :name @name # %25 %3A'),
      ]),
  ),
  defineStoreCase(
    {
      name: 'keys with control characters are kept apart',
      rule: 'A key that ends at a NUL is somebody else’s key.',
    },
    async (rig) =>
      keptApart(rig, [
        '',
        '\0',
        '\0\0',
        '\0a',
        '\0b',
        'a\0',
        'a',
        '\n',
        '\r',
        '\r\n',
        '\t',
        '\u001B[2J',
        '\u007F',
      ]),
  ),
  defineStoreCase(
    { name: 'keys of any script are kept apart', rule: 'A key is kept in its own form.' },
    async (rig) =>
      keptApart(rig, [
        '😀',
        '😁',
        '👩‍👩‍👧',
        '👩',
        'ключ',
        '鍵',
        'مفتاح',
        '\uFEFF',
        '\u200B',
        '\u202E',
        '\uFFFF',
        '\u{10FFFF}',
      ]),
  ),
  defineStoreCase(
    { name: 'keys that differ only in case are kept apart', rule: 'Open ids differ in case.' },
    async (rig) =>
      keptApart(rig, [
        'user',
        'USER',
        'User',
        'uSER',
        'straße',
        'STRASSE',
        'i',
        'İ',
        'ı',
        'I',
        'σ',
        'ς',
        'Σ',
      ]),
  ),
  defineStoreCase(
    {
      name: 'keys that differ only in white space are kept apart',
      rule: 'Some databases ignore trailing space.',
    },
    async (rig) =>
      keptApart(rig, ['a', 'a ', 'a  ', ' a', 'a\t', 'a\u00A0', 'a\n', 'a b', 'a  b', 'ab', ' ', '  ']),
  ),
  defineStoreCase(
    {
      name: 'keys that differ only in Unicode form are kept apart',
      rule: 'Canonically equal is not the same key.',
    },
    async (rig) => {
      const forms = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const
      const texts = ['é', 'ﬁ', 'ẛ̣', 'Å', 'ｋｅｙ', '①', '가']
      await keptApart(rig, [
        ...new Set(texts.flatMap((text) => [text, ...forms.map((form) => text.normalize(form))])),
      ])
    },
  ),
  defineStoreCase(
    {
      name: 'keys that look like numbers are kept apart',
      rule: 'A key is text, also where a column converts.',
    },
    async (rig) =>
      keptApart(rig, [
        '1',
        '01',
        '1.0',
        '1e0',
        '+1',
        '0x1',
        ' 1',
        '0',
        '-0',
        'NaN',
        'null',
        'true',
        'undefined',
      ]),
  ),
  defineStoreCase(
    {
      name: 'keys of 10 KiB are kept apart to their last character',
      rule: 'A key that is cut is somebody else’s key.',
    },
    async (rig) =>
      keptApart(rig, [
        long,
        `${long}1`,
        `${long}2`,
        long.slice(1),
        `1${long}`,
        `2${long}`,
        'é'.repeat(5_000),
      ]),
  ),
  defineStoreCase(
    {
      name: 'keys that are not well-formed text are kept apart',
      rule: 'Encoding turns every half of a surrogate pair into one and the same character.',
    },
    async (rig) =>
      keptApart(rig, ['\uD800', '\uD801', '\uDC00', '\uFFFD', 'a\uD83D', 'a\uDE00', '\uDE00\uD83D']),
  ),
  defineStoreCase(
    {
      name: 'names of object members are no rows',
      rule: 'A lookup must not find what every object inherits.',
    },
    async ({ store }) => {
      for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'length']) {
        equal(`the row ${name}`, await orRefused(store.read(name)).then(absentIfRefused), undefined)
      }
    },
  ),
]

function words(text: string): readonly string[] {
  return text.split(' ')
}

/** Writes a row under each key, in two rounds, and reads all of them again. What is refused must leave nothing. */
async function keptApart(rig: StoreRig, suffixes: readonly string[]): Promise<void> {
  const rows = suffixes.map((suffix) => ({ name: rig.prefix + suffix, first: newEntry(), next: newEntry() }))
  const kept: { readonly name: string; readonly first: StoreEntry; readonly next: StoreEntry }[] = []
  for (const row of rows) {
    const before = await orRefused(rig.store.read(row.name))
    check(before === undefined || before === 'refused', 'a key that was never written has a row')
    const inserted = await orRefused(rig.store.insert(row.name, row.first))
    check(inserted !== false, 'insert under a key that was never written said false')
    if (inserted === true) kept.push(row)
    else
      equal(
        'replace under a refused key',
        await orRefused(rig.store.replace(row.name, '', row.next)),
        'refused',
      )
  }
  for (const { name, first } of kept) await expectRow(rig.second, name, first)
  for (const { name, first, next } of kept) await mustReplace(rig.second, name, [first, next])
  for (const { name, next } of kept) await expectRow(rig.store, name, next)
  // The prefix itself is a key too, and of no row unless it is among them.
  if (!suffixes.includes('')) await mustInsert(rig.store, rig.prefix, newEntry())
}

function absentIfRefused<Row>(row: Row | 'refused'): Row | undefined {
  return row === 'refused' ? undefined : row
}
