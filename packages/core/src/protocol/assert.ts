import { ConfigurationError } from '../errors.ts'

/** Returns the value if it is an object with members. @throws `configuration` naming the option. */
export function assertRecord(value: unknown, option: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigurationError(option, 'must be an object.')
  }
  return value as Readonly<Record<string, unknown>>
}

/**
 * Returns the value if it is an object whose every member has one of these names: a misspelt one would be ignored
 * without a word.
 *
 * @throws `configuration` naming the option, and the member when its name can be shown.
 */
export function assertMembers(
  value: unknown,
  option: string,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  const record = assertRecord(value, option)
  const stranger = Object.keys(record).find((name) => !names.includes(name))
  if (stranger === undefined) return record
  const shown = /^\w{1,40}$/.test(stranger) ? `${option}.${stranger}` : option
  throw new ConfigurationError(
    shown,
    'is not known.',
    `The members of \`${option}\` are ${names.join(', ')}.`,
  )
}

/** Returns the value if it is a string. @throws `configuration` naming the option. */
export function assertString(value: unknown, option: string): string {
  if (typeof value !== 'string') throw new ConfigurationError(option, 'must be a string.')
  return value
}

/** Returns the value if it is a string that is not blank. @throws `configuration` naming the option. */
export function assertNonEmptyString(value: unknown, option: string): string {
  const text = assertString(value, option)
  if (text.trim() === '') throw new ConfigurationError(option, 'must not be empty.')
  return text
}

/**
 * Returns the value if it can be a key or a secret: visible ASCII without white space, and not what a missing
 * environment variable or an unfilled template leaves behind.
 *
 * @throws `configuration` naming the option.
 */
export function assertCredential(value: unknown, option: string): string {
  if (isAbsent(value)) throw new ConfigurationError(option, 'is missing.', unsetHint)
  const text = assertNonEmptyString(value, option)
  if (!/^[\x21-\x7e]+$/.test(text)) {
    throw new ConfigurationError(
      option,
      'must be visible ASCII characters without white space.',
      'Copy it again from the portal, without blanks or line ends around it.',
    )
  }
  if (isPlaceholder(text)) {
    throw new ConfigurationError(option, 'is a placeholder, not a value.', unsetHint)
  }
  return text
}

/** What to do about an option that is missing though the code names it. */
export const unsetHint = 'Check that the environment variable it comes from is set where this process runs.'

/** Tells whether a value is what an environment variable that is not set leaves behind, with or without a default. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
}

/** Tells whether a text is what a missing variable or an unfilled template leaves behind. */
export function isPlaceholder(text: string): boolean {
  return (
    /^(undefined|null|nan|\[object object\])$/i.test(text.trim()) ||
    /\$\{|\{\{|^<.*>$|^\$\w+$|^%\w+%$|^process\.env\./.test(text)
  )
}

/** Returns the value if it is a boolean. @throws `configuration` naming the option. */
export function assertBoolean(value: unknown, option: string): boolean {
  if (typeof value !== 'boolean') throw new ConfigurationError(option, 'must be true or false.')
  return value
}

/** Throws unless the value is a function. @throws `configuration` naming the option. */
export function assertFunction(value: unknown, option: string): void {
  if (typeof value !== 'function') throw new ConfigurationError(option, 'must be a function.')
}

/** Returns the value if it is one of those allowed. @throws `configuration` naming the option. */
export function assertOneOf<T extends string>(value: unknown, allowed: readonly T[], option: string): T {
  const found = allowed.find((each) => each === value)
  if (found === undefined) {
    throw new ConfigurationError(option, `must be ${allowed.map((each) => `'${each}'`).join(' or ')}.`)
  }
  return found
}

/** Returns the value if it is a number of milliseconds in the range. @throws `configuration` naming the option. */
export function assertDuration(
  value: unknown,
  range: { readonly min: number; readonly max: number },
  option: string,
): number {
  if (typeof value !== 'number' || !(value >= range.min && value <= range.max)) {
    throw new ConfigurationError(
      option,
      `must be a number of milliseconds from ${range.min} to ${range.max}.`,
    )
  }
  return value
}
