import { isTikTokAuthError, StoreError } from '../errors.ts'
import type { Clock } from './clock.ts'

/** How long a store's answer is waited for: far beyond a slow one, and well within what is left of a claim. */
const longestMs = 10_000

/** Makes one call to a store, however the store behaves. */
export type StoreCall = <Value>(operation: string, work: () => Promise<Value>) => Promise<Value>

/**
 * Makes what every call to a store goes through: whatever the store throws is a typed error, and an answer that does not
 * come within ten seconds is a failure, so that one lost connection holds nobody up for ever. A write that was given up
 * may take effect all the same, as any write that failed may.
 */
export function createStoreCall(clock: Clock): StoreCall {
  return (operation, work) =>
    new Promise((resolve, reject) => {
      const cancel = clock.after(longestMs, () => reject(noAnswer(operation)), false)
      callUnbounded(operation, work).finally(cancel).then(resolve, reject)
    })
}

/** The same for those who wait no longer than they like anyway; it spares them a timer. */
export const callUnbounded: StoreCall = async (operation, work) => {
  try {
    // A store may throw before it makes a promise, or make none.
    return await work()
  } catch (error) {
    throw asStoreError(operation, error)
  }
}

/** The keys that a store listed. Stores are made by many hands, so what they give is looked at. */
export function asKeys(operation: string, given: unknown): readonly string[] {
  const isList = Array.isArray(given) && given.every((key) => typeof key === 'string')
  if (!isList) throw new StoreError(operation, { problem: 'what it gave is no list of keys.' })
  return given
}

/** What a store threw, as the error that callers get. */
export function asStoreError(operation: string, error: unknown): StoreError {
  if (isTikTokAuthError(error) && error.code === 'store') return error
  return new StoreError(operation, { cause: error })
}

function noAnswer(operation: string): StoreError {
  return new StoreError(operation, { problem: `it did not answer within ${longestMs / 1_000} seconds.` })
}
