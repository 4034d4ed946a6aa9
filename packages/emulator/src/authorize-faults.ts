import type { FaultView } from './views.ts'

/** A configuration fault, as TikTok names it and as a developer may understand it. */
export type AuthorizeFault = FaultView

/** Names the faults by what is wrong. */
export type AuthorizeFaultName =
  | 'clientKey'
  | 'unauthorizedClient'
  | 'redirectUri'
  | 'responseType'
  | 'scope'
  | 'codeChallenge'
  | 'codeChallengeMethod'

/** Every fault that TikTok shows on a page of its own instead of calling the app back. */
export const authorizeFaults: Readonly<Record<AuthorizeFaultName, AuthorizeFault>> = {
  clientKey: {
    error: 'param_error',
    errorType: 'client_key',
    errCode: '10003',
    explanation: 'The request has no usable client_key.',
    remedy: 'Send the app’s key as client_key; TikTok does not know the name client_id.',
  },
  unauthorizedClient: {
    error: 'unauthorized_client',
    errorType: 'client_key',
    errCode: undefined,
    explanation: 'No approved app has this client_key.',
    remedy:
      'Compare the key with the developer portal. At TikTok the app must be approved and have Login Kit added; ' +
      'until then use the key of a sandbox. In the emulator, register the key under clients.',
  },
  redirectUri: {
    error: 'invalid_request',
    errorType: 'redirect_uri',
    errCode: undefined,
    explanation: 'The redirect_uri is not one of the registered ones.',
    remedy:
      'Register exactly the address that is sent: scheme, host, port, path and trailing slash all count, and ' +
      'localhost is not 127.0.0.1.',
  },
  responseType: {
    error: 'unsupported_response_type',
    errorType: 'response_type',
    errCode: undefined,
    explanation: 'The response_type is not code.',
    remedy: 'Send response_type=code.',
  },
  scope: {
    error: 'invalid_scope',
    errorType: 'scope',
    errCode: undefined,
    explanation:
      'A scope is unknown, or the app is not approved for it. One such scope refuses the whole request.',
    remedy: 'Ask for approved scopes only, and join them with commas, not with spaces.',
  },
  codeChallenge: {
    error: 'param_error',
    errorType: 'code_challenge',
    errCode: '10007',
    explanation: 'This app has to use PKCE, and the request has no code_challenge.',
    remedy:
      'Turn PKCE on. TikTok wants the challenge as the SHA-256 of the verifier in lowercase hexadecimal.',
  },
  codeChallengeMethod: {
    error: 'param_error',
    errorType: 'code_challenge_method',
    errCode: '10008',
    explanation: 'The code_challenge_method is not S256.',
    remedy: 'Send code_challenge_method=S256.',
  },
}

/** Finds the fault that a fault page's address names. */
export function findAuthorizeFault(query: URLSearchParams): AuthorizeFault | undefined {
  return Object.values(authorizeFaults).find(
    (fault) => fault.error === query.get('error') && fault.errorType === query.get('error_type'),
  )
}
