export * from './errors.ts'
export { createSealer, createSecretSealer, SealError } from './sealer.ts'
export type { SealContext, Sealer, SealFailure, SealingKey } from './sealer.ts'
export {
  fetchTransport,
  TransportError,
  type HttpAbort,
  type HttpReply,
  type HttpRequest,
  type HttpTransport,
} from './http.ts'
export {
  undiciTransport,
  type UndiciController,
  type UndiciHandler,
  type UndiciHeaders,
  type UndiciLike,
  type UndiciRequest,
} from './undici-transport.ts'
export {
  parseAuthorizationResponse,
  type AuthorizationOutcome,
  type AuthorizationResponse,
} from './protocol/authorization-response.ts'
export {
  createTikTokClient,
  type AuthorizationRequest,
  type ClientHost,
  type CodeExchange,
  type TikTokClient,
} from './protocol/client.ts'
export type { CodeChallengeEncoding, Endpoints, Platform, TikTokClientOptions } from './protocol/options.ts'
export { codeChallenge, createCodeVerifier } from './protocol/pkce.ts'
export { parseScope, type Scope } from './protocol/scope.ts'
export { createTokenSet, type ClientToken, type TokenSet } from './protocol/token-set.ts'
export { userInfoFieldsFor, type UserInfo, type UserInfoField } from './protocol/user-info.ts'
export type * from './tokens/token-store.ts'
export { createTokenManager } from './tokens/token-manager.ts'
export type {
  GrantStatus,
  RefreshDueOptions,
  RefreshReport,
  ResealOptions,
  ResealReport,
  TokenEvent,
  TokenManager,
  TokenManagerOptions,
  TokenRequest,
} from './tokens/token-manager.ts'
export { memoryTokenStore } from './tokens/memory-token-store.ts'
export type { MemoryTokenStoreOptions } from './tokens/memory-token-store.ts'
export { singleProcessTokenStore } from './tokens/single-process-token-store.ts'
export type { KeyValueBacking } from './tokens/single-process-token-store.ts'
export { sealedTokenStore } from './tokens/sealed-token-store.ts'
export type { SealedTokenStoreOptions } from './tokens/sealed-token-store.ts'
export {
  createLoginFlow,
  type FinishedLogin,
  type LoginCallback,
  type LoginFlow,
  type LoginFlowOptions,
  type StartedLogin,
  type StartOptions,
} from './login/login-flow.ts'
export { createReturnToPolicy, type ReturnToOptions, type ReturnToPolicy } from './login/return-to.ts'
export type { SessionOptions } from './session/session-cookie.ts'
export { headersOf, withHeaders } from './auth/answers.ts'
export type * from './auth/contract.ts'
export { createTikTokAuth } from './auth/tiktok-auth.ts'
export { bindIdentify } from './auth/bind-hooks.ts'
export type { NativeAnswer, NativeHooks } from './auth/bind-hooks.ts'
export { checkHooks } from './auth/check-hooks.ts'
export { parsedBody, readBody } from './auth/read-body.ts'
export type { LoginRequirement } from './auth/request-gate.ts'
export type { RequestState } from './auth/request-state.ts'
export { originForm } from './auth/request-target.ts'
export { createExchanges, type Exchange, type Exchanges, type Native } from './auth/exchange.ts'
export { createVisits, type Visit, type VisitOptions, type VisitRequest, type Visits } from './auth/visit.ts'
