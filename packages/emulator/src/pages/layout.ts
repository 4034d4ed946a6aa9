import { html, markup } from './html.ts'
import type { Html } from './html.ts'
import { styles } from './styles.ts'

/** What differs from page to page around its content. */
export interface Layout {
  /** Stands in the browser's tab. */
  readonly title: string
  /** Chooses the page's own rules in the style sheet. */
  readonly kind: 'consent' | 'fault' | 'dashboard'
  readonly body: Html
  /** Runs at the end of the page. */
  readonly script?: Html
  /** Matches the nonce in the answer's content security policy. */
  readonly nonce?: string | undefined
}

/**
 * Returns the whole document as text.
 *
 * It asks for nothing else: style and script stand inside, there is no picture to fetch, not even an icon.
 */
export function renderLayout(layout: Layout): string {
  const nonce = layout.nonce === undefined ? html`` : html` nonce="${layout.nonce}"`
  const end = layout.script === undefined ? html`` : html`<script${nonce}>${layout.script}</script>`
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${layout.title}</title>
        <link rel="icon" href="data:," />
        <style${nonce}>${styles}</style>
      </head>
      <body class="${layout.kind}">
        ${layout.body}${end}
      </body>
    </html>`
  return page[markup]
}

/** Says on every page that this is not TikTok. */
export function renderLocalBadge(): Html {
  return html`<aside class="local">
    <p><strong>Local emulator</strong> This page is not TikTok.</p>
  </aside>`
}
