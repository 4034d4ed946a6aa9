import { html, type Html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'

/** What {@link errorPage} shows: the fields every error of the library has. */
export interface ErrorPage extends PageFrame {
  readonly error: unknown
  readonly loginUrl: string
}

/** The page of something that went wrong: what happened, what to do, and a way on. */
export function errorPage(page: ErrorPage): string {
  const { code, error, errorType, hint } = fieldsOf(page.error)
  const { title, text } = explain({ code, error, errorType })
  return layout(
    title,
    page,
    html`<div class="error">
      <section class="card">
        <h1>${title}</h1>
        <p>${text}</p>
        <div class="actions">
          <a class="button primary" href="${page.loginUrl}">Try again</a>
          <a class="button" href="/">Back to the start</a>
        </div>
        ${code !== undefined && html`<p class="fine">For the developer: <code>${[code, error, errorType].filter(Boolean).join(' / ')}</code></p>`}
        ${hint !== undefined && html`<p class="hint">${withCode(hint)}</p>`}
      </section>
    </div>`,
  )
}

/** A hint marks names by backticks, as messages in a terminal do. */
function withCode(hint: string): readonly Html[] {
  return hint.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))
}

function explain({ code, error, errorType }: Omit<ErrorFields, 'hint'>): { title: string; text: string } {
  // With a type it was not the user who pressed "Cancel": no tester of the sandbox, say.
  if (error === 'access_denied' && errorType === undefined) {
    return { title: 'You cancelled', text: 'Nothing was shared, and nothing was stored.' }
  }
  switch (code) {
    case 'transaction':
      return {
        title: 'This login has gone stale',
        text: 'It was not started in this browser, took longer than ten minutes, or was used before.',
      }
    case 'network':
    case 'refresh_pending':
    case 'store':
      return {
        title: 'One moment',
        text: 'Something did not answer in time. Nothing is lost; try again shortly.',
      }
    case undefined:
    default:
      return { title: 'That did not work', text: 'TikTok and this app could not agree. Nothing was stored.' }
  }
}

interface ErrorFields {
  readonly code: string | undefined
  readonly error: string | undefined
  readonly errorType: string | undefined
  readonly hint: string | undefined
}

function fieldsOf(thrown: unknown): ErrorFields {
  const fields = typeof thrown === 'object' && thrown !== null ? (thrown as Record<string, unknown>) : {}
  return {
    code: textOf(fields['code']),
    error: textOf(fields['error']),
    errorType: textOf(fields['errorType']),
    hint: textOf(fields['hint']),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
