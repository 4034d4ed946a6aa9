import type { DashboardState, GrantView, UserView } from '../views.ts'
import { renderAvatar } from './avatar.ts'
import { formatDuration } from './format.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'

function renderLeft(label: string, expiresAt: number | undefined, now: number): Html {
  if (expiresAt === undefined)
    return html`<div>
      <dt>${label}</dt>
      <dd class="muted">none</dd>
    </div>`
  const left = expiresAt - now
  return html`<div>
    <dt>${label}</dt>
    <dd>${left > 0 ? `${formatDuration(left)} left` : html`<span class="chip failed">✗ Expired</span>`}</dd>
  </div>`
}

function renderRemoval(grant: GrantView): Html {
  return html`<form
    method="post"
    action="/_emulator/remove-app"
    data-done="App removed. Its tokens are dead."
  >
    <input type="hidden" name="user" value="${grant.userId}" />
    <input type="hidden" name="clientKey" value="${grant.clientKey}" />
    <button class="danger" aria-describedby="grant-${grant.id}-app">Remove this app</button>
  </form>`
}

function renderGrant(grant: GrantView, now: number): Html {
  const active = grant.state === 'active'
  return html`<li class="grant ${grant.state}" id="grant-${grant.id}">
    <div class="bar">
      <bdi class="name" id="grant-${grant.id}-app">${grant.appName}</bdi>
      <span class="chip ${active ? 'fine' : 'removed'}">
        ${active ? html`<span aria-hidden="true">✓</span> Active` : html`<span aria-hidden="true">–</span> Removed`}
      </span>
    </div>
    <p class="tags">${grant.scope.map((scope) => html`<code class="tag">${scope}</code> `)}</p>
    ${
      active &&
      html`<dl class="left">
        ${renderLeft('Access token', grant.accessExpiresAt, now)}
        ${renderLeft('Refresh token', grant.refreshExpiresAt, now)}
        <div>
          <dt>Rotations</dt>
          <dd>${grant.rotations}</dd>
        </div>
      </dl>`
    }
    <div class="bar end">
      <span class="muted small">open_id <code>${grant.openId}</code></span>
      ${active && renderRemoval(grant)}
    </div>
  </li>`
}

function renderUser(user: UserView, state: DashboardState): Html {
  const grants = state.grants.filter(({ userId }) => userId === user.id)
  return html`<li class="person" id="user-${user.id}">
    <div class="user">
      ${renderAvatar(user)}
      <span class="who">
        <bdi class="name">${user.displayName}</bdi>
        <bdi class="muted">@${user.username}</bdi>
      </span>
    </div>
    ${
      grants.length === 0
        ? html`<p class="muted small">No app connected. Start a login in an app and choose this user.</p>`
        : html`<ul class="grants">
            ${grants.map((grant) => renderGrant(grant, state.now))}
          </ul>`
    }
  </li>`
}

function renderNewUser(open: boolean): Html {
  return html`<details class="add" ${open && html`open`}>
    <summary>Add a user</summary>
    <form method="post" action="/_emulator/users" data-done="User added." data-reset>
      <label class="field"
        >Display name <input name="displayName" required maxlength="60" autocomplete="off"
      /></label>
      <label class="field">
        Username, made from the name if empty
        <input name="username" maxlength="60" autocomplete="off" autocapitalize="none" spellcheck="false" />
      </label>
      <button>Add user</button>
    </form>
  </details>`
}

/** Renders who exists, which app each of them has let in, and how long those tokens still live. */
export function renderPeople(state: DashboardState): Html {
  return html`<section class="panel users" aria-labelledby="people">
    <h2 id="people" tabindex="-1">Users and grants</h2>
    <div id="people-live" data-live>
      ${
        state.users.length === 0
          ? html`<div class="empty">
              <p><strong>No users yet.</strong></p>
              <p>Add one below: the consent page needs somebody to sign in as.</p>
            </div>`
          : html`<ul class="people">
              ${state.users.map((user) => renderUser(user, state))}
            </ul>`
      }
    </div>
    ${renderNewUser(state.users.length === 0)}
  </section>`
}
