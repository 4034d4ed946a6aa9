import type { AuthHooks } from '@tiktok-auth/core'
import type { Context } from 'koa'
import { dropCookies, setHeaders } from './apply-answer.ts'
import type { KoaTikTokAuthOptions } from './options.ts'

/** The application's hooks for one request. */
export interface RequestHooks extends AuthHooks {
  /** Whether `onLogin` has answered the request, or will. */
  answered(): boolean
}

/** Gives the application's hooks Koa's own context. */
export function hooksFor(options: KoaTikTokAuthOptions, ctx: Context): RequestHooks {
  const { session } = options
  let handled = false
  let identity: ReturnType<NonNullable<AuthHooks['identify']>> | undefined
  return {
    answered: () => handled,
    ...(options.onStart && { onStart: () => options.onStart?.(ctx) }),
    ...(session &&
      'identify' in session && {
        // Asked once: the route that is answered must not hear anything else than the handlers do.
        identify: () => (identity ??= (async () => session.identify(ctx))()),
      }),
    ...(options.onLogin && {
      async onLogin(login, headers) {
        // They are there before the hook runs, so that an answer of its own loses no cookie.
        setHeaders(ctx, headers)
        const { status, body } = ctx
        try {
          const result = await options.onLogin?.(login, ctx)
          const bypassed = ctx.headerSent || ctx.respond === false
          handled = result === 'handled' || bypassed || ctx.status !== status || ctx.body !== body
          return handled ? 'handled' : undefined
        } catch (error) {
          dropCookies(ctx, headers)
          throw error
        }
      },
    }),
  }
}
