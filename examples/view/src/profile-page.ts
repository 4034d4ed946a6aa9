import { html, type Html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'
import { noticeBar } from './notice.ts'
import { tokenCard } from './token-card.ts'

/** What {@link profilePage} shows of a video. */
export interface VideoView {
  readonly id: string
  readonly title: string
}

/** What {@link profilePage} shows. Users and grants are the library's own, as far as they are shown. */
export interface ProfilePage extends PageFrame {
  readonly user: { readonly openId: string; readonly displayName?: string; readonly avatarUrl?: string }
  readonly grant: {
    readonly scope: readonly string[]
    readonly issuedAt?: number
    readonly expiresAt?: number
  }
  /** What the app asked for. */
  readonly wanted: readonly string[]
  /** The clock that the grant's instants are told by. */
  readonly now: number
  /** What the API answered, on the page that called it. */
  readonly videos?: readonly VideoView[] | undefined
  /** The name of a notice, as the query carries it. */
  readonly notice?: unknown
}

/** The page of somebody who is signed in. */
export function profilePage(page: ProfilePage): string {
  const { grant, videos } = page
  const user = { ...page.user, displayName: page.user.displayName ?? 'Somebody' }
  const missing = page.wanted.filter((name) => !grant.scope.includes(name))
  return layout(
    user.displayName,
    page,
    html`${noticeBar(page.notice)}
      <div class="signed-in">
        <section class="card person" aria-label="Profile">
          ${avatar(user)}
          <div class="name">
            <h1>${user.displayName}</h1>
            <p class="fine" title="${user.openId}">open id <code>${shortId(user.openId)}</code></p>
          </div>
          <form method="post" action="/auth/tiktok/logout?returnTo=/?notice=logged-out">
            <button class="button">Log out</button>
          </form>
        </section>

        ${tokenCard(grant, page.now)}

        <section class="card scopes">
          <h2>What you share</h2>
          <ul>
            ${grant.scope.map((name) => scopeItem(name, true))}${missing.map((name) => scopeItem(name, false))}
          </ul>
          ${missing.length > 0 && html`<a class="button" href="${askAgainUrl(missing)}">Ask for the rest</a>`}
        </section>

        <section class="card calls">
          <h2>Call the API</h2>
          ${videoList(videos)}
          <a class="button" href="/videos">${videos === undefined ? 'List my videos' : 'List them again'}</a>
        </section>

        <section class="card leave">
          <h2>Disconnect</h2>
          <p>Revokes the tokens at TikTok, forgets them here, and ends every session of this connection.</p>
          <form method="post" action="/auth/tiktok/disconnect?returnTo=/?notice=disconnected">
            <button class="button danger">Disconnect</button>
          </form>
        </section>
      </div>
      ${
        page.demo &&
        html`<aside class="demo">
          <strong>Try this:</strong> on <a href="${page.demo.dashboardUrl}" target="_blank">the dashboard</a>,
          let two hours pass and watch the token run out; list your videos, and see it come back to life. Then
          remove this app there, and reload.
        </aside>`
      }`,
  )
}

function avatar({ avatarUrl, displayName }: { avatarUrl?: string; displayName: string }): Html {
  return avatarUrl === undefined
    ? html`<span class="avatar" aria-hidden="true">${displayName.slice(0, 1)}</span>`
    : html`<img
        class="avatar"
        src="${avatarUrl}"
        alt=""
        width="72"
        height="72"
        referrerpolicy="no-referrer"
      />`
}

const meanings: Readonly<Record<string, string>> = {
  'user.info.basic': 'Name and picture',
  'user.info.profile': 'Bio, link and handle',
  'user.info.stats': 'Follower and like counts',
  'video.list': 'Public videos',
  'video.upload': 'Upload drafts',
  'video.publish': 'Publish videos',
}

function scopeItem(name: string, granted: boolean): Html {
  return html`<li class="${granted ? 'granted' : 'missing'}">
    <span class="mark" aria-hidden="true">${granted ? '✓' : '–'}</span>
    <span>${meanings[name] ?? name} <code>${name}</code></span>
    <span class="state">${granted ? 'granted' : 'not granted'}</span>
  </li>`
}

function askAgainUrl(missing: readonly string[]): string {
  return `/auth/tiktok?${new URLSearchParams({ scope: missing.join(','), returnTo: '/profile' })}`
}

function videoList(videos: readonly VideoView[] | undefined): Html {
  if (videos === undefined)
    return html`<p>Reads your videos with a token that is renewed first if need be.</p>`
  if (videos.length === 0) return html`<p>TikTok answered: no public videos.</p>`
  return html`<ol class="videos">
    ${videos.map(({ title, id }) => html`<li>${title === '' ? `Video ${id}` : title}</li>`)}
  </ol>`
}

function shortId(openId: string): string {
  return openId.length <= 16 ? openId : `${openId.slice(0, 8)}…${openId.slice(-4)}`
}

/** How TikTok is asked for a video list. */
export const videoListRequest: RequestInit = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ max_count: 10 }),
}

/** Reads TikTok's answer to a video list. */
export function videosOf(reply: unknown): readonly VideoView[] {
  const videos = field(field(reply, 'data'), 'videos')
  return Array.isArray(videos)
    ? videos.map((video: unknown) => ({ id: text(field(video, 'id')), title: text(field(video, 'title')) }))
    : []
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
