import { isTikTokAuthError } from '@tiktok-auth/core'
import * as view from '@tiktok-auth/example-view'
import {
  applyErrorHeaders,
  tiktokAuth,
  type SignedInState,
  type WebTikTokAuthOptions,
} from '@tiktok-auth/web'

const scope = ['user.info.basic', 'user.info.stats', 'video.list']

/** What `Bun.serve` takes. */
export interface App {
  fetch(request: Request): Promise<Response>
  error(error: unknown): Response
}

interface Visit {
  readonly request: Request
  readonly user: SignedInState
  readonly notice: string | null
}

/** The example app. `demo` says where the emulator's dashboard is, when there is one. */
export function createApp(options: WebTikTokAuthOptions, demo?: view.DemoLinks): App {
  const tiktok = tiktokAuth({ scope, ...options })
  const page = { framework: 'Bun', loginUrl: '/auth/tiktok?returnTo=/profile', demo }
  const now = options.now ?? Date.now

  const pages: Readonly<Record<string, (visit: Visit) => Response | Promise<Response>>> = {
    'GET /': ({ user, notice }) =>
      user.openId === undefined ? html(view.loginPage({ ...page, notice })) : redirect('/profile'),

    'GET /profile': async (visit) => (await tiktok.requireLogin(visit.request)) ?? profile(visit),

    'GET /videos': async (visit) => {
      const answer = await tiktok.requireLogin(visit.request, { scope: ['video.list'] })
      if (answer) return answer
      const reply = await visit.user.fetch('/v2/video/list/?fields=id,title', view.videoListRequest)
      return profile(visit, view.videosOf(await reply.json()))
    },

    'GET /token': async ({ request, user }) =>
      (await tiktok.requireLogin(request)) ?? Response.json({ ...(await user.status()), now: now() }),

    'POST /refresh': async ({ request, user }) =>
      (await tiktok.requireLogin(request)) ?? redirect(`/profile?notice=${await refresh(user)}`),
  }

  async function fetch(request: Request): Promise<Response> {
    const answer = await tiktok(request)
    if (answer) return answer
    const { pathname, searchParams } = new URL(request.url)
    const show = pages[`${request.method} ${pathname}`]
    if (show === undefined) return publicFile(pathname)
    const user = await tiktok.signedIn(request)
    try {
      return user.apply(await show({ request, user, notice: searchParams.get('notice') }))
    } catch (thrown) {
      return (await tiktok.recover(thrown, request)) ?? user.apply(error(thrown))
    }
  }

  function error(thrown: unknown): Response {
    const status = isTikTokAuthError(thrown) ? thrown.status : 500
    return applyErrorHeaders(thrown, html(view.errorPage({ ...page, error: thrown }), status))
  }

  async function profile({ user, notice }: Visit, videos?: readonly view.VideoView[]): Promise<Response> {
    const grant = await user.status()
    const shown = { ...page, user: await user.userInfo(), grant, videos, notice, wanted: scope, now: now() }
    return html(view.profilePage(shown))
  }

  /** Apps never need this: tokens are renewed by use. A token under a minute old is not forced. */
  async function refresh(user: SignedInState): Promise<string> {
    try {
      const refusedAccessToken = await user.accessToken()
      await tiktok.tokens.get(user.openId ?? '', { refusedAccessToken })
      return 'refreshed'
    } catch (thrown) {
      if (isTikTokAuthError(thrown) && thrown.code === 'refresh_pending') return 'wait'
      throw thrown
    }
  }

  return { fetch, error }
}

function html(text: string, status = 200): Response {
  return new Response(text, {
    status,
    headers: { ...view.pageHeaders, 'content-type': 'text/html; charset=utf-8' },
  })
}

function redirect(location: string): Response {
  return new Response(null, { status: 303, headers: { location } })
}

async function publicFile(pathname: string): Promise<Response> {
  const file = Bun.file(view.publicFolder + pathname)
  return (await file.exists()) ? new Response(file) : new Response('Not found', { status: 404 })
}
