import { Controller, Get, Post, Req, Res, type Type } from '@nestjs/common'
import type { SiteApp, SiteRoute, SiteSession } from '@tiktok-auth/conformance'
import type { Request, Response } from 'express'

const methods = { get: Get, post: Post }

/** Makes the controller of one page. */
export function createPageController(
  { mountPath }: SiteApp,
  { method, path, handle }: SiteRoute,
): Type<unknown> {
  // Nest takes a slash off the end of a path; where routing is strict, the page would not be found under its address.
  const route = (mountPath + path).replace(/(?<=.)\/$/, '{/}')
  const Route = methods[method]

  @Controller()
  class PageController {
    @Route(route)
    async answer(
      @Req() req: Request & { readonly user?: { readonly openId?: string } },
      @Res() res: Response,
    ): Promise<void> {
      const { status, json } = await handle({
        state: { openId: req.user?.openId },
        header: (name) => req.get(name),
        session: sessionOf(req),
      })
      res.status(status).json(json)
    }
  }
  return PageController
}

/** The session of the app's own. Passport begins it, and says in it who is signed in. */
function sessionOf({ session }: Request): SiteSession {
  return {
    read: (name) => Reflect.get(session, name) as string | undefined,
    write: (name, value) => void Reflect.set(session, name, value),
    begin: async () => undefined,
  }
}
