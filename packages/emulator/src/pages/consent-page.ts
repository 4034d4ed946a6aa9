import type { ConsentView, UserView } from '../views.ts'
import { renderAvatar, renderInitial } from './avatar.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { renderLayout, renderLocalBadge } from './layout.ts'

function renderUser(user: UserView, selected: boolean): Html {
  return html`<label class="card user">
    <input type="radio" name="user" value="${user.id}" ${selected && html`checked`} />
    ${renderAvatar(user)}
    <span class="who">
      <bdi class="name">${user.displayName}</bdi>
      <bdi class="muted">@${user.username}</bdi>
    </span>
  </label>`
}

function renderUsers(view: ConsentView): Html {
  if (view.users.length === 0) {
    return html`<div class="empty">
      <p><strong>Nobody to sign in as.</strong></p>
      <p>Add a user on the <a href="/_emulator/#people">dashboard</a>, then load this page again.</p>
    </div>`
  }
  const known = view.users.some((user) => user.id === view.selectedUserId)
  const selected = known ? view.selectedUserId : view.users[0]?.id
  return html`<fieldset class="users">
    <legend>Sign in as</legend>
    <div class="cards">${view.users.map((user) => renderUser(user, user.id === selected))}</div>
  </fieldset>`
}

function renderScope(scope: ConsentView['scopes'][number], index: number): Html {
  const text = html`<span class="what">
    <span class="name">${scope.title}</span>
    <span class="muted" id="scope-${index}">${scope.description}</span>
    <span class="tags"
      ><code>${scope.name}</code>${scope.required && html`<span class="chip">Always shared</span>`}</span
    >
  </span>`
  // A disabled checkbox is not sent with the form, so what cannot be unticked goes along as a hidden field.
  if (scope.required) {
    return html`<li>
      <input type="hidden" name="scope" value="${scope.name}" />
      <div class="scope">${text}</div>
    </li>`
  }
  return html`<li>
    <label class="scope">
      ${text}
      <input
        type="checkbox"
        class="switch"
        name="scope"
        value="${scope.name}"
        aria-describedby="scope-${index}"
        ${scope.checked && html`checked`}
      />
    </label>
  </li>`
}

function renderScopes(view: ConsentView): Html {
  return html`<fieldset class="scopes">
    <legend><bdi>${view.app.name}</bdi> would like to</legend>
    <ul>
      ${view.scopes.map(renderScope)}
    </ul>
  </fieldset>`
}

function renderHead(view: ConsentView): Html {
  const { app } = view
  return html`<header class="app">
    ${renderInitial(app.clientKey, app.name)}
    <h1><bdi>${app.name}</bdi> wants to access your account</h1>
    <p class="muted">
      You return to <strong><bdi>${app.redirectHost}</bdi></strong> afterwards.
    </p>
    ${app.sandbox && html`<p><span class="chip">Sandbox app</span></p>`}
  </header>`
}

/**
 * Renders the page on which somebody decides what an app may do.
 *
 * Its form posts `request`, `user`, one `scope` per ticked scope and `decision` (`allow` or `cancel`) to
 * `/_emulator/consent`.
 */
export function renderConsentPage(view: ConsentView, nonce?: string): string {
  const body = html`${renderLocalBadge()}
    <main>
      ${renderHead(view)}
      <form method="post" action="/_emulator/consent">
        <input type="hidden" name="request" value="${view.requestId}" />
        ${renderUsers(view)} ${renderScopes(view)}
        <p class="nothing">Leave at least one ticked, or cancel.</p>
        <div class="decide">
          <button class="primary" name="decision" value="allow" ${view.users.length === 0 && html`disabled`}>
            Continue
          </button>
          <button name="decision" value="cancel">Cancel</button>
        </div>
      </form>
      <footer class="muted">
        <p>Client key <code>${view.app.clientKey}</code></p>
        <p><a href="/_emulator/">Emulator dashboard</a></p>
      </footer>
    </main>`
  return renderLayout({ title: `Sign in to ${view.app.name} · Local emulator`, kind: 'consent', body, nonce })
}
