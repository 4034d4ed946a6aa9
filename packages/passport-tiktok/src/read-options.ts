import {
  ConfigurationError,
  isTikTokAuthError,
  parseScope,
  type TikTokAuthOptions,
  type TokenStore,
} from '@tiktok-auth/core'
import { hkdfSync } from 'node:crypto'
import type { TikTokStrategyBaseOptions } from './options.ts'

/** The options of core that a strategy's options mean. */
export type CoreOptions = TikTokAuthOptions<never>

/** Options of other strategies that would promise something here, and what to write instead. */
const foreignOptions: Readonly<Record<string, string>> = {
  authorizationURL: 'TikTok’s addresses are known; `endpoints` replaces them, for the emulator.',
  tokenURL: 'TikTok’s addresses are known; `endpoints` replaces them, for the emulator.',
  profileURL: 'TikTok’s addresses are known; `endpoints` replaces them, for the emulator.',
  customHeaders: 'Requests to TikTok carry the headers they need; `fetch` may replace how they are sent.',
  fields: 'Name the fields of the profile in `userInfo`; by default all that the granted scopes allow.',
  disableAutoAuth: 'Say `forceConsent: true`.',
  version: 'There is one version of TikTok’s API here.',
}

/** Reads the options: aliases resolved, defaults that are Passport's own filled in. @throws `configuration` */
export function readOptions(options: TikTokStrategyBaseOptions): CoreOptions {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError('options', 'must be an object.')
  }
  refuseUnsafe(options)
  const { clientKey, clientID, callbackURL, redirectUri, scope, secret, store, pkce, ...rest } = options
  const { clientSecret, encryption } = options
  const address = sameOf({ callbackURL, redirectUri })
  return {
    ...rest,
    clientSecret,
    clientKey: sameOf({ clientKey, clientID }) ?? '',
    redirectUri: address ?? '',
    secret: secret ?? derivedSecret(clientSecret),
    routes: { login: loginRoute(options, address) },
    // Passport and the app know who is signed in.
    session: false,
    ...(scope !== undefined && { scope: scopeOf(scope) }),
    ...(pkce !== undefined && { pkce: pkce === 'S256' ? true : pkce }),
    ...(store === undefined
      ? { store: keepsNothing, encryption: false as const }
      : { store, ...(encryption !== undefined && { encryption }) }),
  }
}

/** Splits a scope that is one text, as Passport's options allow it. */
export function scopeOf(scope: string | readonly string[]): readonly string[] {
  return typeof scope === 'string' ? parseScope(scope) : scope
}

/** Makes an error of core's name the option by the name that was used. */
export function byUsedName(error: unknown, options: TikTokStrategyBaseOptions): unknown {
  if (!isTikTokAuthError(error) || error.code !== 'configuration') return error
  const { option, hint } = error
  const used = usedNames(options)[option] ?? option
  if (used === option) return error
  const problem = error.message.slice(`Option \`${option}\` `.length)
  return new ConfigurationError(used, hint === undefined ? problem : problem.slice(0, -hint.length - 1), hint)
}

function usedNames(options: TikTokStrategyBaseOptions | null | undefined): Readonly<Record<string, string>> {
  return {
    'routes.login': 'loginPath',
    ...(options?.redirectUri === undefined && { redirectUri: 'callbackURL' }),
    ...(options?.clientID !== undefined && { clientKey: 'clientID' }),
  }
}

function refuseUnsafe(options: TikTokStrategyBaseOptions): void {
  // Plain JavaScript can say what the types forbid.
  const given: Readonly<Record<string, unknown>> = { ...options }
  if (given['state'] !== undefined && given['state'] !== true) {
    throw new ConfigurationError(
      'state',
      'cannot be switched off or replaced.',
      'It is what ties a login to the browser that began it; application data goes into `state` of `passport.authenticate`.',
    )
  }
  for (const [name, hint] of Object.entries(foreignOptions)) {
    if (given[name] !== undefined) throw new ConfigurationError(name, 'means nothing to this strategy.', hint)
  }
  for (const name of ['bind'] as const) {
    if (given[name] === undefined || typeof given[name] === 'function') continue
    throw new ConfigurationError(name, 'must be a function.')
  }
}

/** Takes the one value that two names of an option have. */
function sameOf(names: Readonly<Record<string, string | undefined>>): string | undefined {
  const given = Object.entries(names).filter(([, value]) => value !== undefined)
  const [[first, value] = [], [second, other] = []] = given
  if (second !== undefined && other !== value) {
    throw new ConfigurationError(second, `differs from \`${first}\`, which means the same.`)
  }
  return value
}

function derivedSecret(clientSecret: string): string {
  const label = 'tiktok-auth passport-tiktok secret v1'
  return Buffer.from(hkdfSync('sha256', String(clientSecret), '', label, 32)).toString('base64url')
}

/** Tells whether an app has said that one route serves both ends of a login. */
export function sharesRoute(options: TikTokStrategyBaseOptions, callbackPath: string): boolean {
  return (options.loginPath ?? usualLoginPath) === callbackPath
}

const usualLoginPath = '/auth/tiktok'

/** Core wants two routes; where the app has one, nobody ever sees the other. */
function loginRoute(options: TikTokStrategyBaseOptions, address = ''): string {
  const callbackPath = URL.canParse(address) ? new URL(address).pathname : ''
  if (!sharesRoute(options, callbackPath)) return options.loginPath ?? usualLoginPath
  return callbackPath === '/' ? '/login' : `${callbackPath}/login`
}

/** A store for apps that keep the tokens themselves, or do not need them. */
const keepsNothing: TokenStore = {
  read: async () => undefined,
  insert: async () => true,
  replace: async () => true,
}
