import type { TokenSet } from '../protocol/token-set.ts'

/** What a login is started with. */
export interface StartOptions {
  /** Where the browser goes afterwards; already checked. */
  readonly returnTo?: string
  readonly scope?: readonly string[]
  /** Sealed; must be the same at the end, so that nobody finishes a login somebody else began. */
  readonly bind?: string
  /** Application data; comes back, sealed on the way. */
  readonly data?: unknown
  readonly forceConsent?: boolean
}

/** A login that is complete: TikTok gave tokens to the browser that asked. */
export interface FinishedLogin {
  readonly tokenSet: TokenSet
  readonly openId: string
  /** What was granted. */
  readonly scope: readonly string[]
  /** What was asked for and not granted. */
  readonly missingScope: readonly string[]
  readonly returnTo: string | undefined
  readonly data: unknown
}

/** The browser round trip, without any storage. */
export interface LoginFlow {
  /** `transaction` is opaque and sealed; keep it in this browser and nowhere else. */
  start(
    options?: StartOptions,
  ): Promise<{ readonly url: URL; readonly transaction: string; readonly state: string }>
  finish(callback: {
    readonly query: URLSearchParams
    readonly transaction: string | undefined
    readonly bind?: string
  }): Promise<FinishedLogin>
}
