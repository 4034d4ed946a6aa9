import { html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'
import { noticeBar } from './notice.ts'

/** What {@link loginPage} shows. */
export interface LoginPage extends PageFrame {
  /** The login route, with `returnTo`. */
  readonly loginUrl: string
  /** The name of a notice, as the query carries it. */
  readonly notice?: unknown
}

/** The page of somebody who is not signed in. */
export function loginPage(page: LoginPage): string {
  const { loginUrl, notice, demo } = page
  return layout(
    'Log in',
    page,
    html`${noticeBar(notice)}
      <div class="welcome">
        <section class="pitch">
          <h1>Log in once.<br />Stay connected.</h1>
          <p class="lead">
            Sign in with TikTok, then watch the access token live: how long it has left, what it may do, and
            how it is renewed before it runs out.
          </p>
          <a class="button primary large" href="${loginUrl}">Continue with TikTok</a>
          <p class="fine">You choose what to share on the next page.</p>
        </section>
        <ol class="steps" aria-label="What happens next">
          <li>
            <h2>This app sends you to TikTok</h2>
            <p>A sealed cookie ties this login to this browser.</p>
          </li>
          <li>
            <h2>You decide</h2>
            <p>Untick a permission, and the app copes with it. Cancel, and nothing is shared.</p>
          </li>
          <li>
            <h2>You come back signed in</h2>
            <p>A two-hour token starts to burn down, and is replaced in time.</p>
          </li>
        </ol>
      </div>
      ${
        demo &&
        html`<aside class="demo">
          <strong>This is the demo.</strong> The TikTok behind it is an emulator on your machine: no account,
          no keys, no network. <a href="${demo.dashboardUrl}" target="_blank">Open its dashboard</a> in a
          second window to see every request of your login.
        </aside>`
      }`,
  )
}
