import type { EmulatorBehavior } from './behavior.ts'

/** The platform under which an app is registered at TikTok; it decides redirect rules and PKCE. */
export type ClientPlatform = 'web' | 'desktop'

/** An app as it is registered in TikTok's developer portal. */
export interface ClientOptions {
  /** The app's key. */
  readonly clientKey: string
  /** The app's secret. */
  readonly clientSecret: string
  /** The registered redirect URIs; TikTok's rules for the platform apply. */
  readonly redirectUris: readonly string[]
  /** `web`: https addresses, no PKCE. `desktop`: loopback addresses with a port, PKCE demanded. */
  readonly platform: ClientPlatform
  /** The name on the consent page; the client key unless told. */
  readonly name?: string
  /** The scopes that TikTok approved; all of the login and video groups unless told. */
  readonly scopes?: readonly string[]
  /** Makes this a sandbox: only these users, by id or username, may sign in. */
  readonly sandbox?: { readonly targetUsers: readonly string[] }
  /** Who owns the app: a user's `union_id` is the same in all apps of one developer. */
  readonly developer?: string
  /** `required` makes a web app demand PKCE, as some do. */
  readonly pkce?: 'required'
  /** `false` makes this a draft that was not reviewed yet: TikTok refuses its key. */
  readonly approved?: boolean
}

/** Somebody with an account at the emulated TikTok. */
export interface UserOptions {
  /** Identifies the user to the emulator only; made up unless told. */
  readonly id?: string
  /** The name people see. */
  readonly displayName: string
  /** The name in the profile's address; derived from the display name unless told. */
  readonly username?: string
  /** The profile's text. */
  readonly bioDescription?: string
  /** Whether the account has the verified mark. */
  readonly isVerified?: boolean
  /** How many people follow the user. */
  readonly followerCount?: number
  /** How many people the user follows. */
  readonly followingCount?: number
  /** How many likes the user's videos have. */
  readonly likesCount?: number
  /** The titles of the user's public videos, newest first. */
  readonly videos?: readonly string[]
}

/** What {@link createEmulator} needs to know. */
export interface EmulatorOptions {
  /** The registered apps. */
  readonly clients: readonly ClientOptions[]
  /** The people who have an account; three of them unless told. */
  readonly users?: readonly UserOptions[]
  /** Where to depart from TikTok's documented behaviour. */
  readonly behavior?: Partial<EmulatorBehavior>
  /** The clock under the emulator's own, in milliseconds since 1970; `Date.now` unless told. */
  readonly now?: () => number
  /**
   * A file that keeps users, grants with their tokens, and how far the clock was moved, so that a restart ends no login; made where there is
   * none (0600). What it holds goes before `users`. Requests, faults, codes and client tokens are forgotten. One emulator
   * at a time. Default: none, everything is forgotten.
   */
  readonly stateFile?: string
}
