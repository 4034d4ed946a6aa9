import { ConfigurationError } from '@tiktok-auth/core'
import { createHash } from 'node:crypto'
import type { StrategyRequest } from './options.ts'

/** Finds the user whom Passport has put on a request, under whatever name it was told to. */
export function signedInUser(req: StrategyRequest): object | undefined {
  const members: Readonly<Record<string, unknown>> = { ...pick(req, '_userProperty') }
  const property = typeof members['_userProperty'] === 'string' ? members['_userProperty'] : 'user'
  const user = pick(req, property)[property]
  return typeof user === 'object' && user !== null ? user : undefined
}

/**
 * Names the signed-in user by what Passport keeps of them in the session, or by their `id`; shortened, because it
 * travels in a cookie.
 *
 * @throws `configuration` when there is a user without either.
 */
export function userBinding(req: StrategyRequest): string | undefined {
  const user = signedInUser(req)
  if (user === undefined) return undefined
  const kept = pick(pick(pick(req, 'session')['session'], 'passport')['passport'], 'user')['user']
  const name = kept ?? pick(user, 'id')['id']
  if (name === undefined || name === null) {
    throw new ConfigurationError(
      'bind',
      'is needed here: nothing names the user whom this account is to be linked to.',
      'Give a function that returns the id of the user of a request.',
    )
  }
  return createHash('sha256').update(JSON.stringify(name)).digest('base64url')
}

function pick(value: unknown, name: string): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && name in value
    ? { [name]: Reflect.get(value, name) }
    : {}
}
