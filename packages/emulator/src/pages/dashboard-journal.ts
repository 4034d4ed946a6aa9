import type { DashboardState, RequestView } from '../views.ts'
import { renderInstant } from './format.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'

/** How many requests the page shows at most. */
const shownRequests = 200

type Verdict = 'fine' | 'failed' | 'lost' | 'pending'

/** TikTok answers many failures with status 200, so the outcome decides and the status only adds to it. */
function judge(request: RequestView): Verdict {
  if (request.outcome === 'pending') return 'pending'
  if (request.status === undefined) return 'lost'
  return request.status < 400 && request.outcome === 'ok' ? 'fine' : 'failed'
}

const verdicts: Readonly<Record<Verdict, { readonly sign: string; readonly word: string }>> = {
  fine: { sign: '✓', word: 'OK' },
  failed: { sign: '✗', word: 'Failed' },
  lost: { sign: '∅', word: 'No reply' },
  pending: { sign: '…', word: 'Not answered yet' },
}

const presentedKinds: Readonly<Record<string, string>> = {
  authorization_code: 'code',
  refresh_token: 'refresh',
}

function renderPresented(request: RequestView): Html {
  const kind = presentedKinds[request.grantType ?? ''] ?? 'access'
  const presented =
    request.presented !== undefined &&
    html`<span><span class="muted small">${kind}</span> <code>${request.presented}</code></span>`
  return html`${presented}${request.replay && html`<span class="chip replay"><span aria-hidden="true">↻</span> Replay</span>`}`
}

function renderResult(request: RequestView, verdict: Verdict): Html {
  const { sign, word } = verdicts[verdict]
  return html`<span class="chip ${verdict}">
      <span aria-hidden="true">${sign}</span> ${word}${request.status !== undefined && ` ${request.status}`}
    </span>
    ${request.outcome !== 'ok' && verdict !== 'pending' && html`<code class="outcome">${request.outcome}</code>`}
    ${
      request.fault !== undefined &&
      html`<span class="chip injected"><span aria-hidden="true">⚑</span> Fault: ${request.fault}</span>`
    }
    ${request.logId !== undefined && html`<span class="trace"><span class="label">log_id</span> <code>${request.logId}</code></span>`}`
}

function renderParties(request: RequestView, state: DashboardState): Html | undefined {
  const client = state.clients.find(({ clientKey }) => clientKey === request.clientKey)
  const user = state.users.find(({ id }) => id === request.userId)
  const names = [client?.name ?? request.clientKey, user?.displayName ?? request.userId]
  const known = names.filter((name) => name !== undefined)
  if (known.length === 0) return undefined
  return html`<span class="muted small parties"
    >${known.map((name, index) => html`${index > 0 && ' · '}<bdi>${name}</bdi>`)}</span
  >`
}

function renderRequest(request: RequestView, state: DashboardState): Html {
  const verdict = judge(request)
  const plain = verdict === 'fine' && !request.replay && request.fault === undefined
  return html`<tr role="row" id="request-${request.id}" class="${verdict}${plain && ' plain'}">
    <td role="cell" class="when">${renderInstant(request.at)}</td>
    <td role="cell" class="call">
      <strong>${request.endpoint}</strong>
      ${request.grantType !== undefined && html`<code class="tag">${request.grantType}</code>`}
      <span class="path"
        ><code>${request.method} ${request.path}</code>
        ${request.durationMs !== undefined && html`<span class="small">${Math.round(request.durationMs)} ms</span>`}</span
      >
      ${renderParties(request, state)}
    </td>
    <td role="cell" class="presented">${renderPresented(request)}</td>
    <td role="cell" class="result">${renderResult(request, verdict)}</td>
  </tr>`
}

function renderEmpty(): Html {
  return html`<div class="empty">
    <p><strong>Nothing has happened yet.</strong></p>
    <p>
      Point an app at this emulator (<a href="#apps">the addresses are below</a>) and start a login. Each of
      its requests appears here as it comes in.
    </p>
  </div>`
}

function renderTable(state: DashboardState): Html {
  const requests = state.requests.toSorted((a, b) => b.id - a.id).slice(0, shownRequests)
  return html`<table role="table" aria-labelledby="journal">
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">Time (UTC)</th>
        <th role="columnheader" scope="col">Request</th>
        <th role="columnheader" scope="col">Presented</th>
        <th role="columnheader" scope="col">Outcome, log_id</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${requests.map((request) => renderRequest(request, state))}
    </tbody>
  </table>`
}

// Requests are counted from 1, so the oldest one shown tells how many came before it.
function countEarlier(requests: readonly RequestView[]): number {
  const ids = requests.map(({ id }) => id).toSorted((a, b) => b - a)
  return (ids[Math.min(ids.length, shownRequests) - 1] ?? 1) - 1
}

/** Renders the journal: every request this emulator has answered, the latest first. */
export function renderJournal(state: DashboardState): Html {
  const earlier = countEarlier(state.requests)
  return html`<section class="panel journal" aria-labelledby="journal">
    <div class="bar">
      <h2 id="journal" tabindex="-1">Journal</h2>
      <label class="check">
        <input type="checkbox" id="only-problems" autocomplete="off" /> Only failures, replays and faults
      </label>
    </div>
    <div class="scroll" id="journal-live" data-live role="region" aria-label="Journal entries" tabindex="0">
      ${state.requests.length === 0 ? renderEmpty() : renderTable(state)}
      <p class="muted small more" id="journal-more">
        ${earlier > 0 && html`${earlier} earlier requests are not shown here: <code>emulator.requests</code> has them all.`}
      </p>
    </div>
  </section>`
}
