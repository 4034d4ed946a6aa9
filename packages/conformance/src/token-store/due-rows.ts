import type { TokenStore } from '@tiktok-auth/core'
import { check, present } from '../check.ts'
import { longAgo, newEntry, type StoreRig } from './define.ts'
import { mustInsert } from './rows.ts'

/** What may be said beside the prefix. Default limit 1000, nothing left out. */
export interface DueChoice {
  readonly limit?: number
  readonly without?: readonly string[]
}

/** Asks once for what is due now. */
export async function someDue(
  store: TokenStore,
  prefix: string,
  choice: DueChoice = {},
): Promise<readonly string[]> {
  const { limit = 1000, without } = choice
  const query = { prefix, before: Date.now(), limit, ...(without && { without }) }
  return present('what `due` gives', await store.due?.(query))
}

/** Asks until nothing further is due, each time without what came before. Sorted. */
export async function allDue(
  store: TokenStore,
  prefix: string,
  choice: DueChoice = {},
): Promise<readonly string[]> {
  const found: string[] = []
  for (;;) {
    const without = [...(choice.without ?? []), ...found]
    const keys = await someDue(store, prefix, { ...choice, without })
    if (keys.length === 0) return found.toSorted()
    for (const key of keys) check(!without.includes(key), 'a key came that was to be left out')
    found.push(...keys)
  }
}

/** Inserts rows that are due, and gives their keys. */
export async function insertDue(
  rig: StoreRig,
  count: number,
  dueAt: number = longAgo,
): Promise<readonly string[]> {
  const names = Array.from({ length: count }, () => rig.key())
  await Promise.all(names.map((name, index) => mustInsert(rig.handle(index), name, newEntry({ dueAt }))))
  return names
}
