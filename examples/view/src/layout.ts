import { html, type Html } from './html.ts'

/** What the demo adds to a page: where the emulator's dashboard is. */
export interface DemoLinks {
  readonly dashboardUrl: string
}

/** What every page is told. */
export interface PageFrame {
  /** The framework the example is built with, for the header. */
  readonly framework: string
  readonly demo?: DemoLinks | undefined
}

/** Wraps a page's content into a whole document. */
export function layout(title: string, { framework, demo }: PageFrame, content: Html): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/page.css" />
        <script src="/page.js" defer></script>
      </head>
      <body>
        <header class="top">
          <a class="brand" href="/">
            <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
              <path d="M2 8v8M6.5 8v8M11 8v8M15.5 8v8" />
              <path class="now" d="M20.5 4v16" />
            </svg>
            tiktok-auth
          </a>
          <span class="with">on ${framework}</span>
          ${demo && html`<a class="dashboard" href="${demo.dashboardUrl}" target="_blank">Dashboard <span aria-hidden="true">↗</span></a>`}
        </header>
        <main>${content}</main>
      </body>
    </html>`
  return page.html
}
