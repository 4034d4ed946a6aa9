import { ConfigurationError } from '../errors.ts'
import { assertMembers } from '../protocol/assert.ts'
import type { TikTokClient } from '../protocol/client.ts'
import type { TokenEvent } from './events.ts'
import type { TokenStore } from './token-store.ts'

/** Options of {@link createTokenManager}. Durations in milliseconds. */
export interface TokenManagerOptions {
  /**
   * How long before its end a token is refreshed; never more than a quarter of its life. Default: 5 minutes, ±10 %.
   */
  readonly leadMs?: number
  /** Life of a claim. At least 2 × the client's `timeoutMs` + 10 s, which is the default from 30 000 on. */
  readonly leaseMs?: number
  /** Bound of a caller's whole `get`. Default 15 000. */
  readonly waitMs?: number
  /** What `dueAt` keeps alive: the grant, or every access token. Default `grant`. */
  readonly keepFresh?: 'grant' | 'access'
  /** For logs and metrics; carries no secret. What it throws is ignored. */
  readonly onEvent?: (event: TokenEvent) => void
  /** Keeps the host alive until a refresh is stored (Workers, Vercel, Lambda). */
  readonly waitUntil?: (work: Promise<unknown>) => void
  /** The wall clock. Default: the client's. */
  readonly now?: () => number
}

/** The options, checked and with their defaults. */
export interface ManagerSettings {
  readonly leadMs: number | undefined
  readonly leaseMs: number
  readonly waitMs: number
  readonly keepFresh: 'grant' | 'access'
  readonly onEvent: ((event: TokenEvent) => void) | undefined
  readonly waitUntil: ((work: Promise<unknown>) => void) | undefined
  readonly now: (() => number) | undefined
}

// What a timer can hold; a longer one would fire at once.
const longestMs = 2 ** 31 - 1
const defaultLeaseMs = 30_000
const defaultWaitMs = 15_000

/** Every option of a token manager. */
export const managerOptionNames: readonly string[] = [
  'leadMs',
  'leaseMs',
  'waitMs',
  'keepFresh',
  'onEvent',
  'waitUntil',
  'now',
]

/** @throws `configuration` naming the option that cannot work. */
export function checkManagerOptions(client: TikTokClient, options: TokenManagerOptions): ManagerSettings {
  assertMembers(options, 'options', managerOptionNames)
  const { leadMs, leaseMs, waitMs = defaultWaitMs, keepFresh = 'grant', onEvent, waitUntil, now } = options
  const leastLeaseMs = 2 * client.timeoutMs + 10_000
  if (leadMs !== undefined) requireDuration('leadMs', leadMs, 0)
  requireDuration('waitMs', waitMs, 1)
  const lease = leaseMs ?? Math.max(defaultLeaseMs, leastLeaseMs)
  requireDuration('leaseMs', lease, leastLeaseMs)
  if (keepFresh !== 'grant' && keepFresh !== 'access') {
    throw new ConfigurationError('keepFresh', "must be 'grant' or 'access'.")
  }
  requireFunction('onEvent', onEvent)
  requireFunction('waitUntil', waitUntil)
  requireFunction('now', now)
  return { leadMs, leaseMs: lease, waitMs, keepFresh, onEvent, waitUntil, now }
}

const storeHint =
  'A token store needs three atomic methods, read, insert and replace; wrap a plain key-value object with singleProcessTokenStore.'

/** @throws `configuration` naming the method that `store` lacks. */
export function checkStore(store: TokenStore): void {
  for (const method of ['read', 'insert', 'replace'] as const) {
    if (typeof store?.[method] !== 'function') {
      throw new ConfigurationError(
        'store',
        `must have a \`${method}\` method.`,
        store instanceof Promise ? 'It is a promise: await it first.' : storeHint,
      )
    }
  }
}

/** @throws `configuration` when `client` is not what createTikTokClient makes. */
export function checkClient(client: TikTokClient): void {
  for (const method of ['refresh', 'revoke', 'fetch'] as const) {
    if (typeof client?.[method] !== 'function') {
      throw new ConfigurationError(
        'client',
        `must have a \`${method}\` method; make it with createTikTokClient.`,
      )
    }
  }
}

/** @throws `configuration` when `signal` is there and is none. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw new ConfigurationError('signal', 'must be an AbortSignal.')
  }
}

function requireDuration(option: string, value: unknown, least: number): void {
  if (typeof value !== 'number' || !(value >= least && value <= longestMs)) {
    throw new ConfigurationError(option, `must be a number of milliseconds from ${least} to ${longestMs}.`)
  }
}

function requireFunction(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') {
    throw new ConfigurationError(option, 'must be a function.')
  }
}
