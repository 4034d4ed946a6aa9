import { ConfigurationError } from '../errors.ts'
import type { TikTokClient } from '../protocol/client.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import { apiFetch } from './api-fetch.ts'
import { createBackground } from './background.ts'
import { createClaimWatch } from './claim-watch.ts'
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import type { RemoteRevocation } from './events.ts'
import { createEmit } from './events.ts'
import { createGrantAccess } from './grant-access.ts'
import type { GrantContext } from './grant-claim.ts'
import { parseTokenSet } from './grant-codec.ts'
import { createGrantRefresher } from './grant-refresher.ts'
import { createGrantRevoker } from './grant-revoke.ts'
import type { GrantKey } from './grant-rows.ts'
import { createGrantRows, dueAtOf } from './grant-rows.ts'
import { saveGrant } from './grant-save.ts'
import type { GrantStatus } from './grant-status.ts'
import { statusOf } from './grant-status.ts'
import type { ManagerSettings, TokenManagerOptions } from './manager-options.ts'
import { checkClient, checkManagerOptions, checkStore } from './manager-options.ts'
import { rowKey, rowKeyPrefix } from './row-key.ts'
import { leadOf } from './token-age.ts'
import type { TokenStore } from './token-store.ts'

export type { TokenEvent } from './events.ts'
export type { GrantStatus } from './grant-status.ts'
export type { TokenManagerOptions } from './manager-options.ts'

/** Gives a living access token for a user, at any moment, from any number of processes. */
export interface TokenManager {
  /**
   * Stores a login, replacing the user's earlier grant, an unreadable row or a tombstone.
   *
   * @throws `store`; `configuration` when `tokenSet` is no token set.
   */
  save(tokenSet: TokenSet): Promise<GrantStatus>
  /**
   * Gives a usable token set, refreshed first if need be, within `waitMs`.
   *
   * Report a token that TikTok refused as `refusedAccessToken`: however many callers report the same one, it is
   * refreshed once. With `connectionId` only the grant of that connection is given. `signal` ends the caller's
   * waiting; a refresh that has begun goes on.
   *
   * @throws `reauthorization_required`; `refresh_pending` with the time to wait; `store`; and what the refresh failed
   *   with: `network`, `oauth_response`, `unexpected_response`.
   */
  get(openId: string, options?: TokenRequest): Promise<TokenSet>
  /**
   * Sends a request to TikTok's API; on 401 `access_token_invalid` one refresh and one repeat, except for bodies that
   * can be read only once. A token younger than a minute is not refreshed: the 401 is returned.
   *
   * @throws what {@link TokenManager.get} throws; `network`; `configuration` for an address outside TikTok's API.
   */
  fetch(openId: string, path: string, init?: RequestInit): Promise<Response>
  /**
   * Disconnects the user: revoked at TikTok, removed here. Idempotent; never throws for TikTok's sake.
   *
   * TikTok takes a revocation as the end of the app's connection with the user as a whole.
   *
   * @throws `store`. The grant is out of use then, and a second call finishes its removal.
   */
  revoke(openId: string): Promise<{ readonly remote: RemoteRevocation }>
  /**
   * Tells where the grant stands. No refresh, no token.
   *
   * @throws `store`.
   */
  status(openId: string): Promise<GrantStatus>
  /** Waits, at most two minutes, for refreshes in flight to be stored; then no timer keeps the process alive. */
  close(): Promise<void>
}

/** What a caller of {@link TokenManager.get} may add. */
export interface TokenRequest {
  /** The access token that TikTok answered with `access_token_invalid`. */
  readonly refusedAccessToken?: string
  /** The connection that the caller's session belongs to. */
  readonly connectionId?: string
  /** Ends the waiting of this caller only. */
  readonly signal?: AbortSignal
}

/**
 * Creates the keeper of grants: one refresh per rotation, in any number of processes that share `store`.
 *
 * @throws `configuration` naming the option or the store method at fault.
 * @example
 * const tokens = createTokenManager(client, memoryTokenStore())
 * await tokens.save(await client.exchangeCode({ code }))
 * const { accessToken } = await tokens.get(openId)
 */
export function createTokenManager(
  client: TikTokClient,
  store: TokenStore,
  options: TokenManagerOptions = {},
): TokenManager {
  checkClient(client)
  checkStore(store)
  const settings = checkManagerOptions(client, options)
  return createManagerOn(systemClock(settings.now ?? client.now ?? Date.now), settings, { client, store })
}

/** {@link createTokenManager} with a clock of the caller's choice; for this package's own tests. */
export function createManagerOn(
  clock: Clock,
  settings: ManagerSettings,
  { client, store }: { readonly client: TikTokClient; readonly store: TokenStore },
): TokenManager {
  const context = createContext(clock, settings, { client, store })
  const { rows, background } = context
  const refresher = createGrantRefresher(context)
  const access = createGrantAccess(context, refresher, settings)
  const revoker = createGrantRevoker(context, refresher)
  const prefix = rowKeyPrefix(client.clientKey)
  const keyOf = (openId: string): GrantKey => ({ key: rowKey(prefix, openId), openId })

  return {
    async save(tokenSet) {
      const checked = parseTokenSet(tokenSet)
      if (checked === undefined) throw new ConfigurationError('tokenSet', 'must be a complete token set.')
      return statusOf(checked.openId, await saveGrant(context, keyOf(checked.openId), checked))
    },
    async get(openId, request = {}) {
      return access({ ...request, grant: keyOf(openId) })
    },
    async fetch(openId, path, init) {
      const grant = keyOf(openId)
      const signal = init?.signal ?? undefined
      const tokens = (refusedAccessToken: string | undefined): Promise<TokenSet> =>
        access({ grant, refusedAccessToken, signal })
      return apiFetch({ client, clock, tokens }, path, init)
    },
    async revoke(openId) {
      return { remote: await revoker(keyOf(openId)) }
    },
    async status(openId) {
      return statusOf(openId, (await rows.read(keyOf(openId)))?.record)
    },
    close: () => background.close(),
  }
}

function createContext(
  clock: Clock,
  { leadMs, leaseMs, keepFresh, onEvent, waitUntil }: ManagerSettings,
  { client, store }: { readonly client: TikTokClient; readonly store: TokenStore },
): GrantContext {
  const emit = createEmit(onEvent)
  return {
    client,
    clock,
    rows: createGrantRows(store, clock, emit),
    watch: createClaimWatch(clock),
    background: createBackground(clock, waitUntil),
    emit,
    leaseMs,
    dueAt(tokenSet) {
      return dueAtOf(tokenSet, keepFresh === 'access' ? leadOf(tokenSet, leadMs) : undefined)
    },
    unsettled: new Map(),
  }
}
