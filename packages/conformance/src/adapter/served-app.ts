import type { Case } from '../case.ts'
import type { Fingerprint } from './fingerprint.ts'
import type { SiteSetup } from './setup.ts'

/** A site that is being served on the loopback interface. */
export interface ServedApp {
  /** Where it listens: `http://127.0.0.1:43817`. */
  readonly origin: string
  /** Stops it, connections still open included. */
  close(): Promise<void>
  /** What it has printed, where that is another process; what this one prints the kit sees by itself. */
  printed?(): readonly string[]
}

/** Serves a site with the adapter under test: what an adapter's author writes. */
export type ServeApp = (setup: SiteSetup) => Promise<ServedApp>

/** A part of an adapter that another kind of adapter may not have. */
export type AdapterFeature =
  /** A signed-in session of its own, in a sealed cookie. */
  | 'session'
  /** `requireLogin` and `recover`. */
  | 'requireLogin'
  /** The request state: tokens, API calls, logout and disconnect from handlers. */
  | 'state'
  /** The logout and disconnect routes. */
  | 'endRoutes'
  /** An error path that knows which request has failed: several may fail with one error. */
  | 'errorRequest'
  /** `onLogin`. */
  | 'onLogin'
  /** `onStart`. */
  | 'onStart'
  /** The options `optionalScope`, `requireScope`, `returnToOrigins` and what else concerns the composition. */
  | 'options'
  /** `session: { identify }`: users of the application's own. */
  | 'identify'
  /** A session of the application's own, kept by whatever its framework usually has for that. */
  | 'appSession'
  /** Several apps in one process. */
  | 'several'
  /** Mounting below a path of the framework's choice. */
  | 'mounting'

/** One rule for adapters. Resolves to what the adapter did, for comparing adapters with each other. */
export interface AdapterCase extends Case<ServedApp, SiteSetup, Fingerprint> {
  /** What an adapter must have for the case to apply. */
  readonly needs: readonly AdapterFeature[]
}
