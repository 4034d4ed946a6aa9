import { inspect, isDeepStrictEqual } from 'node:util'

/** A rule that a subject does not keep. The message says what was expected and what came. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError'
}

/** Fails the case with a message. */
export function fail(message: string): never {
  throw new ConformanceError(message)
}

/** Fails the case unless the condition holds. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) fail(message)
}

/** Fails the case unless both are deeply equal. `what` names the value. */
export function equal(what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return
  fail(`${what}: expected ${show(expected)}, got ${show(actual)}`)
}

/** Gives back what is there, and fails the case when nothing is. */
export function present<T>(what: string, value: T | undefined | null): T {
  if (value === undefined || value === null) fail(`${what} is missing`)
  return value
}

function show(value: unknown): string {
  return inspect(value, { depth: 6, breakLength: Infinity })
}
