/**
 * Reads `Retry-After`: whole seconds or an HTTP date, as milliseconds from now. A date that has passed is 0;
 * anything else, a negative number included, is `undefined`. Not capped: how long to honour it is the caller's choice.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRetryAfter(value: string | undefined, now: () => number): number | undefined {
  const text = value?.trim() ?? ''
  if (/^\d{1,12}$/.test(text)) return Number(text) * 1000
  // Date.parse reads almost any text as some date, so only the one form that is sent is let through.
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now())
}
