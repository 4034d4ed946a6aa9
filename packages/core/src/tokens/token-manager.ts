import { ConfigurationError } from '../errors.ts'
import type { TikTokClient } from '../protocol/client.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import { apiFetch } from './api-fetch.ts'
import { createBackground } from './background.ts'
import { createClaimWatch } from './claim-watch.ts'
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import { createEmit } from './events.ts'
import { createAdopter } from './grant-adopt.ts'
import { createGrantAccess } from './grant-access.ts'
import type { GrantContext } from './grant-claim.ts'
import { parseTokenSet } from './grant-codec.ts'
import { createDueRefresher } from './grant-due.ts'
import { createGrantRefresher } from './grant-refresher.ts'
import { reseal } from './grant-reseal.ts'
import { retryRejected } from './grant-retry.ts'
import { createGrantRevoker } from './grant-revoke.ts'
import type { GrantKey } from './grant-rows.ts'
import { createGrantRows, dueAtOf } from './grant-rows.ts'
import { saveGrant } from './grant-save.ts'
import { statusOf } from './grant-status.ts'
import type { TokenManager } from './manager-contract.ts'
import type { ManagerSettings, TokenManagerOptions } from './manager-options.ts'
import { checkClient, checkManagerOptions, checkSignal, checkStore } from './manager-options.ts'
import { rowKey, rowKeyPrefix } from './row-key.ts'
import { createStoreCall } from './store-call.ts'
import { leadOf } from './token-age.ts'
import type { TokenStore } from './token-store.ts'
import { createUsedTokens } from './used-tokens.ts'

export type { TokenEvent } from './events.ts'
export type { RefreshDueOptions, RefreshReport } from './grant-due.ts'
export type { ResealOptions, ResealReport } from './grant-reseal.ts'
export type { GrantStatus } from './grant-status.ts'
export type { TokenManager, TokenRequest } from './manager-contract.ts'
export type { TokenManagerOptions } from './manager-options.ts'

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
  const { waitMs } = settings
  const prefix = rowKeyPrefix(client.clientKey)
  const keyOf = (openId: string): GrantKey => ({ key: rowKey(prefix, openId), openId })
  const adopter = createAdopter(context, { keyOf, waitMs })
  const refreshDue = createDueRefresher({ context, refresher, revoker, prefix, store })

  return {
    async save(tokenSet) {
      const checked = parseTokenSet(tokenSet)
      if (checked === undefined) throw new ConfigurationError('tokenSet', 'must be a complete token set.')
      const record = await saveGrant(context, keyOf(checked.openId), { tokenSet: checked })
      return statusOf(checked.openId, record)
    },
    async get(openId, request = {}) {
      checkSignal(request.signal)
      return access({ ...request, grant: keyOf(openId) })
    },
    async fetch(openId, path, init) {
      const grant = keyOf(openId)
      const signal = init?.signal ?? undefined
      checkSignal(signal)
      const tokens = (refusedAccessToken: string | undefined): Promise<TokenSet> =>
        access({ grant, refusedAccessToken, signal })
      return apiFetch({ client, clock, tokens }, path, init)
    },
    async revoke(openId) {
      return { remote: await revoker.revoke(keyOf(openId)) }
    },
    async status(openId) {
      return statusOf(openId, (await rows.read(keyOf(openId)))?.record)
    },
    async adopt(tokens) {
      const record = await adopter(tokens?.refreshToken)
      return statusOf(record.tokenSet.openId, record)
    },
    refreshDue,
    async retryRejected(openId) {
      return statusOf(openId, await retryRejected(context, refresher, { grant: keyOf(openId), waitMs }))
    },
    reseal: (options = {}) => reseal(context, { store, prefix }, options),
    close: () => background.close(),
  }
}

function createContext(
  clock: Clock,
  { leadMs, leaseMs, keepFresh, onEvent, waitUntil }: ManagerSettings,
  { client, store }: { readonly client: TikTokClient; readonly store: TokenStore },
): GrantContext {
  const emit = createEmit(onEvent)
  const call = createStoreCall(clock)
  return {
    client,
    clock,
    call,
    rows: createGrantRows(store, { clock, emit, call }),
    watch: createClaimWatch(clock),
    background: createBackground(clock, waitUntil),
    emit,
    leaseMs,
    dueAt(tokenSet) {
      return dueAtOf(tokenSet, keepFresh === 'access' ? leadOf(tokenSet, leadMs) : undefined)
    },
    unsettled: new Map(),
    used: createUsedTokens(clock, leaseMs),
  }
}
