import { sha256 } from './random.ts'
import type { EmulatorUser } from './users.ts'
import type { Answer } from './wire.ts'

/** Draws a user's picture: an initial on a colour of their own. */
export function serveAvatar(user: EmulatorUser | undefined): Answer {
  if (user === undefined) return { status: 404, outcome: 'not_found', text: '' }
  const hue = Number.parseInt(sha256(user.id, 'hex').slice(0, 4), 16) % 360
  const [first = '?'] = user.displayName.trim().toUpperCase()
  const initial = first.replace(/[&<>"']/g, '?')
  const text =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><rect width="100" height="100" ` +
    `fill="hsl(${hue} 55% 45%)"/><text x="50" y="52" fill="#fff" font-family="system-ui, sans-serif" ` +
    `font-size="48" font-weight="600" text-anchor="middle" dominant-baseline="central">${initial}</text></svg>`
  const headers = {
    'content-type': 'image/svg+xml',
    'content-security-policy': "default-src 'none'",
  }
  return { status: 200, outcome: 'ok', headers, text }
}
