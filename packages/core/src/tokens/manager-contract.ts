import type { TokenSet } from '../protocol/token-set.ts'
import type { RemoteRevocation } from './events.ts'
import type { RefreshDueOptions, RefreshReport } from './grant-due.ts'
import type { ResealOptions, ResealReport } from './grant-reseal.ts'
import type { GrantStatus } from './grant-status.ts'

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
   * @throws `store`; `refresh_pending` when this manager is closed and somebody else is refreshing. Once the row is
   *   marked the grant is out of use; a second call, or `refreshDue` of any process, finishes its removal.
   */
  revoke(openId: string): Promise<{ readonly remote: RemoteRevocation }>
  /**
   * Tells where the grant stands. No refresh, no token.
   *
   * @throws `store`.
   */
  status(openId: string): Promise<GrantStatus>
  /**
   * Takes over a grant from another system, whose refresh token is used up by it: one immediate refresh learns the
   * open id and the deadlines. The grant gets a connection of its own.
   *
   * Take the token away from the other system first: two systems that refresh one grant end it. Once TikTok has
   * answered, storing is tried until it is done, whoever still waits; an event tells when it is delayed. Asking again
   * with the same token joins an adoption under way.
   *
   * @throws `oauth_response` when TikTok refuses the token; `network` and `unexpected_response`, after which it may be
   *   used up; `refresh_pending` when it is not done within `waitMs` and goes on; `configuration`.
   */
  adopt(tokens: { readonly refreshToken: string }): Promise<GrantStatus>
  /**
   * Refreshes what is due, whether its access token is still fresh or not, and finishes revocations that were left.
   *
   * For a timer or a job: any number of processes may call it at once, claims make their work disjoint. It never waits
   * for a claim or a back-off of somebody else. TikTok's 429 ends the batch and keeps the next ones from beginning for
   * as long as TikTok asks, at most five minutes (ten seconds where TikTok does not say). The brake ends a batch, with
   * the event `brake_applied`, when at least five grants and more than a fifth of those answered were refused; the next
   * batch then begins with one grant alone. Rows that cannot be read are left out for an hour.
   *
   * @throws `configuration` when the store has no `due`, or an option cannot work; `store` when it fails to say what is due.
   */
  refreshDue(options?: RefreshDueOptions): Promise<RefreshReport>
  /**
   * Tries the refresh token of a rejected grant once more, for the time after an incident at TikTok. Does nothing to a
   * grant that is not rejected.
   *
   * @throws `refresh_pending` when TikTok has not answered within `waitMs`; `store`; and what the refresh failed with,
   *   after which the grant is tried like any other.
   */
  retryRejected(openId: string): Promise<GrantStatus>
  /**
   * Encrypts every row anew that does not rest under the newest key, while everything else goes on. Rows in use are
   * skipped and counted: call it again until none is left, then drop the old key.
   *
   * @throws `configuration` when the store has no `scan`, or `perSecond` cannot work; `store` when it fails to list rows.
   */
  reseal(options?: ResealOptions): Promise<ResealReport>
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
