import { html, type Html } from './html.ts'

/** A grant's instants, in Unix milliseconds: never the token itself. */
interface Lifetime {
  readonly issuedAt?: number
  readonly expiresAt?: number
}

/** The token, living: time left, a ruler that burns down, and "refresh now". */
export function tokenCard({ issuedAt, expiresAt }: Lifetime, now: number): Html {
  if (issuedAt === undefined || expiresAt === undefined) {
    return html`<section class="card token">
      <h2>Access token</h2>
      <p>TikTok did not say how long it lives. It is renewed when TikTok refuses it.</p>
    </section>`
  }
  const lifeMs = expiresAt - issuedAt
  const leftMs = Math.max(0, expiresAt - now)
  return html`<section
    class="card token"
    data-token
    data-life="${lifeMs}"
    data-left="${leftMs}"
    data-issued="${issuedAt}"
    data-state="${stateOf(leftMs, lifeMs)}"
  >
    <div class="token-head">
      <h2>Access token</h2>
      <p class="health" data-health>${healthTexts[stateOf(leftMs, lifeMs)]}</p>
    </div>
    <div class="token-body">
      <p class="clock" role="timer" aria-label="Time left" data-clock>${clockText(leftMs)}</p>
      <form method="post" action="/refresh"><button class="button primary">Refresh now</button></form>
    </div>
    ${ruler(leftMs / lifeMs)}
    <dl class="ends">
      <div>
        <dt>Issued</dt>
        <dd>${timeOf(issuedAt)}</dd>
      </div>
      <div>
        <dt>Ends</dt>
        <dd>${timeOf(expiresAt)}</dd>
      </div>
    </dl>
    <p class="fine">
      You need not watch it: a call in its last five minutes, or after its end, renews it first.
    </p>
  </section>`
}

type TokenState = 'fresh' | 'due' | 'over'

const healthTexts: Readonly<Record<TokenState, string>> = {
  fresh: 'Fresh',
  due: 'Due: the next call renews it',
  over: 'Run out: the next call renews it',
}

function stateOf(leftMs: number, lifeMs: number): TokenState {
  if (leftMs === 0) return 'over'
  return leftMs < Math.min(300_000, lifeMs / 4) ? 'due' : 'fresh'
}

/** `1:59:42` */
function clockText(leftMs: number): string {
  const seconds = Math.ceil(leftMs / 1000)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

function timeOf(at: number): Html {
  const iso = new Date(at).toISOString()
  return html`<time datetime="${iso}" data-time>${iso.slice(11, 19)} UTC</time>`
}

/** From issue on the left to the end on the right. Presentation attributes pass a strict content security policy. */
function ruler(left: number): Html {
  const ticks = Array.from({ length: 49 }, (_, index) => {
    const height = index % 12 === 0 ? 34 : index % 2 === 0 ? 22 : 14
    return html`<line x1="${4 + index * 20}" x2="${4 + index * 20}" y1="${44 - height}" y2="44" />`
  })
  const x = Math.round(4 + (1 - left) * 960)
  return html`<svg class="ruler" viewBox="0 0 968 52" preserveAspectRatio="none" aria-hidden="true">
    <clipPath id="left"><rect x="${x}" y="0" width="968" height="52" data-rest /></clipPath>
    <g class="spent">${ticks}</g>
    <g class="left" clip-path="url(#left)">${ticks}</g>
    <line class="now" x1="${x}" x2="${x}" y1="0" y2="52" data-now />
  </svg>`
}
