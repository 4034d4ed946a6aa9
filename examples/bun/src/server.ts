import { isTikTokAuthError } from '@tiktok-auth/core'
import * as view from '@tiktok-auth/example-view'
import {
  applyErrorHeaders,
  tiktokAuth,
  type SignedInState,
  type WebTikTokAuthOptions,
} from '@tiktok-auth/web'

const scope = ['user.info.basic', 'user.info.stats', 'video.list']

type Route = (request: Request) => Promise<Response>
type Show = (user: SignedInState, request: Request) => Response | Promise<Response>

/** What `Bun.serve` takes. */
export interface App {
  readonly routes: Readonly<Record<string, Readonly<Record<string, Route>>>>
  fetch(request: Request): Promise<Response>
  error(error: unknown): Response
}

/** The example app. `demo` says where the emulator's dashboard is, when there is one. */
export function createApp(options: WebTikTokAuthOptions, demo?: view.DemoLinks): App {
  const tiktok = tiktokAuth({ scope, ...options })
  const page = { framework: 'Bun', loginUrl: '/auth/tiktok?returnTo=/profile', demo }
  const now = options.now ?? Date.now

  /** A page that knows who is signed in, and makes a login of a grant that has ended. */
  const open =
    (show: Show): Route =>
    async (request) => {
      const user = await tiktok.signedIn(request)
      try {
        return user.apply(await show(user, request))
      } catch (thrown) {
        return (await tiktok.recover(thrown, request)) ?? user.apply(error(thrown))
      }
    }

  const signedIn = (show: Show, needs: { scope?: string[] } = {}): Route =>
    open(async (user, request) => (await tiktok.requireLogin(request, needs)) ?? show(user, request))

  async function profile(
    user: SignedInState,
    { url }: Request,
    videos?: readonly view.VideoView[],
  ): Promise<Response> {
    const [shown, grant] = [await user.userInfo(), await user.status()]
    const notice = new URL(url).searchParams.get('notice')
    return view.pageResponse(
      view.profilePage({ ...page, user: shown, grant, videos, notice, wanted: scope, now: now() }),
    )
  }

  async function videos(user: SignedInState, request: Request): Promise<Response> {
    const reply = await user.fetch('/v2/video/list/?fields=id,title', view.videoListRequest)
    return profile(user, request, view.videosOf(await reply.json()))
  }

  function error(thrown: unknown): Response {
    const status = isTikTokAuthError(thrown) ? thrown.status : 500
    return applyErrorHeaders(thrown, view.pageResponse(view.errorPage({ ...page, error: thrown }), status))
  }

  const home: Show = ({ openId }, { url }) => {
    if (openId !== undefined) return view.seeOther('/profile')
    return view.pageResponse(view.loginPage({ ...page, notice: new URL(url).searchParams.get('notice') }))
  }

  const renew: Show = async ({ openId }) =>
    view.seeOther(`/profile?notice=${await view.renewNow(tiktok.tokens, openId)}`)

  return {
    routes: {
      '/': { GET: open(home) },
      '/profile': { GET: signedIn(profile) },
      '/videos': { GET: signedIn(videos, { scope: ['video.list'] }) },
      '/token': { GET: signedIn(async (user) => Response.json({ ...(await user.status()), now: now() })) },
      '/refresh': { POST: signedIn(renew) },
    },
    fetch: async (request) => (await tiktok(request)) ?? publicFile(request),
    error,
  }
}

async function publicFile({ url }: Request): Promise<Response> {
  const file = Bun.file(view.publicFolder + new URL(url).pathname)
  return (await file.exists()) ? new Response(file) : new Response('Not found', { status: 404 })
}
