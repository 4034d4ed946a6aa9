import { Injectable, type Type } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import type { SiteApp, SiteReply } from '@tiktok-auth/conformance'
import { TikTokStrategy, type TikTokProfile, type TokenParams } from '@tiktok-auth/passport-tiktok'
import type { Request } from 'express'

/** Where an app's login begins and ends. */
export interface LoginPaths {
  readonly login: string
  readonly callback: string
  /** What proxies and mounts put in front. */
  readonly base: string
}

/** Finds the routes of an app, as the process sees them. */
export function loginPaths({ mountPath, options }: SiteApp): LoginPaths {
  const { pathname } = new URL(options.redirectUri)
  const { login = '/auth/tiktok', callback = pathname } = options.routes ?? {}
  const base = pathname.slice(0, pathname.length - callback.length)
  return { login: mountPath + login, callback: mountPath + callback, base }
}

/** Makes an app's strategy, under a name that no other one has: Passport is one for the whole process. */
export function createLoginStrategy(one: SiteApp, name: string): Type<unknown> {
  const { base } = loginPaths(one)
  const { routes, session: _session, ...options } = one.options

  // Five parameters, the last one Nest's own: what the token endpoint said is among them.
  @Injectable()
  class Login extends PassportStrategy(TikTokStrategy, name, 5) {
    constructor() {
      super({
        defaultReturnTo: `${base}/`,
        ...options,
        loginPath: base + (routes?.login ?? '/auth/tiktok'),
        bind: (req: Request) => one.onStart?.((header) => req.get(header)).bind,
      })
    }

    /** What the app wants to answer is answered when the session has begun. */
    async validate(
      _accessToken: string,
      _refreshToken: string,
      params: TokenParams,
      profile: TikTokProfile,
    ): Promise<[user: Express.User, info: object]> {
      const { state, ...info } = params.info
      const user = profile._json && {
        openId: profile.id,
        displayName: profile.displayName,
        raw: profile._json,
      }
      let answer: (reply: SiteReply) => void = () => undefined
      const reply = new Promise<SiteReply>((resolve) => (answer = resolve))
      const login = { ...info, tokenSet: params.tokenSet, user, data: state }
      const handled = await one.onLogin?.(login, answer)
      return [{ openId: profile.id }, handled === 'handled' ? { reply } : {}]
    }
  }
  return Login
}
