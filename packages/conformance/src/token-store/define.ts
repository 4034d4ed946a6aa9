import type { StoreEntry } from '@tiktok-auth/core'
import { check, fail } from '../check.ts'
import type { TokenStoreCase, TokenStoreFeature, TokenStoreHandle, TokenStoreSubject } from './subject.ts'

/** What a case works with: the handles, and keys nobody else uses. */
export interface StoreRig {
  readonly store: TokenStoreHandle
  readonly second: TokenStoreHandle
  /** Both handles in turn, by number. */
  handle(index: number): TokenStoreHandle
  broken(): Promise<TokenStoreHandle>
  /** What every key of this case begins with. */
  readonly prefix: string
  /** Makes a key that was never used before. */
  key(): string
}

/** What a case says about itself. */
export interface StoreCaseHead {
  readonly name: string
  readonly rule: string
  readonly needs?: readonly TokenStoreFeature[]
}

/** Makes a case: makes a subject, plays, closes the subject. */
export function defineStoreCase(
  { name, rule, needs = [] }: StoreCaseHead,
  play: (rig: StoreRig) => Promise<void>,
): TokenStoreCase {
  return {
    name,
    rule,
    needs,
    async run(create) {
      const subject = await create()
      try {
        requireFeatures(subject, needs)
        await play(rigOver(subject))
      } finally {
        await subject.close()
      }
    },
  }
}

function rigOver(subject: TokenStoreSubject): StoreRig {
  const { store, second } = subject
  // Some backends look up keys by their first characters: chance stands in front.
  const prefix = `${crypto.randomUUID()}:`
  let keys = 0
  return {
    store,
    second,
    handle: (index) => (index % 2 === 0 ? store : second),
    broken: async () => subject.broken?.() ?? fail('The subject has no `broken`.'),
    prefix,
    key: () => `${prefix}user-${keys++}`,
  }
}

function requireFeatures(subject: TokenStoreSubject, needs: readonly TokenStoreFeature[]): void {
  const { store, second } = subject
  for (const need of needs) {
    // Whether ages are given only a row can tell.
    if (need === 'age') continue
    const has =
      need === 'broken'
        ? subject.broken !== undefined
        : store[need] !== undefined && second[need] !== undefined
    check(has, `The case needs \`${need}\`, and the subject has none: leave out cases with that need.`)
  }
}

/** `dueAt` and `expiresAt` that never come. */
export const never: number = Number.MAX_SAFE_INTEGER
/** An instant that is over by any clock. */
export const longAgo: number = Date.UTC(2020, 0, 1)

/** Makes an entry with a new revision and a value of its own; lives for a day or two and is never due. */
export function newEntry(changes: Partial<StoreEntry> = {}): StoreEntry {
  const id = crypto.randomUUID()
  return {
    revision: id,
    value: `value of ${id}`,
    expiresAt: inADayOrTwo(),
    dueAt: never,
    ...changes,
  }
}

// The same for every entry of a run, so that a case differs from the next by what it is about alone.
function inADayOrTwo(): number {
  const dayMs = 86_400_000
  return (Math.floor(Date.now() / dayMs) + 2) * dayMs
}
