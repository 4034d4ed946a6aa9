import type { AuthorizationErrorFields, OAuthErrorFields, TransactionFailure } from './errors.ts'

export function transactionHint(_reason: TransactionFailure): string | undefined {
  return undefined
}

export function authorizationResponseHint(_fields: AuthorizationErrorFields): string | undefined {
  return undefined
}

export function oauthResponseHint(_fields: OAuthErrorFields): string | undefined {
  return undefined
}
