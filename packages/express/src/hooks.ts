import type { AuthHooks } from '@tiktok-auth/core'
import type { Request, Response } from 'express'
import { dropCookies, setHeaders } from './apply-answer.ts'
import type { ExpressTikTokAuthOptions } from './options.ts'

/** The application's hooks for one request. */
export interface RequestHooks extends AuthHooks {
  /** Whether `onLogin` has answered the request, or will. */
  answered(): boolean
}

/** Gives the application's hooks Express's own objects. */
export function hooksFor(options: ExpressTikTokAuthOptions, req: Request, res: Response): RequestHooks {
  const { session } = options
  let handled = false
  let identity: ReturnType<NonNullable<AuthHooks['identify']>> | undefined
  return {
    answered: () => handled,
    ...(options.onStart && { onStart: () => options.onStart?.(req) }),
    ...(session &&
      'identify' in session && {
        // Asked once: the route that is answered must not hear anything else than the handlers do.
        identify: () => (identity ??= (async () => session.identify(req))()),
      }),
    ...(options.onLogin && {
      async onLogin(login, headers) {
        // They are there before the hook runs, so that an answer of its own loses no cookie.
        setHeaders(res, headers)
        try {
          handled =
            (await options.onLogin?.(login, req, res)) === 'handled' || res.headersSent || res.writableEnded
          return handled ? 'handled' : undefined
        } catch (error) {
          dropCookies(res, headers)
          throw error
        }
      },
    }),
  }
}
