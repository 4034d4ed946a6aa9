/** Key under which a piece of markup keeps its text. A symbol cannot arrive in JSON, so no input can pose as markup. */
export const markup: unique symbol = Symbol('markup')

/** A piece of finished markup, made by {@link html} only. */
export interface Html {
  /** The markup itself, every value in it already escaped. */
  readonly [markup]: string
}

/** What may stand inside an {@link html} template. `false` and `undefined` leave nothing behind. */
export type HtmlValue = Html | string | number | false | undefined | readonly HtmlValue[]

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

function escape(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => escapes[character] ?? '')
}

function isHtml(value: HtmlValue): value is Html {
  return typeof value === 'object' && markup in value
}

function isList(value: HtmlValue): value is readonly HtmlValue[] {
  return Array.isArray(value)
}

function write(value: HtmlValue): string {
  if (value === undefined || value === false) return ''
  if (isList(value)) return value.map(write).join('')
  return isHtml(value) ? value[markup] : escape(String(value))
}

/**
 * Builds markup from a template: what is written in the template stays as it is, every value is escaped.
 *
 * Right for text and for quoted attribute values; a template always quotes its attributes. There is no way to
 * pass unescaped text in, so a page cannot forget to escape.
 *
 * @example
 * html`<p title="${title}">${text}</p>`
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const text = strings.reduce((before, part, index) => before + write(values[index - 1]) + part)
  return { [markup]: text }
}

/** Marks a constant style sheet. Takes no values, so nothing can be smuggled in. */
export function css(strings: TemplateStringsArray): Html {
  return { [markup]: strings.join('') }
}

/** Marks a constant script. Takes no values, so nothing can be smuggled in. */
export function script(strings: TemplateStringsArray): Html {
  return { [markup]: strings.join('') }
}
