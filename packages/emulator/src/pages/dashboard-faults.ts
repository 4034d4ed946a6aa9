import type { DashboardState, FaultQueueView } from '../views.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'

const endpoints: readonly (readonly [name: string, label: string])[] = [
  ['token', 'Token'],
  ['revoke', 'Revoke'],
  ['user_info', 'User info'],
  ['api', 'Other API calls'],
  ['authorize', 'Authorize page'],
]

const grantTypes: readonly string[] = ['authorization_code', 'refresh_token', 'client_credentials']

interface FaultKind {
  readonly name: string
  readonly label: string
  readonly effect: string
}

const kinds: readonly FaultKind[] = [
  {
    name: 'drop_before',
    label: 'Drop before acting',
    effect: 'The connection breaks and nothing has changed.',
  },
  { name: 'drop_after', label: 'Act, then drop', effect: 'The change happens, its reply is lost.' },
  { name: 'delay', label: 'Delay', effect: 'The reply comes late.' },
  { name: 'trickle', label: 'Trickle', effect: 'The reply comes byte by byte.' },
  { name: 'status', label: 'HTTP status', effect: 'The reply is this status, nothing else.' },
  { name: 'html', label: 'HTML page', effect: 'A web page comes where JSON should be.' },
  { name: 'truncated', label: 'Truncated', effect: 'The JSON ends in the middle.' },
  { name: 'empty', label: 'Empty', effect: 'The reply has no body.' },
  { name: 'oversized', label: 'Oversized', effect: 'The reply is far too large.' },
  { name: 'oauth_error', label: 'OAuth error', effect: 'The reply is this error.' },
  { name: 'missing_field', label: 'Missing field', effect: 'The reply is good but for this field.' },
]

function renderFields(): Html {
  return html`<label class="field for-ms">
      Milliseconds <input type="number" name="ms" min="0" max="600000" value="3000" />
    </label>
    <label class="field for-status">
      Status <input type="number" name="status" min="200" max="599" value="503" />
    </label>
    <label class="field for-error">
      Error
      <input name="error" value="invalid_grant" autocomplete="off" autocapitalize="none" spellcheck="false" />
    </label>
    <label class="field for-field">
      Field left out
      <input name="field" value="refresh_token" autocomplete="off" autocapitalize="none" spellcheck="false" />
    </label>`
}

function renderTarget(): Html {
  return html`<label class="field">
      Where
      <select name="endpoint">
        ${endpoints.map(([name, label]) => html`<option value="${name}">${label}</option>`)}
      </select>
    </label>
    <label class="field for-token">
      Grant type
      <select name="grantType">
        <option value="">Any</option>
        ${grantTypes.map((name) => html`<option value="${name}">${name}</option>`)}
      </select>
    </label>`
}

function renderForm(): Html {
  return html`<form
    method="post"
    action="/_emulator/faults"
    class="inject"
    data-done="Fault queued. The next matching request meets it."
  >
    ${renderTarget()}
    <label class="field">
      What
      <select name="kind" aria-describedby="effects">
        ${kinds.map(({ name, label }) => html`<option value="${name}">${label}</option>`)}
      </select>
    </label>
    ${renderFields()}
    <div id="effects" class="muted small effects">
      ${kinds.map(({ name, label, effect }) => html`<p class="about-${name}"><b>${label}:</b> ${effect}</p>`)}
    </div>
    <label class="check"><input type="checkbox" name="repeats" value="on" /> Every time, until cleared</label>
    <button>Inject fault</button>
  </form>`
}

function renderPending(fault: FaultQueueView, index: number): Html {
  return html`<li id="fault-${index}">
    <strong>${fault.endpoint}</strong> <code class="tag">${fault.kind}</code>
    ${fault.detail !== '' && html`<span class="muted">${fault.detail}</span>`}
    ${fault.repeats && html`<span class="chip replay"><span aria-hidden="true">↻</span> every time</span>`}
  </li>`
}

function renderQueue(faults: readonly FaultQueueView[]): Html {
  if (faults.length === 0) {
    return html`<p class="muted small" id="no-faults">None pending: every request is answered properly.</p>`
  }
  return html`<ol class="queue" id="fault-queue">
      ${faults.map(renderPending)}
    </ol>
    <form method="post" action="/_emulator/faults/clear" id="clear-faults" data-done="No faults pending.">
      <button>Clear pending faults</button>
    </form>`
}

/** Renders the faults that can be injected and those that wait for their request. */
export function renderFaults(state: DashboardState): Html {
  return html`<section class="panel faults" aria-labelledby="faults">
    <h2 id="faults" tabindex="-1">Faults</h2>
    <p class="muted small">What goes wrong on the way, on demand: see how your app takes it.</p>
    ${renderForm()}
    <h3>Pending</h3>
    <div id="faults-live" data-live>${renderQueue(state.faults)}</div>
  </section>`
}
