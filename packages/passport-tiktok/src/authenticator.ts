import {
  ConfigurationError,
  headersOf,
  type AuthHooks,
  type AuthRequest,
  type StartHookResult,
  type TikTokAuth,
} from '@tiktok-auth/core'
import type { ServerResponse } from 'node:http'
import { signedInUser, userBinding } from './binding.ts'
import type { Ending } from './ending.ts'
import { failureOf, toPassportError } from './errors.ts'
import { headerOf, responseOf, setHeaders, targetOf } from './http.ts'
import type { StrategyRequest, TikTokAuthenticateOptions, TikTokStrategyBaseOptions } from './options.ts'
import { scopeOf, sharesRoute } from './read-options.ts'
import { skipsProfile } from './skip-profile.ts'
import { isVerified, VerifyRefusal, verifyLogin, type AnyVerifyFunction, type Verified } from './verify.ts'

/** Answers one request of one browser. Never rejects. */
export type Authenticator = (req: StrategyRequest, options: TikTokAuthenticateOptions) => Promise<Ending>

type Options = TikTokStrategyBaseOptions & { readonly passReqToCallback?: boolean }

/** What Passport's own options say that matters here. */
interface CallOptions extends TikTokAuthenticateOptions {
  readonly assignProperty?: string
  readonly successRedirect?: string
  readonly successReturnToOrRedirect?: string
  readonly callbackURL?: string
}

/** One request, and whether it ends a login. */
interface Turn {
  readonly req: StrategyRequest
  readonly res: ServerResponse
  readonly request: AuthRequest
  readonly ends: boolean
}

/** Creates what answers a strategy's requests: core decides, this translates into Passport's terms and back. */
export function createAuthenticator(
  auth: TikTokAuth,
  options: Options,
  verify: AnyVerifyFunction,
): Authenticator {
  const verifying = { verify, passRequest: options.passReqToCallback === true }
  const { callback } = auth.paths
  const shared = sharesRoute(options, callback)

  return async (req, called) => {
    try {
      const res = responseOf(req)
      const ends = endsLogin(req, { callback, shared })
      const request = toRequest(req, ends ? callback : auth.paths.login)
      try {
        return await answer({ req, res, request, ends }, checked(called, auth))
      } catch (error) {
        setHeaders(res, headersOf(error, request))
        throw error
      }
    } catch (error) {
      return endingOf(error)
    }
  }

  async function answer({ req, res, request, ends }: Turn, call: CallOptions): Promise<Ending> {
    let verified: Verified | undefined
    const given = await auth.handle(request, {
      onStart: () => startOf(req, call),
      isSignedIn: () => call.assignProperty === undefined && signedInUser(req) !== undefined,
      skipUserInfo: ({ tokenSet }) => skipsProfile(options.skipUserProfile, tokenSet.accessToken),
      async onLogin(login, headers) {
        setHeaders(res, headers)
        verified = await verifyLogin(verifying, req, login)
        return { handled: verified }
      },
      onJoined(handled, headers) {
        if (!isVerified(handled)) return undefined
        setHeaders(res, headers)
        verified = handled
        return 'handled'
      },
    } satisfies AuthHooks)
    if (verified !== undefined) return { kind: 'success', ...verified }
    setHeaders(
      res,
      (given?.headers ?? []).filter(([name]) => name !== 'location'),
    )
    const location = given?.headers.find(([name]) => name === 'location')?.[1]
    if (given === undefined || location === undefined) {
      return { kind: 'fail', challenge: undefined, status: given?.status }
    }
    const after = call.successReturnToOrRedirect ?? call.successRedirect
    return { kind: 'redirect', url: ends ? (after ?? location) : location, status: given.status }
  }

  async function startOf(req: StrategyRequest, call: CallOptions): Promise<StartHookResult> {
    const linking = call.assignProperty !== undefined
    const bind =
      options.bind === undefined ? (linking ? userBinding(req) : undefined) : await options.bind(req)
    const forceConsent = call.forceConsent ?? options.forceConsent
    return {
      ...(bind !== undefined && bind !== null && { bind }),
      // `true` only says that there shall be a state; there always is.
      ...(call.state !== undefined && call.state !== true && { data: call.state }),
      ...(call.scope !== undefined && { scope: scopeOf(call.scope) }),
      ...(call.returnTo !== undefined && { returnTo: call.returnTo }),
      ...(forceConsent !== undefined && { forceConsent }),
    }
  }
}

/** Whether a login ends here: by its path, or by what TikTok sends along where paths do not tell. */
function endsLogin(
  req: StrategyRequest,
  { callback, shared }: { readonly callback: string; readonly shared: boolean },
): boolean {
  const { path, query } = targetOf(req)
  const names = new Set([...new URLSearchParams(query).keys()].map((name) => name.replace(/\[.*$/s, '')))
  return names.has('code') || names.has('error') || (path === callback && (!shared || names.has('state')))
}

function toRequest(req: StrategyRequest, path: string): AuthRequest {
  return {
    method: req.method,
    url: `${path}?${targetOf(req).query}`,
    header: (name) => headerOf(req, name),
    // Everything a login needs stands in the address.
    body: async () => new Uint8Array(),
  }
}

function checked(call: CallOptions, { client }: TikTokAuth): CallOptions {
  if (call.callbackURL !== undefined && call.callbackURL !== client.redirectUri) {
    throw new ConfigurationError(
      'callbackURL',
      'of `passport.authenticate` must be the strategy’s own.',
      'TikTok wants it registered; make a strategy for each address.',
    )
  }
  const state: unknown = call.state
  if (state === false || state === null) {
    throw new ConfigurationError('state', 'of `passport.authenticate` cannot switch the protection off.')
  }
  return call
}

function endingOf(error: unknown): Ending {
  if (error instanceof VerifyRefusal) return { kind: 'fail', challenge: error.info, status: undefined }
  const failure = failureOf(error)
  return failure === undefined
    ? { kind: 'error', error: toPassportError(error) }
    : { kind: 'fail', challenge: failure, status: failure.error.status }
}
