import { ConfigurationError } from '../errors.ts'
import type { PublicPaths, RouteOptions } from './contract.ts'

/** The routes there are. */
export type RouteName = 'login' | 'callback' | 'logout' | 'disconnect'

/** Knows which path is which. */
export interface Routes {
  readonly paths: PublicPaths
  /** Where no login may lead: every path of ours, whether it is mounted or not. */
  readonly reserved: readonly string[]
  /** Finds the route of a request's path and query; `undefined`: not ours. */
  match(url: string): { readonly name: RouteName; readonly query: string } | undefined
}

/** The methods that each route answers; everything else gets 405 and changes nothing. */
export const allowedMethods: Readonly<Record<RouteName, readonly string[]>> = {
  login: ['GET', 'POST'],
  callback: ['GET'],
  logout: ['POST'],
  disconnect: ['POST'],
}

/**
 * Lays out the routes. `names` are those that are mounted.
 *
 * @throws `configuration` when a path is malformed, two are alike, or the callback is no end of the redirect URI.
 */
export function createRoutes(
  redirectUri: string,
  options: RouteOptions,
  names: readonly RouteName[],
): Routes {
  const { pathname } = new URL(redirectUri)
  const inApp: Readonly<Record<RouteName, string>> = {
    login: checkPath(options.login ?? '/auth/tiktok', 'routes.login'),
    callback: checkPath(options.callback ?? pathname, 'routes.callback'),
    logout: checkPath(options.logout ?? '/auth/tiktok/logout', 'routes.logout'),
    disconnect: checkPath(options.disconnect ?? '/auth/tiktok/disconnect', 'routes.disconnect'),
  }
  if (!pathname.endsWith(inApp.callback)) {
    throw new ConfigurationError(
      'routes.callback',
      'must be the end of the path of `redirectUri`.',
      'Give the path as the mounted app sees it: `/callback` for an app mounted at `/auth` and a redirect URI that ends in `/auth/callback`.',
    )
  }
  const byPath = new Map<string, RouteName>()
  for (const name of names) {
    if (byPath.has(inApp[name]))
      throw new ConfigurationError(`routes.${name}`, 'is the path of another route.')
    byPath.set(inApp[name], name)
  }
  const base = pathname.slice(0, pathname.length - inApp.callback.length)
  return {
    paths: {
      base,
      login: base + inApp.login,
      callback: pathname,
      ...(names.includes('logout') && { logout: base + inApp.logout }),
      ...(names.includes('disconnect') && { disconnect: base + inApp.disconnect }),
    },
    reserved: [pathname, ...[inApp.login, inApp.logout, inApp.disconnect].map((path) => base + path)],
    match(url) {
      const end = url.indexOf('?')
      const name = byPath.get(end === -1 ? url : url.slice(0, end))
      return name === undefined ? undefined : { name, query: end === -1 ? '' : url.slice(end + 1) }
    },
  }
}

function checkPath(path: unknown, option: string): string {
  const normalized =
    typeof path === 'string' && /^\/(?!\/)[\x21-\x7e]*$/.test(path)
      ? new URL(path, 'http://own.invalid').pathname
      : undefined
  if (normalized === undefined || normalized !== path) {
    throw new ConfigurationError(
      option,
      'must be a path that starts with `/`, in normalized form, without a query.',
    )
  }
  return normalized
}
