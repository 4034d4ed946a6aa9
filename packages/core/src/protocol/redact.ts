/** Cleans text that came from outside before it enters an error. */
export type Redact = (text: string, maxLength?: number) => string

/**
 * Makes a cleaner that replaces these secrets, written plainly or percent-encoded, and control characters,
 * and cuts what is over-long.
 */
export function createRedact(secrets: () => readonly string[]): Redact {
  // Made at the first use: most requests succeed.
  let forms: readonly string[] | undefined
  return (text, maxLength = 500) => {
    forms ??= secrets()
      .filter((secret) => secret.length >= minSecretLength)
      .flatMap(writtenForms)
    const known = forms.reduce((rest, form) => rest.replaceAll(form, '[redacted]'), text)
    // oxlint-disable-next-line no-control-regex -- control characters are what is removed
    const clean = known.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    return clean.length > maxLength ? `${clean.slice(0, maxLength)}\u2026` : clean
  }
}

// Of something shorter every other word would be a hit, and it is no secret.
const minSecretLength = 6

function writtenForms(secret: string): readonly string[] {
  return [secret, new URLSearchParams([['', secret]]).toString().slice(1)]
}

/**
 * Copies an error and its chain of causes as far as that is safe: name, code, cleaned message.
 *
 * Errors of HTTP clients carry more (the received bytes, the request's headers), and that may be secret.
 */
export function copyCause(error: unknown, redact: Redact, depth = 0): Error | undefined {
  // Not `instanceof`: test runners and embedders throw errors of another realm.
  if (typeof error !== 'object' || error === null || depth > 5) return undefined
  const { name, message, code, errors, cause: inner } = error as Readonly<Record<string, unknown>>
  if (typeof name !== 'string' || typeof message !== 'string') return undefined
  const cause = copyCause(inner, redact, depth + 1)
  const copy = new Error(redact(message), cause === undefined ? {} : { cause })
  Object.defineProperty(copy, 'name', { value: redact(name, 100), configurable: true })
  // The stack of the original begins with its message; this one begins where the copy was made.
  copy.stack = `${copy.name}: ${copy.message}`
  if (typeof code === 'string')
    Object.defineProperty(copy, 'code', { value: redact(code, 100), enumerable: true })
  if (Array.isArray(errors)) {
    const copies = errors.slice(0, 8).map((each) => copyCause(each, redact, depth + 1))
    Object.defineProperty(copy, 'errors', { value: copies })
  }
  return copy
}
