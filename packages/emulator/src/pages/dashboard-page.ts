import type { DashboardState } from '../views.ts'
import { renderFaults } from './dashboard-faults.ts'
import { renderJournal } from './dashboard-journal.ts'
import { renderPeople } from './dashboard-people.ts'
import { dashboardScript } from './dashboard-script.ts'
import { formatDuration, renderInstant } from './format.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { renderLayout, renderLocalBadge } from './layout.ts'

const steps: readonly (readonly [label: string, advanceMs: number])[] = [
  ['+1 minute', 60_000],
  ['+2 hours', 7_200_000],
  ['+1 day', 86_400_000],
  ['+180 days', 15_552_000_000],
]

function renderOffset(offsetMs: number): string {
  if (offsetMs === 0) return 'Same as this machine’s clock.'
  return `${formatDuration(Math.abs(offsetMs))} ${offsetMs > 0 ? 'ahead of' : 'behind'} this machine’s clock.`
}

function renderClock(state: DashboardState): Html {
  return html`<section class="panel clock" aria-labelledby="clock">
    <h2 id="clock" tabindex="-1">Clock</h2>
    <div class="now" id="clock-live" data-live>
      <p class="time">${renderInstant(state.now)} <span class="muted">UTC</span></p>
      <p class="muted small">${renderOffset(state.offsetMs)}</p>
    </div>
    <form method="post" action="/_emulator/clock" class="steps" data-done="Clock moved forward.">
      ${steps.map(([label, ms]) => html`<button name="advanceMs" value="${ms}">${label}</button> `)}
    </form>
  </section>`
}

function renderClient(client: DashboardState['clients'][number]): Html {
  return html`<li id="client-${client.clientKey}">
    <div class="bar">
      <bdi class="name">${client.name}</bdi>
      <span class="chip">${client.platform}</span>
    </div>
    <dl class="pairs">
      <div>
        <dt>Client key</dt>
        <dd><code>${client.clientKey}</code></dd>
      </div>
      <div>
        <dt>Redirect URIs</dt>
        <dd>${client.redirectUris.map((uri) => html`<code class="line">${uri}</code> `)}</dd>
      </div>
    </dl>
  </li>`
}

function renderClients(state: DashboardState): Html {
  if (state.clients.length === 0) {
    return html`<div class="empty" id="no-clients">
      <p><strong>No app is registered.</strong></p>
      <p>Name your app’s client key, secret and redirect URIs when you start the emulator.</p>
    </div>`
  }
  return html`<ul class="clients" id="clients">
    ${state.clients.map(renderClient)}
  </ul>`
}

function renderAddresses(origin: string): Html {
  const addresses: readonly (readonly [name: string, url: string])[] = [
    ['authorizationEndpoint', `${origin}/v2/auth/authorize/`],
    ['tokenEndpoint', `${origin}/v2/oauth/token/`],
    ['revocationEndpoint', `${origin}/v2/oauth/revoke/`],
    ['apiOrigin', origin],
  ]
  const code = addresses.map(([name, url]) => `  ${name}: '${url}',`)
  return html`<h3>Point an app here</h3>
    <p class="muted small">Give your app these addresses in place of TikTok’s, and one of the keys above.</p>
    <pre><code>${['endpoints: {', ...code, '}'].join('\n')}</code></pre>`
}

function renderApps(state: DashboardState): Html {
  return html`<section class="panel apps" aria-labelledby="apps">
    <h2 id="apps" tabindex="-1">Apps</h2>
    <div id="apps-live" data-live>${renderClients(state)}</div>
    ${renderAddresses(state.origin)}
  </section>`
}

function renderHeader(state: DashboardState): Html {
  return html`<header class="top">
    <div>
      <h1>TikTok emulator</h1>
      <p class="muted small">at <code>${state.origin}</code></p>
    </div>
    <div class="connection scripted">
      <span id="connection" class="chip fine">Live</span>
      <button type="button" id="pause" aria-pressed="false">Pause</button>
    </div>
    <nav aria-label="Sections">
      <a href="#journal">Journal</a> <a href="#people">Users</a> <a href="#faults">Faults</a>
      <a href="#apps">Apps</a>
    </nav>
    <noscript><a href="/_emulator/">Reload for the latest</a></noscript>
  </header>`
}

/**
 * Renders the dashboard: the journal, users and grants, the clock, faults to inject, the registered apps.
 *
 * It works as a page of plain forms. Its script keeps what is marked `data-live` up to date, by asking
 * `/_emulator/state` whether anything changed and then taking the new parts from a fresh copy of this page.
 */
export function renderDashboardPage(state: DashboardState, nonce?: string): string {
  const body = html`${renderLocalBadge()} ${renderHeader(state)}
    <main>
      ${renderClock(state)} ${renderJournal(state)} ${renderPeople(state)} ${renderFaults(state)}
      ${renderApps(state)}
    </main>
    <p id="message" role="status"></p>
    <p id="news" class="unseen" aria-live="polite"></p>`
  return renderLayout({ title: 'TikTok emulator', kind: 'dashboard', body, script: dashboardScript, nonce })
}
