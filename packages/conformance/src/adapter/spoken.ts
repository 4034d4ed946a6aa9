import { inspect } from 'node:util'

const whole = { depth: null, showHidden: true, maxStringLength: null, maxArrayLength: null } as const

/** Writes a value in every form in which a logger may print it. */
export function spoken(value: unknown): readonly string[] {
  const forms = [() => inspect(value, whole), () => JSON.stringify(value), () => String(value)]
  return forms.map((form) => {
    try {
      return form() ?? ''
    } catch {
      // What has no such form is not printed in it.
      return ''
    }
  })
}
