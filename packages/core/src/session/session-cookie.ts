import { checkCookieName, deleteCookie, prefixedName, readCookie, setCookie, shortTag } from '../cookies.ts'
import { ConfigurationError } from '../errors.ts'
import type { Sealer } from '../sealer.ts'

/** Options of {@link createSessionCookie}. Durations in milliseconds. */
export interface SessionOptions {
  /** How long a session lasts at most. Default 7 days. */
  readonly lifetimeMs?: number
  /** How long a session lasts without a request. Default 24 hours; never longer than `lifetimeMs`. */
  readonly idleMs?: number
  /** Default: a name of its own per client key, with the `__Host-` prefix over https. Taken as it stands. */
  readonly cookieName?: string
}

/** Who is signed in, as the cookie says. */
export interface Session {
  readonly openId: string
  /** The connection that the login made; a session ends with it. `undefined`: tied to none (tests). */
  readonly connectionId: string | undefined
  readonly issuedAt: number
  readonly lastSeenAt: number
}

/** The session cookie. Says who is signed in, and nothing else; holds no token. */
export interface SessionCookie {
  /** Seals a new session as `name=value` and as a `Set-Cookie` line. */
  issue(user: Pick<Session, 'openId' | 'connectionId'>): Promise<{ cookie: string; header: string }>
  /** Opens the cookie; `undefined`, at once, if there is none, and for any that is altered, over or another application's. */
  read(cookieHeader: string | undefined): Promise<Session | undefined> | undefined
  /** Writes the `Set-Cookie` line that keeps a session from going idle; `undefined` while it is recent enough. */
  renew(session: Session): Promise<string | undefined>
  /** Writes the `Set-Cookie` line that ends the session on this browser. */
  clear(): string
}

const day = 24 * 60 * 60_000
const clockToleranceMs = 60_000

/**
 * Creates the session cookie of one application: sealed, with both of its deadlines inside the seal.
 *
 * A copied cookie stays good until it expires: logging out removes it from one browser only. Disconnecting ends
 * every session of the connection.
 *
 * @throws `configuration` for durations or a cookie name that cannot work.
 */
export function createSessionCookie(
  sealer: Sealer,
  app: { readonly clientKey: string; readonly secure: boolean; readonly now: () => number },
  options: SessionOptions = {},
): SessionCookie {
  const { clientKey, secure, now } = app
  const lifetimeMs = checkDuration(options.lifetimeMs ?? 7 * day, 'session.lifetimeMs')
  const idleMs = Math.min(checkDuration(options.idleMs ?? day, 'session.idleMs'), lifetimeMs)
  const name =
    options.cookieName === undefined
      ? prefixedName(`tiktok-session-${shortTag(clientKey)}`, secure)
      : checkCookieName(options.cookieName, 'session.cookieName', secure)
  const context = { purpose: 'session', context: [clientKey] }

  const endsAt = (session: Session): number => {
    return Math.min(session.issuedAt + lifetimeMs, session.lastSeenAt + idleMs)
  }
  const write = async (session: Session): Promise<{ cookie: string; header: string }> => {
    const { openId, connectionId, issuedAt, lastSeenAt } = session
    const value = await sealer.seal(
      JSON.stringify([openId, connectionId ?? 0, issuedAt, lastSeenAt]),
      context,
    )
    const maxAge = Math.ceil((endsAt(session) - lastSeenAt) / 1000)
    return { cookie: `${name}=${value}`, header: setCookie({ name, secure }, value, maxAge) }
  }

  const openCurrent = async (value: string): Promise<Session | undefined> => {
    const session = await openSession(async () => sealer.open(value, context))
    const time = now()
    if (session === undefined || time >= endsAt(session)) return undefined
    return session.lastSeenAt - time > clockToleranceMs ? undefined : session
  }

  return {
    issue: async (user) => write({ ...user, issuedAt: now(), lastSeenAt: now() }),
    read(cookieHeader) {
      const value = readCookie(cookieHeader, name)
      return value === undefined ? undefined : openCurrent(value)
    },
    async renew(session) {
      const time = now()
      // A tenth of the idle time is exact enough, and spares most answers a cookie.
      if (time - session.lastSeenAt <= idleMs / 10) return undefined
      return (await write({ ...session, lastSeenAt: time })).header
    },
    clear: () => deleteCookie({ name, secure }),
  }
}

async function openSession(open: () => Promise<string>): Promise<Session | undefined> {
  try {
    const [openId, connectionId, issuedAt, lastSeenAt] = JSON.parse(await open()) as readonly unknown[]
    if (typeof openId !== 'string' || typeof issuedAt !== 'number' || typeof lastSeenAt !== 'number') {
      return undefined
    }
    return {
      openId,
      connectionId: typeof connectionId === 'string' ? connectionId : undefined,
      issuedAt,
      lastSeenAt,
    }
  } catch {
    // Whatever is wrong with a cookie, nobody is signed in.
    return undefined
  }
}

function checkDuration(value: unknown, option: string): number {
  // Browsers keep no cookie longer than 400 days.
  if (typeof value !== 'number' || !(value >= 1000 && value <= 400 * day)) {
    throw new ConfigurationError(option, 'must be a number of milliseconds from 1 000 to 400 days.')
  }
  return value
}
