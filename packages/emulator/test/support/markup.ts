/** One tag of a page. */
export interface Tag {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
}

const tagPattern = /^<(!?\/?[a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*\/?>/
const attributePattern = /([a-z-]+)(?:="([^"]*)")?/g

const references: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#96;': '`',
}

/** Undoes the escapes, and refuses any other bare ampersand. */
export function unescape(text: string): string {
  return text.replace(/&[^;]{0,5};?/g, (reference) => {
    const character = references[reference]
    if (character === undefined) throw new Error(`unescaped ampersand: ${reference}`)
    return character
  })
}

function readTag(page: string): { tag: Tag; rest: string } {
  const match = tagPattern.exec(page)
  if (match === null) throw new Error(`not a tag of ours: ${page.slice(0, 80)}`)
  const [whole, name = '', attributes = ''] = match
  const pairs = [...attributes.matchAll(attributePattern)].map(([, key = '', value = '']) => [
    key,
    unescape(value),
  ])
  return { tag: { name, attributes: Object.fromEntries(pairs) }, rest: page.slice(whole.length) }
}

/**
 * Reads a page as strictly as no browser would: quoted attributes only, no angle bracket outside a tag. What gets
 * through is read the same way by every browser.
 */
export function readTags(page: string): readonly Tag[] {
  const tags: Tag[] = []
  let rest = page
  for (;;) {
    const start = rest.indexOf('<')
    const text = start < 0 ? rest : rest.slice(0, start)
    if (text.includes('>')) throw new Error(`bare bracket: ${text.slice(0, 80)}`)
    unescape(text)
    if (start < 0) return tags
    const read = readTag(rest.slice(start))
    tags.push(read.tag)
    const { name } = read.tag
    // Style and script are constants, and their text is not markup.
    const isText = name === 'style' || name === 'script'
    rest = isText ? read.rest.slice(read.rest.indexOf(`</${name}>`)) : read.rest
  }
}

/** Returns the outline of a page: its tags with the names of their attributes. */
export function outline(page: string): readonly string[] {
  return readTags(page).map(({ name, attributes }) => [name, ...Object.keys(attributes)].join(' '))
}

/** Returns the fields of all forms of a page that post to an address: `name=value`. */
export function fieldsOf(page: string, action: string): readonly string[] {
  const fields: string[] = []
  let inside = false
  for (const { name, attributes } of readTags(page)) {
    if (name === 'form') inside = attributes['action'] === action && attributes['method'] === 'post'
    if (name === '/form') inside = false
    const key = attributes['name']
    if (inside && key !== undefined) fields.push(`${key}=${attributes['value'] ?? ''}`)
  }
  return fields
}
