import { Catch, HttpException, type ArgumentsHost } from '@nestjs/common'
import { BaseExceptionFilter } from '@nestjs/core'
import { isTikTokAuthError } from '@tiktok-auth/core'
import type { Response } from 'express'
import { Settings } from './settings'

/** Notes what failed anywhere in the app, and answers it. */
@Catch()
export class FailureFilter extends BaseExceptionFilter {
  constructor(private readonly settings: Settings) {
    super()
  }

  override catch(error: unknown, host: ArgumentsHost): void {
    const typed = error instanceof HttpException && isTikTokAuthError(error.cause) ? error.cause : error
    // Nest's way to answer that there is no such page, say: nothing has failed.
    if (typed instanceof HttpException) return super.catch(typed, host)
    const { status, json } = this.settings.site.failed(typed)
    const res = host.switchToHttp().getResponse<Response>()
    if (!res.headersSent) res.status(status).json(json)
  }
}
