import type { AuthAnswer, AuthHooks, Login, StartHookResult, TikTokAuthOptions } from './contract.ts'

type SessionOption<Request> = Exclude<TikTokAuthOptions<Request>['session'], undefined>

/** The hooks of an application, in a framework's own terms. `Native`: the request, and what else each hook gets. */
export interface NativeHooks<Native extends readonly [request: unknown, ...others: unknown[]]> {
  /** Decides about a login that is about to start. */
  onStart?(request: Native[0]): StartHookResult | undefined | Promise<StartHookResult | undefined>
  /** Runs when a login is complete. What it gives is waited for: `'handled'` says that it answers the request. */
  onLogin?(login: Login, ...native: Native): unknown
  /** Where `identify` is, if the application has users of its own. */
  readonly session?: SessionOption<Native[0]>
}

/** What an adapter can do about the answer to one request. */
export interface NativeAnswer {
  /** Puts headers on it. */
  setHeaders(headers: AuthAnswer['headers']): void
  /** Takes cookies back that were put on it. */
  dropCookies(headers: AuthAnswer['headers']): void
  /** Called before `onLogin` runs; what it gives tells afterwards whether the application has answered. */
  watch(): () => boolean
}

/** The application's hooks for one request. */
export interface RequestHooks extends AuthHooks {
  /** Whether `onLogin` has answered the request, or will. */
  answered(): boolean
}

/** Binds the hooks of an application to one request, for frameworks whose answers are written to. */
export function bindHooks<Native extends readonly [request: unknown, ...others: unknown[]]>(
  hooks: NativeHooks<Native>,
  native: Native,
  answer: NativeAnswer,
): RequestHooks {
  const [request] = native
  let handled = false
  return {
    answered: () => handled,
    ...(hooks.onStart && { onStart: () => hooks.onStart?.(request) }),
    ...bindIdentify(hooks, request),
    ...(hooks.onLogin && {
      async onLogin(login, headers) {
        // They are there before the hook runs, so that an answer of its own loses no cookie.
        answer.setHeaders(headers)
        const isAnswered = answer.watch()
        try {
          handled = (await hooks.onLogin?.(login, ...native)) === 'handled' || isAnswered()
          return handled ? 'handled' : undefined
        } catch (error) {
          answer.dropCookies(headers)
          throw error
        }
      },
    }),
  }
}

/**
 * Binds `session.identify` to one request; nothing where the application has no users of its own.
 *
 * It is asked once: the route that is answered must not hear anything else than the handlers do.
 */
export function bindIdentify<Request>(
  { session }: { readonly session?: SessionOption<Request> },
  request: Request,
): Pick<AuthHooks, 'identify'> {
  if (!session || !('identify' in session)) return {}
  let identity: Promise<string | undefined> | undefined
  return { identify: () => (identity ??= (async () => session.identify(request))()) }
}
