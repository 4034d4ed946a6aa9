import { bindHooks, type RequestHooks } from '@tiktok-auth/core'
import type { Request, Response } from 'express'
import { dropCookies, setHeaders } from './apply-answer.ts'
import type { ExpressTikTokAuthOptions } from './options.ts'

export type { RequestHooks } from '@tiktok-auth/core'

/** Gives the application's hooks Express's own objects. */
export function hooksFor(options: ExpressTikTokAuthOptions, req: Request, res: Response): RequestHooks {
  return bindHooks(options, [req, res], {
    setHeaders: (headers) => setHeaders(res, headers),
    dropCookies: (headers) => dropCookies(res, headers),
    watch: () => () => res.headersSent || res.writableEnded,
  })
}
