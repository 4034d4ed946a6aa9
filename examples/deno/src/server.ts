import { isTikTokAuthError } from '@tiktok-auth/core'
import * as view from '@tiktok-auth/example-view'
import {
  applyErrorHeaders,
  tiktokAuth,
  type SignedInState,
  type WebTikTokAuthOptions,
} from '@tiktok-auth/web'

const scope = ['user.info.basic', 'user.info.stats', 'video.list']

/** What `Deno.serve` takes: a handler, and what answers its errors. */
export interface App {
  fetch(request: Request): Promise<Response>
  error(error: unknown): Response
}

/** The example app. `demo` says where the emulator's dashboard is, when there is one. */
export function createApp(options: WebTikTokAuthOptions, demo?: view.DemoLinks): App {
  const tiktok = tiktokAuth({ scope, ...options })
  const page = { framework: 'Deno', loginUrl: '/auth/tiktok?returnTo=/profile', demo }
  const now = options.now ?? Date.now

  async function fetch(request: Request): Promise<Response> {
    const answer = await tiktok(request)
    if (answer) return answer
    const user = await tiktok.signedIn(request)
    try {
      return user.apply(await route(request, user))
    } catch (thrown) {
      return (await tiktok.recover(thrown, request)) ?? user.apply(error(thrown))
    }
  }

  async function route(request: Request, user: SignedInState): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    const notice = searchParams.get('notice')
    switch (`${request.method} ${pathname}`) {
      case 'GET /':
        if (user.openId !== undefined) return view.seeOther('/profile')
        return view.pageResponse(view.loginPage({ ...page, notice }))
      case 'GET /profile':
        return (await tiktok.requireLogin(request)) ?? profile(user, { notice })
      case 'GET /videos': {
        const refused = await tiktok.requireLogin(request, { scope: ['video.list'] })
        if (refused) return refused
        const reply = await user.fetch('/v2/video/list/?fields=id,title', view.videoListRequest)
        return profile(user, { videos: view.videosOf(await reply.json()) })
      }
      case 'GET /token':
        return (await tiktok.requireLogin(request)) ?? Response.json({ ...(await user.status()), now: now() })
      case 'POST /refresh': {
        const refused = await tiktok.requireLogin(request)
        return refused ?? view.seeOther(`/profile?notice=${await view.renewNow(tiktok.tokens, user.openId)}`)
      }
      default:
        return publicFile(pathname)
    }
  }

  function error(thrown: unknown): Response {
    const status = isTikTokAuthError(thrown) ? thrown.status : 500
    return applyErrorHeaders(thrown, view.pageResponse(view.errorPage({ ...page, error: thrown }), status))
  }

  async function profile(user: SignedInState, more: object): Promise<Response> {
    const [shown, grant] = [await user.userInfo(), await user.status()]
    return view.pageResponse(
      view.profilePage({ ...page, user: shown, grant, ...more, wanted: scope, now: now() }),
    )
  }

  return { fetch, error }
}

const types: Readonly<Record<string, string>> = {
  css: 'text/css',
  js: 'text/javascript',
  svg: 'image/svg+xml',
}

async function publicFile(pathname: string): Promise<Response> {
  const type = types[pathname.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
  try {
    const file = await Deno.readFile(view.publicFolder + pathname)
    return new Response(file, { headers: { 'content-type': type } })
  } catch {
    return new Response('Not found', { status: 404 })
  }
}
