import type { World } from './world.ts'

/**
 * Takes an app off a user's account.
 *
 * @throws RangeError when there is no such grant.
 */
export function removeApp(userName: string, clientKey: string, world: World): void {
  const user = world.users.find(userName)
  const grant = user === undefined ? undefined : world.ledger.findGrant(clientKey, user.id)
  if (grant === undefined)
    throw new RangeError(`removeApp: ${userName} has not granted ${clientKey} anything`)
  world.ledger.remove(grant)
}
