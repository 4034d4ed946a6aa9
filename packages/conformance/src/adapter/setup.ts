import type { TikTokAuthOptions } from '@tiktok-auth/core'

/**
 * What to serve: plain JSON, so that the app may run in another process or on another runtime.
 *
 * `prepareSite` turns it into options, hooks and routes, next to the adapter.
 */
export interface SiteSetup {
  /** One app, or several in one process. */
  readonly apps: readonly AppSetup[]
  /** Cookies that middleware of the site's own sets on every answer, before any adapter has its turn. */
  readonly cookies: readonly string[]
  /** `recorded`: errors reach {@link Site.failed}. `default`: the framework answers them, as it comes. */
  readonly errors: 'recorded' | 'default'
}

/** One app of a site. */
export interface AppSetup {
  /** What the case changes about the options. */
  readonly options: AppOptions
  /** Where the framework mounts the app; empty for the root. */
  readonly mountPath: string
  /** Stands in front of the paths of the app's own pages, so that two apps on one site do not meet. */
  readonly prefix: string
  /** What the app decides when a login starts. */
  readonly onStart?: StartBehavior
  /** What the app does with a finished login. */
  readonly onLogin?: LoginBehavior
  /** `refuses`: every write to the store fails. */
  readonly store?: 'refuses'
  /**
   * Where users are the application's own (`session: { identify }`), how it knows them: by the `openId` that the
   * `x-app-user` header names, or by a session of its own that `onLogin` begins.
   */
  readonly users?: 'by-header' | 'by-session'
}

/** The options of an adapter that are plain JSON. */
export type AppOptions = Pick<
  TikTokAuthOptions,
  | 'clientKey'
  | 'clientSecret'
  | 'redirectUri'
  | 'secret'
  | 'scope'
  | 'optionalScope'
  | 'requireScope'
  | 'userInfo'
  | 'routes'
  | 'defaultReturnTo'
  | 'returnToOrigins'
  | 'trustedOrigins'
  | 'endpoints'
  | 'timeoutMs'
> & { readonly session?: { readonly lifetimeMs?: number; readonly idleMs?: number } }

/** How `onStart` behaves. */
export type StartBehavior =
  | { readonly kind: 'throws' }
  /** Gives application data of that many characters. */
  | { readonly kind: 'data'; readonly length: number }
  /** Binds the login to the user whom the `x-app-user` header names. */
  | { readonly kind: 'binds' }

/**
 * How `onLogin` behaves. Each kind that does not throw remembers the login.
 *
 * `throws-together`: it waits until two logins are there, and fails both with one error.
 */
export type LoginBehavior = 'remembers' | 'throws' | 'throws-together' | 'answers' | 'answers-later'
