import { html } from './html.ts'
import type { Html } from './html.ts'

const hues = 6

/** Draws somebody's initial on a colour of their own. The real picture may be far away, and these pages fetch nothing. */
export function renderAvatar(id: string, name: string): Html {
  const initial = Array.from(name.trim().toUpperCase())[0] ?? '?'
  const hue =
    Array.from(id).reduce((sum, character) => (sum * 33 + (character.codePointAt(0) ?? 0)) % 65_521, 5) % hues
  return html`<span class="avatar hue-${hue}" aria-hidden="true">${initial}</span>`
}
