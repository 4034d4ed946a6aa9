import { ConfigurationError } from '../errors.ts'
import { checkOrigins } from '../login/return-to.ts'
import {
  assertFunction,
  assertMembers,
  assertRecord,
  assertString,
  isAbsent,
  unsetHint,
} from '../protocol/assert.ts'
import { checkScope } from '../protocol/scope.ts'
import type { UserInfoField } from '../protocol/user-info.ts'
import { sealerFromKeys } from '../sealer.ts'
import type { Sealer, SealingKey } from '../sealer.ts'
import type { SessionOptions } from '../session/session-cookie.ts'
import { checkStore, managerOptionNames } from '../tokens/manager-options.ts'
import type { TokenStore } from '../tokens/token-store.ts'
import type { RouteOptions, TikTokAuthOptions } from './contract.ts'

/** Who knows the users: a cookie of ours, the application, or nobody. */
export type SessionMode = 'cookie' | 'application' | 'none'

/** The options that concern the composition, checked and completed. */
export interface AuthSettings {
  readonly scope: readonly string[]
  /** Every scope that a login may ask for. */
  readonly knownScope: ReadonlySet<string>
  readonly requireScope: readonly string[]
  readonly userInfo: readonly UserInfoField[] | false | undefined
  readonly routes: RouteOptions
  readonly sessionMode: SessionMode
  readonly session: SessionOptions
  readonly defaultReturnTo: string | undefined
  readonly returnToOrigins: readonly string[]
  readonly trustedOrigins: readonly string[]
  readonly store: TokenStore | undefined
  /** `undefined`: the sealer made from `secret`. */
  readonly encryption: Sealer | false | undefined
  readonly now: () => number
}

/**
 * Checks every option of the composition once. Those of the client, the sealer, the session and the token manager
 * are checked by what they are for.
 *
 * @throws `configuration` naming the option, never its value.
 */
export function readSettings(options: TikTokAuthOptions<never>): AuthSettings {
  const given = assertRecord(options, 'options')
  for (const name of ['onEvent', 'waitUntil', 'now']) {
    if (given[name] !== undefined) assertFunction(given[name], name)
  }
  if (isAbsent(given.redirectUri)) throw new ConfigurationError('redirectUri', 'is missing.', unsetHint)
  // Defaults of a pattern stand for what is left out, and not for `null`, which may be a mistake.
  const { optionalScope: optional = [], requireScope = [], routes = {}, session = {} } = given
  const { returnToOrigins = [], trustedOrigins = [] } = given
  const scope = checkScope(options.scope === undefined ? ['user.info.basic'] : options.scope)
  if (scope.length === 0) throw new ConfigurationError('scope', 'must name at least one scope.')
  const optionalScope = checkScope(optional, 'optionalScope')
  const sessionMode = readSessionMode(session)
  if (options.tokens !== undefined) assertMembers(options.tokens, 'tokens', managerOptionNames)
  if (options.store !== undefined) checkStore(options.store)
  return {
    scope,
    knownScope: new Set([...scope, ...optionalScope]),
    requireScope: checkRequired(checkScope(requireScope, 'requireScope'), scope),
    userInfo: checkUserInfo(options.userInfo),
    routes: assertMembers(routes, 'routes', ['login', 'callback', 'logout', 'disconnect']),
    sessionMode,
    session:
      sessionMode === 'cookie'
        ? assertMembers(session, 'session', ['lifetimeMs', 'idleMs', 'cookieName'])
        : {},
    defaultReturnTo:
      given.defaultReturnTo === undefined
        ? undefined
        : assertString(given.defaultReturnTo, 'defaultReturnTo'),
    returnToOrigins: checkOrigins(returnToOrigins, 'returnToOrigins'),
    trustedOrigins: checkOrigins(trustedOrigins, 'trustedOrigins'),
    store: options.store,
    encryption: checkEncryption(options.encryption),
    now: options.now ?? Date.now,
  }
}

function readSessionMode(session: unknown): SessionMode {
  if (session === false) return 'none'
  if (session === true) throw new ConfigurationError('session', 'must be an object, or false.')
  const { identify } = assertRecord(session, 'session')
  if (identify === undefined) return 'cookie'
  assertFunction(identify, 'session.identify')
  return 'application'
}

function checkRequired(required: readonly string[], scope: readonly string[]): readonly string[] {
  if (required.every((name) => scope.includes(name))) return required
  throw new ConfigurationError(
    'requireScope',
    'names a scope that is not in `scope`, so no login asks for it.',
  )
}

function checkUserInfo(fields: unknown): readonly UserInfoField[] | false | undefined {
  if (fields === undefined || fields === false) return fields
  if (Array.isArray(fields) && fields.every((name) => typeof name === 'string' && /^\w+$/.test(name))) {
    return fields as readonly string[]
  }
  throw new ConfigurationError('userInfo', 'must be a list of field names, or false.')
}

function checkEncryption(encryption: unknown): AuthSettings['encryption'] {
  if (encryption === undefined || encryption === false) return encryption
  const members = assertRecord(encryption, 'encryption')
  if (members.keys !== undefined) {
    return sealerFromKeys(members.keys as readonly SealingKey[], { option: 'encryption.keys' })
  }
  for (const name of ['seal', 'open']) assertFunction(members[name], `encryption.${name}`)
  return encryption as Sealer
}
