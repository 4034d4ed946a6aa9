import { ConfigurationError } from '../errors.ts'
import { assertMembers, assertString } from './assert.ts'
import type { Endpoints } from './options.ts'

/** TikTok's own addresses. Each path ends in a slash, as TikTok's documents always write it. */
export const tiktokEndpoints: Endpoints = Object.freeze({
  authorizationEndpoint: 'https://www.tiktok.com/v2/auth/authorize/',
  tokenEndpoint: 'https://open.tiktokapis.com/v2/oauth/token/',
  revocationEndpoint: 'https://open.tiktokapis.com/v2/oauth/revoke/',
  qrCodeEndpoint: 'https://open.tiktokapis.com/v2/oauth/get_qrcode/',
  qrCodeStatusEndpoint: 'https://open.tiktokapis.com/v2/oauth/check_qrcode/',
  apiOrigin: 'https://open.tiktokapis.com',
})

/**
 * Completes and checks the addresses an app gave: https, or http on a loopback host, without credentials,
 * query and fragment.
 *
 * @throws `configuration` naming the address.
 */
export function resolveEndpoints(given: unknown): Endpoints {
  if (given === undefined) return tiktokEndpoints
  const overrides = assertMembers(given, 'endpoints', Object.keys(tiktokEndpoints))
  const entry = (name: keyof Endpoints): string => {
    // Own members only: a polluted Object.prototype must not move TikTok.
    const value = Object.hasOwn(overrides, name) ? overrides[name] : undefined
    return value === undefined ? tiktokEndpoints[name] : checkEndpoint(value, `endpoints.${name}`).href
  }
  return Object.freeze({
    authorizationEndpoint: entry('authorizationEndpoint'),
    tokenEndpoint: entry('tokenEndpoint'),
    revocationEndpoint: entry('revocationEndpoint'),
    qrCodeEndpoint: entry('qrCodeEndpoint'),
    qrCodeStatusEndpoint: entry('qrCodeStatusEndpoint'),
    apiOrigin: checkOrigin(entry('apiOrigin')),
  })
}

function checkEndpoint(value: unknown, option: string): URL {
  const text = assertString(value, option)
  if (!URL.canParse(text)) throw new ConfigurationError(option, 'must be an absolute URL.')
  const url = new URL(text)
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname))
  if (!secure) throw new ConfigurationError(option, 'must be https, or http on a loopback host.')
  if (url.username !== '' || url.password !== '') {
    throw new ConfigurationError(option, 'must not contain a user name or password.')
  }
  if (/[?#]/.test(text)) throw new ConfigurationError(option, 'must not have a query or a fragment.')
  return url
}

function checkOrigin(href: string): string {
  const { origin, pathname } = new URL(href)
  if (pathname !== '/') {
    throw new ConfigurationError('endpoints.apiOrigin', 'must be an origin, without a path.')
  }
  return origin
}

/** Tells whether a host, as `URL` normalizes it, is surely this machine; names below `localhost` may not be. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
