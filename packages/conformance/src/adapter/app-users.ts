import { appSessionCookie } from './fingerprint.ts'
import type { AppSetup } from './setup.ts'
import type { SiteRecord } from './prepare-site.ts'
import type { IdentifyResult, SiteApp, SiteSessionStore } from './site.ts'

/** The headers by which a case says who a request belongs to, and how the application finds that out. */
export const userHeaders = { user: 'x-app-user', behavior: 'x-identify' } as const

/** How `identify` may behave, beside what it should do. */
export type IdentifyBehavior = 'throws' | 'rejects' | 'null' | 'empty' | 'later'

/** The application's own store is down: how often its session middleware says so is none of an adapter's business. */
export class SessionStoreError extends Error {
  override readonly name = 'SessionStoreError'
}

/** Makes the `identify` of an app with users of its own. */
export function identifyFor(users: AppSetup['users'], record: SiteRecord): SiteApp['identify'] {
  if (users === undefined) return undefined
  return ({ header, session }) => {
    record.identified += 1
    if (users === 'by-session') return session?.read('openId')
    return identified(header(userHeaders.user), header(userHeaders.behavior) as IdentifyBehavior | undefined)
  }
}

function identified(openId: string | undefined, behavior: IdentifyBehavior | undefined): IdentifyResult {
  switch (behavior) {
    case 'throws':
      throw new Error('The application cannot say who that is.')
    case 'rejects':
      return Promise.reject(new Error('The application cannot say who that is.'))
    case 'null':
      // What an application without types may answer.
      return null as unknown as undefined
    case 'empty':
      return ''
    case 'later':
      return new Promise((resolve) => setTimeout(() => resolve(openId), 5))
    case undefined:
      return openId
  }
}

/** Makes the store of an app's own sessions, in memory. It fails at what the record says. */
export function sessionStoreFor(users: AppSetup['users'], record: SiteRecord): SiteSessionStore | undefined {
  if (users !== 'by-session') return undefined
  const rows = new Map<string, string>()
  const attempt = (what: SiteRecord['sessionFault']): void => {
    if (record.sessionFault === what) throw new SessionStoreError(`The session store is down: ${what}.`)
  }
  return {
    cookieName: appSessionCookie,
    async get(id) {
      const row = rows.get(id)
      return row === undefined ? undefined : (JSON.parse(row) as object)
    },
    async set(id, content) {
      attempt('set')
      rows.set(id, JSON.stringify(content))
    },
    async destroy(id) {
      attempt('destroy')
      rows.delete(id)
    },
  }
}
