import { isTikTokAuthError, type StoreEntry, type TokenStore } from '@tiktok-auth/core'
import { check, equal, fail } from '../check.ts'

const longestWaitMs = 20_000

/** Fails the case unless the row holds just this entry; `undefined` for no row. */
export async function expectRow(
  store: TokenStore,
  key: string,
  entry: StoreEntry | undefined,
): Promise<void> {
  const row = await store.read(key)
  equal(
    'the row',
    row === undefined ? undefined : fieldsOf(row),
    entry === undefined ? undefined : fieldsOf(entry),
  )
}

/** Inserts, and fails the case unless that succeeds. */
export async function mustInsert(store: TokenStore, key: string, entry: StoreEntry): Promise<void> {
  equal('insert where no row is', await store.insert(key, entry), true)
}

/** Replaces, and fails the case unless that succeeds. */
export async function mustReplace(
  store: TokenStore,
  key: string,
  [expected, entry]: readonly [expected: StoreEntry, entry: StoreEntry],
): Promise<void> {
  equal('replace with the revision of the row', await store.replace(key, expected.revision, entry), true)
}

/** Waits until the condition holds, and fails the case when it never does. */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + longestWaitMs
  while (!(await condition())) {
    check(performance.now() < end, `${what}: not within ${longestWaitMs} ms`)
    await pause(20)
  }
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/**
 * Awaits work on text that a backend may be unable to hold. Refusing with an error of this project is as good as
 * doing it; then the result is `'refused'`.
 */
export async function orRefused<Value>(work: Promise<Value>): Promise<Value | 'refused'> {
  try {
    return await work
  } catch (error) {
    if (isTikTokAuthError(error) && (error.code === 'configuration' || error.code === 'store'))
      return 'refused'
    return fail(`Refused, but not with a \`configuration\` or \`store\` error: ${String(error)}`)
  }
}

function fieldsOf({ revision, value, expiresAt, dueAt }: StoreEntry): StoreEntry {
  return { revision, value, expiresAt, dueAt }
}
