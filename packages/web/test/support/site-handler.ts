import { prepareSite, type SiteApp, type SiteSetup } from '@tiktok-auth/conformance'
import {
  applyErrorHeaders,
  errorResponse,
  tiktokAuth,
  type SignedInState,
  type TikTokHandler,
} from '../../src/index.ts'
import { hooksOf, jsonOf } from './site-hooks.ts'

/** A site of a conformance case, for a host that calls a function per request and leaves everything else to it. */
export interface SiteHandler {
  /** Answers a request; what it rejects with belongs into the host's error path. */
  respond(request: Request): Promise<Response>
  /** The host's error path. */
  failed(error: unknown): Response
}

type Respond = (request: Request) => Promise<Response | undefined>

/**
 * Makes a site a function from request to response. `onError`: errors of a login go there, and `respond` rejects
 * with none.
 */
export function createSiteHandler(
  setup: SiteSetup,
  { onError = false }: { readonly onError?: boolean } = {},
): SiteHandler {
  const site = prepareSite(setup)
  const withCookies = (response: Response): Response => {
    for (const cookie of site.cookies) response.headers.append('set-cookie', cookie)
    return response
  }
  const failed = (error: unknown): Response =>
    site.recordsErrors ? applyErrorHeaders(error, jsonOf(site.failed(error))) : errorResponse(error)
  const apps = site.apps.map((app) => {
    const hooks = { ...hooksOf(app), ...(onError && { onError: failed }) }
    return mounted(app.mountPath, createApp(app, tiktokAuth({ ...app.options, ...hooks }), failed))
  })
  return {
    async respond(request) {
      for (const app of apps) {
        const answer = await app(request)
        if (answer) return withCookies(answer)
      }
      return withCookies(new Response('Not found', { status: 404 }))
    },
    failed: (error) => withCookies(failed(error)),
  }
}

function createApp(app: SiteApp, tiktok: TikTokHandler, failed: SiteHandler['failed']): Respond {
  return async (request) => {
    const answer = await tiktok(request)
    if (answer) return answer
    const { pathname } = new URL(request.url)
    const method = request.method.toLowerCase()
    const route = app.routes.find((each) => each.path === pathname && each.method === method)
    if (route === undefined) return undefined
    let state: SignedInState | undefined
    try {
      const refused = route.requireLogin && (await tiktok.requireLogin(request, route.requireLogin))
      if (refused) return refused
      state = await tiktok.signedIn(request)
      const reply = await route.handle({ state, header: (name) => request.headers.get(name) ?? undefined })
      return state.apply(jsonOf(reply))
    } catch (error) {
      const answer = (await tiktok.recover(error, request)) ?? failed(error)
      return state?.apply(answer) ?? answer
    }
  }
}

/** Cuts a mount path off, as hosts do that mount apps. */
function mounted(mountPath: string, app: Respond): Respond {
  if (mountPath === '') return app
  return async (request) => {
    const url = new URL(request.url)
    if (!`${url.pathname}/`.startsWith(`${mountPath}/`)) return undefined
    url.pathname = url.pathname.slice(mountPath.length) || '/'
    return app(new Request(url, request))
  }
}
