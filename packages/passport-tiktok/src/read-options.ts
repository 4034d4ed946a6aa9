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
  const { clientSecret, encryption, loginPath } = options
  const address = sameOf({ callbackURL, redirectUri })
  return {
    ...rest,
    clientSecret,
    clientKey: sameOf({ clientKey, clientID }) ?? '',
    redirectUri: address ?? '',
    secret: secret ?? derivedSecret(clientSecret),
    routes: { login: loginPath ?? freePath(address) },
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
  const used =
    option === 'redirectUri' && options.redirectUri === undefined
      ? 'callbackURL'
      : option === 'clientKey' && options.clientID !== undefined
        ? 'clientID'
        : option
  if (used === option) return error
  const problem = error.message.slice(`Option \`${option}\` `.length)
  return new ConfigurationError(used, hint === undefined ? problem : problem.slice(0, -hint.length - 1), hint)
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

/** Many Passport apps start and end a login on one path. */
function freePath(redirectUri: string | undefined): string {
  const usual = '/auth/tiktok'
  const taken = URL.canParse(redirectUri ?? '') && new URL(redirectUri ?? '').pathname === usual
  return taken ? `${usual}/login` : usual
}

/** A store for apps that keep the tokens themselves, or do not need them. */
const keepsNothing: TokenStore = {
  read: async () => undefined,
  insert: async () => true,
  replace: async () => true,
}
