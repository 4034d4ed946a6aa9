import { isTikTokAuthError, ReauthorizationRequiredError } from '../errors.ts'
import type { UserInfo, UserInfoField } from '../protocol/user-info.ts'
import type { GrantStatus, TokenManager } from '../tokens/token-manager.ts'
import type { SignedIn, TikTokAuth } from './contract.ts'

/**
 * What handlers get on every request: `req.tiktok` on Express, `ctx.state.tiktok` on Koa, and so on.
 *
 * It is always there. While nobody is signed in, `openId` is `undefined` and every method rejects with
 * `reauthorization_required`.
 */
export interface RequestState {
  /** Names the user who is signed in on this browser, or nobody. */
  readonly openId: string | undefined
  /** Lists what the user granted. Known after `requireLogin()` or the first method used; empty before. */
  readonly scope: readonly string[]
  /** Gives a living access token, refreshed first if need be. */
  accessToken(): Promise<string>
  /** Sends one request to TikTok's API with the user's token; on a refused token, one refresh and one repeat. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Reads the user's profile. Default: the fields that the granted scopes allow. */
  userInfo(fields?: readonly UserInfoField[]): Promise<UserInfo>
  /** Says where the grant stands. No refresh, no token. */
  status(): Promise<GrantStatus>
  /** Ends the session on this browser and leaves the grant alone. Call it before the answer is sent. */
  logout(): Promise<void>
  /** Revokes the grant at TikTok, removes it here and ends the session. Call it before the answer is sent. */
  disconnect(): ReturnType<TokenManager['revoke']>
}

/** What a request's state is made from. */
export interface RequestStateParts {
  readonly auth: Pick<TikTokAuth, 'client' | 'tokens'>
  readonly signedIn: SignedIn | undefined
  /** Ends the session on this browser: puts the deleting cookie on the answer. */
  endSession(openId: string): void
  /** The fields to ask for when a handler names none. */
  userInfoFields(scope: readonly string[]): readonly UserInfoField[]
}

/** A request's state and the check behind it, which only a gate needs. */
export interface OpenedState {
  readonly state: RequestState
  /** Reads the grant once per request and compares its connection with the session's. */
  verify(): Promise<GrantStatus>
}

/** Creates the state of one request. Nothing is read before a method needs it. */
export function createRequestState(parts: RequestStateParts): OpenedState {
  const { auth } = parts
  let current = parts.signedIn
  let verified: Promise<GrantStatus> | undefined

  function user(): SignedIn {
    if (current === undefined) throw new ReauthorizationRequiredError('signed_out')
    return current
  }

  async function status(): Promise<GrantStatus> {
    const { openId, connectionId } = user()
    const grant = await auth.tokens.status(openId)
    // The grant ended and was given anew since: this session belongs to the one that ended.
    if (grant.state === 'connected' && connectionId !== undefined && connectionId !== grant.connectionId) {
      throw new ReauthorizationRequiredError('signed_out')
    }
    return grant
  }

  async function readGrant(): Promise<GrantStatus> {
    const grant = await status()
    if (grant.state === 'needs_login') throw new ReauthorizationRequiredError(reasonOf(grant))
    state.scope = grant.scope
    return grant
  }

  async function verify(): Promise<GrantStatus> {
    verified ??= readGrant()
    return verified
  }

  async function accessToken(refusedAccessToken?: string): Promise<string> {
    await verify()
    const { openId, connectionId } = user()
    const tokenSet = await auth.tokens.get(openId, {
      ...(refusedAccessToken !== undefined && { refusedAccessToken }),
      ...(connectionId !== undefined && { connectionId }),
    })
    state.scope = tokenSet.scope
    return tokenSet.accessToken
  }

  async function userInfo(fields?: readonly UserInfoField[]): Promise<UserInfo> {
    const token = await accessToken()
    const wanted = fields ?? parts.userInfoFields(state.scope)
    try {
      return await auth.client.userInfo(token, wanted)
    } catch (error) {
      if (!refusesToken(error)) throw error
      return auth.client.userInfo(await accessToken(token), wanted)
    }
  }

  function end(): void {
    const { openId } = user()
    parts.endSession(openId)
    current = undefined
    verified = undefined
    state.openId = undefined
    state.scope = []
  }

  // No getters: V8 gives each object that is made with one a hidden class of its own, and keeps that, with the whole
  // request behind it, until the next full collection.
  const state: { -readonly [Member in keyof RequestState]: RequestState[Member] } = {
    openId: current?.openId,
    scope: [],
    accessToken: () => accessToken(),
    fetch: async (path, init) => {
      await verify()
      return auth.tokens.fetch(user().openId, path, init)
    },
    userInfo,
    status,
    logout: async () => end(),
    disconnect: async () => {
      const { openId } = await status()
      const revoked = await auth.tokens.revoke(openId)
      end()
      return revoked
    },
  }
  return { state, verify }
}

function reasonOf({ cause }: GrantStatus): 'no_grant' | 'refresh_token_rejected' | 'ambiguous' {
  return cause === 'refresh_token_rejected' || cause === 'ambiguous' ? cause : 'no_grant'
}

function refusesToken(error: unknown): boolean {
  return isTikTokAuthError(error) && error.code === 'oauth_response' && error.error === 'access_token_invalid'
}
