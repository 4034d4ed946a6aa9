import type { FaultView } from '../views.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { renderLayout, renderLocalBadge } from './layout.ts'

function renderFact(name: string, value: string | undefined): Html | undefined {
  if (value === undefined) return undefined
  return html`<div>
    <dt><code>${name}</code></dt>
    <dd>
      <code><bdi>${value}</bdi></code>
    </dd>
  </div>`
}

/** Renders what a person sees instead of a consent page when the app asks in a way TikTok refuses. */
export function renderFaultPage(view: FaultView, nonce?: string): string {
  const culprit = view.errorType
  const body = html`${renderLocalBadge()}
    <main>
      <header>
        <span class="mark" aria-hidden="true">!</span>
        <h1>Something went wrong</h1>
        <p class="lead">
          ${
            culprit === undefined
              ? 'The app’s request was refused.'
              : html`We could not sign you in. The app has to correct this:
                  <strong><bdi>${culprit}</bdi></strong>`
          }
        </p>
      </header>
      <dl class="facts">
        ${renderFact('error', view.error)} ${renderFact('error_type', view.errorType)}
        ${renderFact('errCode', view.errCode)}
      </dl>
      <section aria-labelledby="developer">
        <h2 id="developer">For the developer</h2>
        <h3>What happened</h3>
        <p>${view.explanation}</p>
        <h3>What to do</h3>
        <p>${view.remedy}</p>
        <p class="note">
          TikTok shows such faults on a page of its own as well and never sends the person back: an app that
          waits for its callback waits in vain.
        </p>
      </section>
      <footer class="muted">
        <p><a href="/_emulator/">Emulator dashboard</a></p>
      </footer>
    </main>`
  return renderLayout({ title: 'Something went wrong · Local emulator', kind: 'fault', body, nonce })
}
