import { bindIdentify, type AuthHooks } from '@tiktok-auth/core'
import { applyHeaders, checkResponse } from './apply-headers.ts'
import type { WebTikTokAuthOptions } from './options.ts'

/** The application's hooks for one request. */
export interface RequestHooks extends AuthHooks {
  /** What `onLogin` has answered, if it has. */
  answer(): Response | undefined
}

/** Gives the application's hooks the request, and takes the response of `onLogin`. */
export function hooksFor(options: WebTikTokAuthOptions, request: Request): RequestHooks {
  let answer: Response | undefined
  return {
    answer: () => answer,
    ...(options.onStart && { onStart: () => options.onStart?.(request) }),
    ...bindIdentify(options, request),
    ...(options.onLogin && {
      async onLogin(login, headers) {
        const response = (await options.onLogin?.(login, request)) ?? undefined
        if (response === undefined) return undefined
        answer = applyHeaders(checkResponse(response, 'onLogin'), headers)
        return 'handled'
      },
    }),
  }
}
