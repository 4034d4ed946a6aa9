import type { EmulatorBehavior } from './behavior.ts'
import { randomText } from './random.ts'

/** An authorization code and all it is bound to. */
export interface Code {
  readonly value: string
  readonly clientKey: string
  readonly redirectUri: string
  readonly userId: string
  readonly scope: readonly string[]
  /** The challenge the exchange has to meet, if any. */
  readonly challenge: string | undefined
  readonly expiresAt: number
  used: boolean
}

/** Remembers every code that was handed out. */
export interface CodeBook {
  /** Hands out a new code. */
  issue(binding: Omit<Code, 'value' | 'expiresAt' | 'used'>): Code
  /** Finds a code, used and expired ones included. */
  find(value: string): Code | undefined
}

/** Makes an empty code book. */
export function createCodeBook(now: () => number, behavior: () => EmulatorBehavior): CodeBook {
  const codes = new Map<string, Code>()
  return {
    issue(binding) {
      const value = randomText(64) + (behavior().plainCodes ? '' : '*1!4608.va')
      const code: Code = { ...binding, value, expiresAt: now() + behavior().codeLifetimeMs, used: false }
      codes.set(value, code)
      return code
    },
    find: (value) => codes.get(value),
  }
}
