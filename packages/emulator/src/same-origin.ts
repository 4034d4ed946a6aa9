import type { WireRequest } from './wire.ts'

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * Says why a request to the emulator's own pages is not to be trusted, or nothing when it may pass.
 *
 * A foreign page in the same browser must neither read the journal through a name it made point here, nor press
 * buttons: the host has to be loopback, and what changes anything has to come from these pages, or from no browser.
 */
export function findTrespass({ method, url, headers }: WireRequest): string | undefined {
  if (!loopback.test(url.hostname)) return 'Open the emulator under localhost or 127.0.0.1.'
  if (method === 'GET' || method === 'HEAD') return undefined
  const foreign = 'Only the emulator’s own pages may do this.'
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin' ? undefined : foreign
  // A form on a page that sends no referrer says "null" here, but its browser sent the header above.
  const origin = headers.get('origin')
  return origin === null || origin === url.origin ? undefined : foreign
}
