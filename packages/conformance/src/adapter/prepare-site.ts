import type { Login, StartHookResult, StoreEntry, TokenStore } from '@tiktok-auth/core'
import { identifyFor, SessionStoreError, sessionStoreFor } from './app-users.ts'
import { controls, pages } from './site-routes.ts'
import type { AppSetup, SiteSetup, StartBehavior } from './setup.ts'
import { spoken } from './spoken.ts'
import type { SendReply, Site, SiteApp, SiteReply, SiteSession } from './site.ts'

/** What a site remembers, for its cases to read. */
export interface SiteRecord {
  /** The codes of the errors that reached the framework's error path. */
  readonly errors: string[]
  /** Everything that was said to the application: errors and events, in every form that logs know. */
  readonly said: string[]
  /** The pages whose handlers have run. */
  readonly handled: string[]
  /** The logins that `onLogin` was given, without their tokens. */
  readonly logins: RememberedLogin[]
  /** How often the application was asked who a request belongs to. */
  identified: number
  /** What the store of the app's own sessions fails at. */
  sessionFault: SessionFault | undefined
  /** How far the site's clock has been moved. */
  clockOffsetMs: number
}

/** What a store of sessions may fail at. */
export type SessionFault = 'set' | 'destroy'

/** A login as `onLogin` saw it. */
export type RememberedLogin = Omit<Login, 'tokenSet' | 'user'> & { readonly displayName: string | undefined }

/**
 * Makes a site of what a case wants served: options, hooks and routes, ready for the framework.
 *
 * @example
 * for (const { options, routes } of prepareSite(setup).apps) {
 *   const tiktok = tiktokAuth(options)
 *   app.use(tiktok)
 *   for (const { method, path, handle } of routes) app[method](path, handler(handle))
 * }
 */
export function prepareSite(setup: SiteSetup): Site {
  const record: SiteRecord = {
    errors: [],
    said: [],
    handled: [],
    logins: [],
    identified: 0,
    sessionFault: undefined,
    clockOffsetMs: 0,
  }
  return {
    cookies: setup.cookies,
    recordsErrors: setup.errors === 'recorded',
    apps: setup.apps.map((app, index) => prepareApp(app, record, index === 0)),
    failed(error) {
      if (!(error instanceof SessionStoreError)) record.errors.push(fieldOf(error, 'code') ?? 'application')
      record.said.push(...spoken(error))
      return failure(error)
    },
  }
}

function prepareApp(app: AppSetup, record: SiteRecord, first: boolean): SiteApp {
  const now = (): number => Date.now() + record.clockOffsetMs
  const { onStart, users } = app
  return {
    mountPath: app.mountPath,
    options: {
      ...app.options,
      now,
      store: mapStore(now, app.store === 'refuses'),
      onEvent: (event) => void record.said.push(...spoken(event)),
    },
    onStart: onStart && ((header) => startWith(onStart, header('x-app-user'))),
    onLogin: loginHook(app, record),
    identify: identifyFor(users, record),
    sessions: sessionStoreFor(users, record),
    routes: first ? [...pages(app.prefix, record), ...controls(record)] : pages(app.prefix, record),
  }
}

function loginHook({ onLogin, users }: AppSetup, record: SiteRecord): SiteApp['onLogin'] {
  if (onLogin === undefined && users !== 'by-session') return undefined
  const together = failTogether()
  return async (login: Login, send: SendReply, session?: SiteSession) => {
    if (onLogin === 'throws') throw new Error('The application refuses this login.')
    if (onLogin === 'throws-together') return together()
    record.logins.push(remembered(login))
    if (users === 'by-session') await session?.begin({ openId: login.openId })
    if (onLogin === undefined || onLogin === 'remembers') return undefined
    await answerLogin(send, onLogin === 'answers-later', record)
    return 'handled'
  }
}

/** Fails two logins that wait for one another, as everything fails that waits for one database. */
function failTogether(): () => Promise<never> {
  let fail: (error: Error) => void = () => undefined
  const failed = new Promise<never>((_resolve, reject) => (fail = reject))
  let waiting = 0
  return () => {
    waiting += 1
    if (waiting === 2) fail(new Error('The database is down.'))
    return failed
  }
}

function startWith(behavior: StartBehavior, user: string | undefined): StartHookResult {
  if (behavior.kind === 'throws') throw new Error('The application starts no login.')
  if (behavior.kind === 'data') return { data: 'x'.repeat(behavior.length) }
  return user === undefined ? {} : { bind: user }
}

async function answerLogin(send: SendReply, later: boolean, record: SiteRecord): Promise<void> {
  const reply = { status: 200, json: { answered: 'by the application' } }
  if (!later) return void (await send(reply))
  const sendLater = async (): Promise<unknown> => send(reply)
  // Whoever answered in the meantime: the case has to find out, not the process to end.
  setTimeout(() => void sendLater().catch(() => record.errors.push('answered before')), 20)
}

function remembered({ openId, scope, missingScope, returnTo, data, user }: Login): RememberedLogin {
  return { openId, scope, missingScope, returnTo, data, displayName: user?.displayName }
}

function failure(error: unknown): SiteReply {
  const status = fieldOf(error, 'status') ?? fieldOf(error, 'statusCode')
  return { status: status === undefined ? 500 : Number(status), json: { error: fieldOf(error, 'code') } }
}

function fieldOf(value: unknown, name: string): string | undefined {
  const field = (value as Readonly<Record<string, unknown>> | null | undefined)?.[name]
  return typeof field === 'string' || typeof field === 'number' ? String(field) : undefined
}

function mapStore(now: () => number, refuses: boolean): TokenStore {
  const rows = new Map<string, StoreEntry & { readonly writtenAt: number }>()
  const put = (key: string, entry: StoreEntry): boolean => {
    if (refuses) throw new Error('The store is out of order.')
    rows.set(key, { ...entry, writtenAt: now() })
    return true
  }
  return {
    async read(key) {
      const row = rows.get(key)
      return row && { ...row, ageMs: now() - row.writtenAt }
    },
    insert: async (key, entry) => !rows.has(key) && put(key, entry),
    replace: async (key, expected, entry) => rows.get(key)?.revision === expected && put(key, entry),
  }
}
