import type { SiteApp, SiteReply } from '@tiktok-auth/conformance'
import type { WebTikTokAuthOptions } from '../../src/index.ts'

/** The hooks of a site's app, as this adapter takes them. */
export function hooksOf({
  onStart,
  onLogin,
  identify,
}: SiteApp): Pick<WebTikTokAuthOptions, 'onStart' | 'onLogin' | 'session'> {
  return {
    ...(identify && {
      session: {
        identify: (request: Request) =>
          identify({ header: (name) => request.headers.get(name) ?? undefined }),
      },
    }),
    ...(onStart && { onStart: (request) => onStart((name) => request.headers.get(name) ?? undefined) }),
    ...(onLogin && {
      // A response is what a hook returns: one that comes later is waited for.
      onLogin: (login) =>
        new Promise<Response | undefined>((resolve, reject) => {
          onLogin(login, (reply) => resolve(jsonOf(reply))).then((result) => {
            if (result === undefined) resolve(undefined)
          }, reject)
        }),
    }),
  }
}

/** Sends a site's reply as JSON. */
export function jsonOf({ status, json }: SiteReply): Response {
  return Response.json(json ?? null, { status })
}
