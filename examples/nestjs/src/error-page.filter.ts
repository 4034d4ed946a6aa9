import { Catch, UnauthorizedException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import { isTikTokAuthError } from '@tiktok-auth/core'
import { errorPage } from '@tiktok-auth/example-view'
import type { Request, Response } from 'express'
import { Settings } from './settings'

/** Answers what went wrong with a page, and whoever has to log in with a login. */
@Catch()
export class ErrorPageFilter implements ExceptionFilter {
  constructor(private readonly settings: Settings) {}

  catch(error: Error & { readonly status?: number }, host: ArgumentsHost): void {
    const req = host.switchToHttp().getRequest<Request>()
    const res = host.switchToHttp().getResponse<Response>()
    const loginUrl = `/auth/tiktok?${new URLSearchParams({ returnTo: req.method === 'GET' ? req.originalUrl : '/profile' })}`
    // Passport's errors carry ours, which say what to change, as their cause.
    const typed = isTikTokAuthError(error) ? error : (error.cause ?? error)
    const signedOut = error instanceof UnauthorizedException
    if (signedOut || (isTikTokAuthError(typed) && typed.code === 'reauthorization_required')) {
      if (!req.accepts('html')) return void res.sendStatus(401)
      return res.redirect(303, loginUrl)
    }
    const page = { framework: 'NestJS', demo: this.settings.demo, loginUrl, error: typed }
    res.status(error.status ?? 500).send(errorPage(page))
  }
}
