import { ConfigurationError } from '../errors.ts'
import { userInfoFieldsFor, type UserInfoField } from '../protocol/user-info.ts'
import { createLoginGate, type LoginRequirement } from './request-gate.ts'
import { createRequestState, type RequestState } from './request-state.ts'
import { originForm } from './request-target.ts'
import type {
  AuthAnswer,
  AuthHooks,
  AuthRequest,
  SignedIn,
  TikTokAuth,
  TikTokAuthOptions,
} from './contract.ts'

/** A request with what a framework knows about it beyond {@link AuthRequest}. */
export interface VisitRequest extends AuthRequest {
  /** Path and query as they came in, before any mount path was cut off. */
  readonly originalUrl: string
  /** What the framework cut off in front of `url`; absent where the app's own routes are not mounted. */
  readonly mountPath?: string
  /** Puts headers on whatever this request is answered with. */
  setHeaders(headers: AuthAnswer['headers']): void
}

/** One request of one browser, with everything an adapter hands to handlers. */
export interface Visit {
  /** What handlers get. */
  readonly state: RequestState
  /** For whatever the request is answered with, unless it is for a route of ours: they keep the session alive. */
  readonly headers: AuthAnswer['headers']
  /** `undefined`: let it in. Otherwise a login, for a page that is being opened, or 401 JSON. */
  requireLogin(requirement?: LoginRequirement): Promise<AuthAnswer | undefined>
  /** What to answer to an error that a new login mends; `undefined` for every other error. */
  recover(error: unknown): AuthAnswer | undefined
}

/** Opens visits: the part of an app that concerns every request, where `handle` concerns its own routes only. */
export interface Visits {
  /** Checks a requirement while the app is being built. @throws `configuration` when it can never be met. */
  check(requirement: LoginRequirement): void
  /**
   * Looks at a request that `handle` did not take.
   *
   * @throws `configuration` when it is TikTok's callback all the same: then `routes.callback` does not say where
   *   the app is mounted, and every login would end in a 404.
   */
  checkMount(request: VisitRequest): void
  /** Finds out who is signed in. Opens a cookie, or asks `identify`; reads no store. */
  open(request: VisitRequest, hooks?: VisitHooks): Promise<Visit>
}

type VisitHooks = Pick<AuthHooks, 'identify'>
/** What visits need of an app's options. */
export type VisitOptions = Pick<TikTokAuthOptions<never>, 'scope' | 'optionalScope' | 'session' | 'userInfo'>

/**
 * Creates what adapters put on every request: who is signed in, `requireLogin`, and the recovery from a grant
 * that has ended.
 *
 * @example
 * ```ts
 * const visits = createVisits(auth, options)
 * const visit = await visits.open(request)
 * const answer = await visit.requireLogin({ scope: ['video.list'] })
 * ```
 */
export function createVisits(auth: TikTokAuth, options: VisitOptions): Visits {
  const gate = createLoginGate(options, auth.paths.login)

  async function whoIs(request: VisitRequest, hooks: VisitHooks): Promise<SignedIn | undefined> {
    if (hooks.identify === undefined) return auth.identify(request.header('cookie'))
    // An application without types may well answer `null`, or an empty column.
    const openId = (await hooks.identify()) || undefined
    return openId === undefined ? undefined : { openId, connectionId: undefined, headers: [] }
  }

  return {
    check: (requirement) => gate.check(requirement),
    checkMount({ originalUrl, mountPath }) {
      const [path = ''] = originForm(originalUrl).split('?', 1)
      if (path !== auth.paths.callback) return
      throw new ConfigurationError(
        'routes.callback',
        'does not match the path under which TikTok calls back.',
        `Give it as the mounted app sees it: \`redirectUri\` without what \`app.use\` was given${mountPath ? ` (here \`${mountPath}\`)` : ''}.`,
      )
    },
    async open(request, hooks = {}) {
      const signedIn = await whoIs(request, hooks)
      const opened = createRequestState({
        auth,
        signedIn,
        endSession: (openId) => request.setHeaders(auth.endSession(openId)),
        userInfoFields: (scope) => fieldsFor(options.userInfo, scope),
      })
      const page = {
        method: request.method,
        header: (name: string) => request.header(name),
        returnTo: publicPath(request, auth.paths.base),
      }
      return {
        state: opened.state,
        headers: signedIn?.headers ?? [],
        requireLogin: (requirement) => gate.enter(opened, page, requirement),
        recover: (error) => gate.recover(error, page),
      }
    },
  }
}

/** A proxy may have cut a prefix off that the browser has to send again: it shows where the mount path is known. */
function publicPath({ originalUrl, mountPath }: VisitRequest, publicBase: string): string {
  const path = originForm(originalUrl)
  return mountPath !== undefined && publicBase.endsWith(mountPath)
    ? publicBase.slice(0, publicBase.length - mountPath.length) + path
    : path
}

function fieldsFor(
  wanted: TikTokAuthOptions['userInfo'],
  scope: readonly string[],
): readonly UserInfoField[] {
  if (Array.isArray(wanted)) return wanted
  return userInfoFieldsFor(scope)
}
