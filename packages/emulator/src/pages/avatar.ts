import { html } from './html.ts'
import type { Html } from './html.ts'
import type { UserView } from '../views.ts'

const hues = 6

const ownPath = /^\/_emulator\/[^\\]*$/

/** Draws somebody's initial on a colour of their own. */
export function renderInitial(id: string, name: string): Html {
  const initial = Array.from(name.trim().toUpperCase())[0] ?? '?'
  const hue =
    Array.from(id).reduce((sum, character) => (sum * 33 + (character.codePointAt(0) ?? 0)) % 65_521, 5) % hues
  return html`<span class="avatar hue-${hue}" aria-hidden="true">${initial}</span>`
}

/** Shows the picture that apps are told of, if the emulator serves it itself: these pages fetch nothing from elsewhere. */
export function renderAvatar({ id, displayName, avatarUrl }: UserView): Html {
  if (!ownPath.test(avatarUrl)) return renderInitial(id, displayName)
  return html`<img class="avatar" src="${avatarUrl}" alt="" width="40" height="40" />`
}
