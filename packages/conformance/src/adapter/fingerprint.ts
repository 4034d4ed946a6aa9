import type { Exchange } from './browser.ts'
import { parseSetCookie } from './cookie-jar.ts'

/** The cookie of an app's own session. How it is made, and how often, is its framework's business. */
export const appSessionCookie = 'app-session'

/** What an adapter did in a case, as far as it must be the same on every adapter. */
export interface Fingerprint {
  /** Requests in the order in which they were sent. */
  readonly steps: readonly FingerprintStep[]
  /** The codes of the errors that reached the framework's own error path. */
  readonly errors: readonly string[]
}

/** One request and what came of it. */
export interface FingerprintStep {
  /** Method and path, without the query. */
  readonly request: string
  /** Such as `3xx`. */
  readonly status: string
  /** Cookies by kind, with their attributes, without their values. */
  readonly cookies: readonly string[]
}

/** Reduces what a case saw to what can be compared. */
export function fingerprintOf(exchanges: readonly Exchange[], errors: readonly string[]): Fingerprint {
  return {
    errors,
    steps: exchanges.map(({ method, path, answer }) => ({
      request: `${method} ${path.replace(/\?.*/s, '').slice(0, 100)}`,
      status: `${Math.floor(answer.status / 100)}xx`,
      cookies: answer.cookies.filter(isOurs).map(describeCookie).toSorted(),
    })),
  }
}

function isOurs(line: string): boolean {
  return parseSetCookie(line).name !== appSessionCookie
}

function describeCookie(line: string): string {
  const { name, value, attributes } = parseSetCookie(line)
  const kind = name.replace(/(tiktok-(?:login|session))-.*/, '$1')
  const shown = [...attributes].map(([key, text]) => (text === '' ? key : `${key}=${text}`)).toSorted()
  return [`${kind}=${value === '' ? '' : '…'}`, ...shown].join('; ')
}
