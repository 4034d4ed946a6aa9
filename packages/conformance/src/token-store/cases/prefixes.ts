import type { TokenStore } from '@tiktok-auth/core'
import { check, equal } from '../../check.ts'
import { defineStoreCase, longAgo, newEntry } from '../define.ts'
import { allDue } from '../due-rows.ts'
import { allKeys } from '../scan-pages.ts'
import { mustInsert, orRefused } from '../rows.ts'
import type { TokenStoreCase } from '../subject.ts'

const prefixes: readonly Prefixed[] = [
  {
    name: 'keeps to its prefix',
    rule: 'Two apps may share one database.',
    prefix: 'app:',
    inside: ['app:', 'app:1', 'app:user', 'app::', 'app:app:'],
    outside: ['', 'a', 'app', 'app;1', 'app9', 'ap:1', 'other:app:1', 'xapp:1', ' app:1'],
  },
  {
    name: 'wildcards in a prefix stand for themselves',
    rule: 'A client key with a wildcard is not everybody’s.',
    prefix: 'a%b_c*d?e[f]g\\h^i$j.k{l}m',
    inside: ['a%b_c*d?e[f]g\\h^i$j.k{l}m', 'a%b_c*d?e[f]g\\h^i$j.k{l}m:1', 'a%b_c*d?e[f]g\\h^i$j.k{l}m%'],
    outside: [
      'aXXb_c*d?e[f]g\\h^i$j.k{l}m:1',
      'a%bXc*d?e[f]g\\h^i$j.k{l}m:1',
      'a%b_cXXd?e[f]g\\h^i$j.k{l}m:1',
    ],
  },
  {
    name: 'a wildcard alone is no wildcard',
    rule: 'A client key with a wildcard is not everybody’s.',
    prefix: '%',
    inside: ['%', '%1', '%%'],
    outside: ['1', 'a%', '_', '*', '\\%'],
  },
  {
    name: 'a prefix is compared by case',
    rule: 'Client keys differ in case.',
    prefix: 'App:',
    inside: ['App:1', 'App:a'],
    outside: ['app:1', 'APP:1', 'aPP:1'],
  },
  {
    name: 'a prefix of percent-encoded text works',
    rule: 'So the keys of grants begin.',
    prefix: 'aw%2Fkey%3A1:',
    inside: ['aw%2Fkey%3A1:user', 'aw%2Fkey%3A1:%41', 'aw%2Fkey%3A1:%'],
    outside: ['aw%2fkey%3a1:user', 'aw/key:1:user', 'aw%2Fkey%3A1;user', 'aw%2Fkey%3A:user'],
  },
  {
    name: 'finds keys that sort behind everything else',
    rule: 'An upper bound must not cut off the last keys.',
    prefix: 'last:',
    inside: [
      'last:~',
      'last:é',
      'last:\uFFFF',
      'last:\uFFFF\uFFFF',
      'last:😀',
      'last:\u{10FFFF}',
      'last:\u{10FFFF}\u{10FFFF}',
    ],
    outside: ['last;', 'last', 'last\u{10FFFF}'],
  },
  {
    name: 'a prefix of any script works',
    rule: 'A prefix ends at a character, not at a byte of it.',
    prefix: 'é😀',
    inside: ['é😀', 'é😀1', 'é😀😀'],
    outside: ['é😁', 'é', 'é\u{1F5FF}', 'e\u0301😀1', 'ê😀1'],
  },
]

interface Prefixed {
  /** What is right, of whatever looks at the keys under a prefix. */
  readonly name: string
  readonly rule: string
  readonly prefix: string
  readonly inside: readonly string[]
  readonly outside: readonly string[]
}

/** `due` looks at the keys that begin with the prefix, character by character, and at no other. */
export const duePrefixCases: readonly TokenStoreCase[] = prefixes.map((each) =>
  prefixCase('due', each, allDue),
)

/** And so does `scan`. */
export const scanPrefixCases: readonly TokenStoreCase[] = prefixes.map((each) =>
  prefixCase('scan', each, allKeys),
)

type List = (store: TokenStore, prefix: string) => Promise<readonly string[]>

function prefixCase(feature: 'due' | 'scan', prefixed: Prefixed, list: List): TokenStoreCase {
  const { rule, prefix, inside, outside } = prefixed
  const name = `${feature}: ${prefixed.name}`
  return defineStoreCase({ name, rule, needs: [feature] }, async (rig) => {
    for (const text of outside)
      await orRefused(rig.store.insert(rig.prefix + text, newEntry({ dueAt: longAgo })))
    const kept: string[] = []
    for (const text of inside) {
      const inserted = await orRefused(rig.store.insert(rig.prefix + text, newEntry({ dueAt: longAgo })))
      check(inserted !== false, 'insert where no row is said false')
      if (inserted === true) kept.push(rig.prefix + text)
    }
    // One plain row, so that a store that refuses all of these is asked for something all the same.
    const plain = `${rig.prefix}plain`
    await mustInsert(rig.store, plain, newEntry({ dueAt: longAgo }))
    equal('the keys under the plain prefix', await list(rig.store, plain), [plain])
    const keys = await orRefused(list(rig.store, rig.prefix + prefix))
    check(keys !== 'refused' || kept.length === 0, 'a prefix is refused, and keys under it are not')
    if (keys !== 'refused') equal('the keys under the prefix', keys, kept.toSorted())
  })
}
