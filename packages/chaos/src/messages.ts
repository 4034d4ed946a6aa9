/** The stores that are put to the test. */
export type StoreKind = 'sqlite' | 'redis' | 'postgres'
export const storeKinds: readonly StoreKind[] = ['sqlite', 'redis', 'postgres']

/** The instants of a refresh at which a process can be told to stand still: to be killed there, or to go on later. */
export const points = ['before claim', 'after claim', 'answered', 'after settle'] as const
export type Point = (typeof points)[number]

/** How a worker's own store misbehaves. */
export interface StoreTrouble {
  /** Every call fails, nothing is done. */
  readonly down?: boolean
  /** Share of the writes that take effect and then fail all the same, and the seed that says which. */
  readonly lostAcknowledgements?: { readonly share: number; readonly seed: number }
}

/** What a worker needs to take part. */
export interface WorkerSettings {
  readonly kind: StoreKind
  readonly address: string
  /** Keeps apart what is tested one after the other on one server. */
  readonly space: string
  readonly tokenEndpoint: string
  readonly revocationEndpoint: string
  readonly clientKey: string
  readonly clientSecret: string
  readonly timeoutMs: number
  readonly leaseMs: number
  readonly waitMs: number
  readonly skewMs: number
}

/** From the parent to a worker. */
export type Command =
  | { readonly type: 'start'; readonly id: number; readonly settings: WorkerSettings }
  | { readonly type: 'clock'; readonly offsetMs: number }
  | { readonly type: 'stop at'; readonly point: Point | undefined }
  | { readonly type: 'trouble'; readonly trouble: StoreTrouble }
  /** `insistMs`: ask again until there is a token or the word that there will be none. */
  | {
      readonly type: 'get'
      readonly id: number
      readonly openIds: readonly string[]
      readonly callers: number
      readonly insistMs: number
    }
  | { readonly type: 'revoke'; readonly id: number; readonly openId: string }
  | { readonly type: 'end'; readonly id: number }

/** What the callers for one user got. */
export interface Got {
  readonly openId: string
  /** The different access tokens that callers were given. */
  readonly accessTokens: readonly string[]
  /** The codes, or messages, of what callers were given instead. */
  readonly failures: readonly string[]
  /** When the last caller had its answer, in Unix milliseconds with fractions. */
  readonly at: number
}

/** What a write was about to put into a row. */
export interface Write {
  readonly key: string
  /** The revision to be replaced; missing for an insert. */
  readonly expected?: string
  readonly revision: string
  /** Missing for a tombstone. */
  readonly refreshToken?: string
  /** Which claim stands in the row from then on; renewals keep it. */
  readonly claim?: string
}

/** From a worker to the parent. All of it is sent before the worker goes on, so that a kill loses none. */
export type Report =
  | { readonly type: 'done'; readonly id: number; readonly got: readonly Got[] }
  | { readonly type: 'failed'; readonly id: number; readonly message: string }
  | { readonly type: 'writing'; readonly write: Write }
  | { readonly type: 'written'; readonly revision: string; readonly at: number }
  | { readonly type: 'sending'; readonly refreshToken: string }
  | { readonly type: 'answered'; readonly consumed: string; readonly refreshToken: string }
  | { readonly type: 'at'; readonly point: Point }
  | { readonly type: 'event'; readonly name: string }
