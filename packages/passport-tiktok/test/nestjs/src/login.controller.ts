import {
  All,
  Controller,
  HttpException,
  Injectable,
  Req,
  Res,
  UseGuards,
  type ExecutionContext,
  type Type,
} from '@nestjs/common'
import { AuthGuard } from '@nestjs/passport'
import type { SiteApp, SiteReply } from '@tiktok-auth/conformance'
import { isTikTokAuthError } from '@tiktok-auth/core'
import type { TikTokAuthInfo, TikTokFailure } from '@tiktok-auth/passport-tiktok'
import type { Request, Response } from 'express'
import { loginPaths } from './login.strategy'

type Info = Partial<TikTokAuthInfo & TikTokFailure>
type SignedIn = Request & {
  readonly user: Express.User
  readonly authInfo?: Info & { readonly reply?: Promise<SiteReply> }
}

/** Makes the routes of an app's login, behind the guard of its strategy. */
export function createLoginController(one: SiteApp, name: string): Type<unknown> {
  const { login, callback } = loginPaths(one)

  @Injectable()
  class LoginGuard extends AuthGuard(name) {
    override getAuthenticateOptions(context: ExecutionContext): object {
      const req = context.switchToHttp().getRequest<Request>()
      return req.path === login ? { state: one.onStart?.((header) => req.get(header)).data } : {}
    }

    override handleRequest<User>(
      error: unknown,
      user: User | false,
      info: Info | undefined,
      _context: ExecutionContext,
      status = 401,
    ): User {
      if (error) throw answerable(error)
      if (user) return user
      throw info?.error ? answerable(info.error) : new HttpException('', status)
    }
  }

  @Controller()
  @UseGuards(LoginGuard)
  class LoginController {
    @All([login, callback])
    async finish(@Req() req: SignedIn, @Res() res: Response): Promise<void> {
      await new Promise<void>((resolve, reject) => {
        req.logIn(req.user, (error: unknown) => (error ? reject(error) : resolve()))
      })
      const reply = await req.authInfo?.reply
      if (reply === undefined) res.redirect(303, req.authInfo?.returnTo ?? '/')
      else res.status(reply.status).json(reply.json)
    }
  }
  return LoginController
}

/** Gives an error the form from which Nest reads a status. Passport's errors carry the typed ones as their cause. */
function answerable(error: unknown): unknown {
  const cause = error instanceof Error && !isTikTokAuthError(error) ? error.cause : error
  return isTikTokAuthError(cause) ? new HttpException({ error: cause.code }, cause.status, { cause }) : error
}
