import type { AuthHooks } from '@tiktok-auth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { dropCookies, setHeaders } from './apply-answer.ts'
import type { FastifyTikTokAuthOptions } from './options.ts'

/** The application's hooks for one request. */
export interface RequestHooks extends AuthHooks {
  /** Whether `onLogin` has answered the request, or will. */
  answered(): boolean
}

/** Gives the application's hooks Fastify's own objects. */
export function hooksFor(
  options: FastifyTikTokAuthOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): RequestHooks {
  const { session } = options
  let handled = false
  let identity: ReturnType<NonNullable<AuthHooks['identify']>> | undefined
  return {
    answered: () => handled,
    ...(options.onStart && { onStart: () => options.onStart?.(request) }),
    ...(session &&
      'identify' in session && {
        // Asked once: the route that is answered must not hear anything else than the handlers do.
        identify: () => (identity ??= (async () => session.identify(request))()),
      }),
    ...(options.onLogin && {
      async onLogin(login, headers) {
        // They are there before the hook runs, so that an answer of its own loses no cookie.
        setHeaders(reply, headers)
        try {
          // A reply that is returned is waited for: it is thenable, and gives way when it has been sent.
          handled = (await options.onLogin?.(login, request, reply)) === 'handled' || reply.sent
          return handled ? 'handled' : undefined
        } catch (error) {
          dropCookies(reply, headers)
          throw error
        }
      },
    }),
  }
}
