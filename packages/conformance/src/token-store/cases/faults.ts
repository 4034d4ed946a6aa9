import type { TokenStore } from '@tiktok-auth/core'
import { check, equal } from '../../check.ts'
import { defineStoreCase, newEntry } from '../define.ts'
import { expectRow, mustInsert } from '../rows.ts'
import type { TokenStoreCase } from '../subject.ts'

/** What a store does when its backend fails, and when it is set up again. */
export const faultCases: readonly TokenStoreCase[] = [
  failing('read', 'A failed read that looks like an absent row makes a user log in again.', (store, key) => {
    return store.read(key)
  }),
  failing('insert', 'A failed write that looks like a lost race is not tried again.', (store, key) => {
    return store.insert(key, newEntry())
  }),
  failing('replace', 'A failed write that looks like a lost race is not tried again.', (store, key) => {
    return store.replace(key, newEntry().revision, newEntry())
  }),
  defineStoreCase(
    {
      name: 'due rejects when the backend fails',
      rule: 'A failed query that looks like an empty one lets grants run out.',
      needs: ['broken', 'due'],
    },
    async ({ broken, prefix }) => {
      const store = await broken()
      await rejects(async () => store.due?.({ prefix, before: Date.now(), limit: 10 }))
    },
  ),
  defineStoreCase(
    {
      name: 'scan rejects when the backend fails',
      rule: 'A failed page that looks like the last one leaves rows behind.',
      needs: ['broken', 'scan'],
    },
    async ({ broken, prefix }) => {
      const store = await broken()
      await rejects(async () => store.scan?.({ prefix, limit: 10 }))
    },
  ),
  defineStoreCase(
    {
      name: 'setup may run again, by several at once, and keeps every row',
      rule: 'Every server runs it as it starts, beside servers that work.',
      needs: ['setup'],
    },
    async ({ store, second, key }) => {
      const [name, entry] = [key(), newEntry()]
      await mustInsert(store, name, entry)
      await Promise.all([store.setup?.(), second.setup?.(), store.setup?.(), second.setup?.()])
      await store.setup?.()
      await expectRow(store, name, entry)
      equal('insert over a row', await second.insert(name, newEntry()), false)
    },
  ),
]

type Method = 'read' | 'insert' | 'replace'

function failing(
  method: Method,
  rule: string,
  call: (store: TokenStore, key: string) => Promise<unknown>,
): TokenStoreCase {
  return defineStoreCase(
    { name: `${method} rejects when the backend fails`, rule, needs: ['broken'] },
    async ({ broken, key }) => {
      const store = await broken()
      await rejects(() => call(store, key()))
    },
  )
}

async function rejects(call: () => Promise<unknown>): Promise<void> {
  const outcome = await call().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  check(
    'error' in outcome,
    `resolved to ${'value' in outcome ? String(outcome.value) : ''} instead of rejecting`,
  )
  check(outcome.error instanceof Error, 'rejected with something that is no error')
}
