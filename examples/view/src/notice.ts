import { html, type Html } from './html.ts'

interface Notice {
  readonly tone: 'good' | 'wait'
  readonly text: string
}

/** The notices that a redirect can carry, by name: what a query says never reaches the page as text. */
const notices: Readonly<Record<string, Notice>> = {
  refreshed: { tone: 'good', text: 'Refreshed. TikTok has replaced both tokens; the old pair is dead.' },
  wait: {
    tone: 'wait',
    text: 'Not yet: a token younger than a minute is never replaced before its time. Wait a little.',
  },
  'logged-out': { tone: 'good', text: 'You are logged out here. The connection to TikTok is still there.' },
  disconnected: {
    tone: 'good',
    text: 'Disconnected. The tokens are revoked at TikTok and gone from this app.',
  },
}

/** Tells once, at the top of a page, what has just happened. `name` comes from the page's query. */
export function noticeBar(name: unknown): Html | undefined {
  const notice = typeof name === 'string' && Object.hasOwn(notices, name) ? notices[name] : undefined
  return notice && html`<p class="notice ${notice.tone}" role="status">${notice.text}</p>`
}
