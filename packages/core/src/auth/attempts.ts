import { hostPrimitives } from '../runtime.ts'

/** How a callback's login ended, as much as a repetition of the callback needs. Holds no token. */
export interface Outcome {
  readonly openId: string
  readonly connectionId: string | undefined
  readonly returnTo: string
}

/** What a callback turned out to be. */
export type Attempt<T> =
  /** The first of its kind; it was worked on. */
  | { readonly kind: 'first'; readonly result: T }
  /** Arrived while the first was being worked on: a double click, whose answer is the one the browser shows. */
  | { readonly kind: 'joined'; readonly result: T }
  /** Arrived after the first was done. */
  | { readonly kind: 'repeated'; readonly outcome: Outcome }

/** Remembers the callbacks of the last minute, so that each is worked on once in this process. */
export interface Attempts<T extends { readonly outcome: Outcome }> {
  /** `parts` are everything the work depends on: only an identical callback gets to share its outcome. */
  run(parts: readonly (string | undefined)[], work: () => Promise<T>): Promise<Attempt<T>>
}

const keptMs = 60_000
const mostKept = 1000

interface Entry<T> {
  readonly startedAt: number
  /** As long as it is being worked on, whoever joins may share the result; of that only the outcome is kept. */
  state: { readonly result: Promise<T> } | { readonly outcome: Outcome }
}

/** Creates the memory of recent callbacks: a thousand at most, by digest, a minute each; failures are not kept. */
export function createAttempts<T extends { readonly outcome: Outcome }>(now: () => number): Attempts<T> {
  const entries = new Map<string, Entry<T>>()

  function makeRoom(): void {
    for (const [key, { startedAt }] of entries) {
      const age = now() - startedAt
      if (entries.size < mostKept && age >= 0 && age <= keptMs) return
      entries.delete(key)
    }
  }

  return {
    async run(parts, work) {
      const host = hostPrimitives()
      const key = host.toBase64url(await host.sha256(JSON.stringify(parts)))
      makeRoom()
      const known = entries.get(key)
      if (known !== undefined) {
        if ('outcome' in known.state) return { kind: 'repeated', outcome: known.state.outcome }
        return { kind: 'joined', result: await known.state.result }
      }
      const working = work()
      const entry: Entry<T> = { startedAt: now(), state: { result: working } }
      entries.set(key, entry)
      try {
        const result = await working
        entry.state = { outcome: result.outcome }
        return { kind: 'first', result }
      } catch (error) {
        entries.delete(key)
        throw error
      }
    },
  }
}
