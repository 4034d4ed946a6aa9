import type {
  AuthorizationErrorFields,
  EndpointName,
  OAuthErrorFields,
  TransactionFailure,
} from './errors.ts'

const portal = "TikTok's developer portal, Manage apps"

const transactionHints: Readonly<Record<TransactionFailure, string | undefined>> = {
  missing:
    'The browser brought no cookie of this login: check that it started on the very host of `redirectUri` (not localhost for 127.0.0.1, not www for the bare domain), that TikTok sent the user back into the same browser (an app switch may open another one), and that cookies are not blocked.',
  expired: 'The login took longer than its time limit: let the user start it again.',
  unreadable:
    'The cookie of this login was altered, sealed under another key, or made for another `clientKey` or `redirectUri`: give every server the same options, and keep the old `secret` second in the list while you rotate.',
  binding:
    'The login was begun by another user of your app: let the user who is signed in now start it again, and give the same `bind` for one user at the start and at the end.',
  state_mismatch:
    'The callback belongs to another login, or to none: let the user start again from your login route, and pass the query on unchanged if a proxy stands before your app.',
  malformed_callback:
    'The callback is not one that TikTok sends: pass its query on unchanged, each parameter once, if a proxy or a query parser stands before your app.',
  request_refused:
    'The request was not made by a page of your own origin, or not by navigating: link to the login route from your pages, post forms from the origin of `redirectUri`, or list further origins in `trustedOrigins`.',
}

/** Says what to change when a callback was refused before TikTok was asked anything. */
export function transactionHint(reason: TransactionFailure): string | undefined {
  return transactionHints[reason]
}

interface AuthorizationHint {
  readonly error?: string
  readonly errorType?: string
  readonly errCode?: string
  readonly hint: string
}

// The first row whose every member matches wins, so the special ones stand first.
const authorizationHints: readonly AuthorizationHint[] = [
  {
    error: 'unauthorized_client',
    hint: `TikTok does not let this client key log anybody in: add Login Kit to the app and have it approved (${portal}, Products), or put the key of the app's sandbox into \`clientKey\` until then.`,
  },
  {
    errorType: 'client_key',
    hint: `TikTok does not know the client key: copy it from ${portal}, Credentials, into \`clientKey\`, and send it under that name, not as \`client_id\`.`,
  },
  {
    errCode: '10003',
    hint: `A parameter that names the app is missing or wrong: copy the client key from ${portal}, Credentials, into \`clientKey\`.`,
  },
  {
    errorType: 'redirect_uri',
    hint: `The redirect URI is not registered: write \`redirectUri\` into ${portal}, Login Kit, Redirect URI, byte for byte, the trailing slash included; the sandbox has a list of its own.`,
  },
  {
    errorType: 'code_challenge_method',
    hint: `TikTok takes no code challenge method but S256, and none for some web apps: set \`pkce\` to false for an app of platform Web, or register the Desktop platform (${portal}, Platforms).`,
  },
  {
    errCode: '10008',
    hint: `TikTok takes no code challenge method but S256, and none for some web apps: set \`pkce\` to false for an app of platform Web, or register the Desktop platform (${portal}, Platforms).`,
  },
  {
    errorType: 'code_challenge',
    hint: 'TikTok wants a code challenge for this app: set `pkce` to true, or `platform` to desktop for a redirect URI on localhost or 127.0.0.1.',
  },
  {
    errCode: '10007',
    hint: 'TikTok wants a code challenge for this app: set `pkce` to true, or `platform` to desktop for a redirect URI on localhost or 127.0.0.1.',
  },
  {
    errorType: 'required_scope_missing',
    hint: 'The user left a scope unticked that `requireScope` demands, so nothing was stored: say before the login what it is needed for, or take it out of `requireScope`.',
  },
  {
    errorType: 'non_sandbox_target',
    hint: `The app is in its sandbox and this TikTok account is not one of its testers: add the account to the target users (${portal}, Sandbox settings), or use the production key.`,
  },
  {
    errorType: 'scope_not_authorized',
    hint: `The app may not ask for one of the scopes: have it approved (${portal}, Scopes), or take it out of \`scope\`.`,
  },
  {
    error: 'invalid_scope',
    hint: `One scope that the app is not approved for refuses the whole login: compare \`scope\` with ${portal}, Scopes, and give one name per array entry.`,
  },
  {
    errorType: 'scope',
    hint: `One scope that the app is not approved for refuses the whole login: compare \`scope\` with ${portal}, Scopes, and give one name per array entry.`,
  },
  {
    error: 'access_denied',
    hint: 'The user, or TikTok, refused: offer the login again, and ask for fewer scopes at first if many users cancel.',
  },
  {
    error: 'param_error',
    hint: `TikTok found a parameter wrong: compare \`clientKey\`, \`redirectUri\`, \`scope\` and \`platform\` with ${portal}.`,
  },
  {
    error: 'invalid_request',
    hint: `TikTok found a parameter missing or wrong: compare \`clientKey\` and \`redirectUri\` with ${portal}, Credentials and Login Kit, and set \`pkce\` as the app's platform needs it.`,
  },
  {
    error: 'invalid_client',
    hint: `TikTok does not know the client key: copy it from ${portal}, Credentials, into \`clientKey\`.`,
  },
  {
    error: 'unsupported_response_type',
    hint: `TikTok does not give this app authorization codes: check that Login Kit is among its products (${portal}, Products).`,
  },
  { error: 'server_error', hint: 'TikTok had a fault of its own: let the user try again in a minute.' },
  {
    error: 'temporarily_unavailable',
    hint: 'TikTok is overloaded or under maintenance: let the user try again in a few minutes.',
  },
  // TikTok's Android app on a malformed request: a text, and no code that can be relied on.
  {
    hint: `TikTok refused the login: compare \`clientKey\`, \`redirectUri\` and \`scope\` with ${portal}, and in a mobile app its package name, signature or bundle id too.`,
  },
]

/** Says what to change when TikTok sent the user back with an error. */
export function authorizationResponseHint(fields: AuthorizationErrorFields): string | undefined {
  return authorizationHints.find(
    (row) =>
      (row.error === undefined || row.error === fields.error) &&
      (row.errorType === undefined || row.errorType === fields.errorType) &&
      (row.errCode === undefined || row.errCode === fields.errCode),
  )?.hint
}

interface ResponseHint {
  /** Left out: whatever the code, TikTok files the same fault under different ones. */
  readonly error?: string
  /** The text alone tells faults with one code apart; only the hint depends on it, nothing else. */
  readonly text?: RegExp
  readonly hint: string
}

const formHints: readonly ResponseHint[] = [
  {
    text: /redirect_?\s?uri/i,
    hint: `The exchange named another redirect URI than the authorization request: use one constant \`redirectUri\` for both, byte for byte as in ${portal}, Login Kit, Redirect URI.`,
  },
  {
    text: /code verifier|code challenge/i,
    hint: 'The code verifier does not fit the code challenge: keep the verifier of the very login, and set `codeChallengeEncoding` to hex, which TikTok wants, not to base64url, or `pkce` to false for an app of platform Web.',
  },
  {
    text: /content-?\s?type/i,
    hint: 'The request reached TikTok with another Content-Type than bare `application/x-www-form-urlencoded`: let the `fetch` option, and any proxy on the way out, pass headers on unchanged and once.',
  },
  {
    text: /secret is missed/i,
    hint: `The client secret did not reach TikTok: copy it from ${portal}, Credentials, into \`clientSecret\`, and let the \`fetch\` option pass the body on unchanged.`,
  },
  {
    text: /malformed/i,
    hint: `TikTok could not read the form: copy \`clientKey\` and \`clientSecret\` from ${portal}, Credentials, without white space, pass the code on decoded exactly once and from a v2 login, and let the \`fetch\` option add no charset to the Content-Type.`,
  },
  {
    text: /code is expired/i,
    hint: 'The authorization code was exchanged too late: exchange it at once in the callback, and let the user log in again.',
  },
  {
    error: 'invalid_client',
    hint: `TikTok does not know this pair of key and secret: copy both from ${portal}, Credentials, into \`clientKey\` and \`clientSecret\`, both of production or both of one sandbox.`,
  },
  {
    error: 'invalid_grant',
    hint: 'The code or refresh token was used before, expired, was revoked in the TikTok account, or belongs to another `clientKey` or `redirectUri`: let the user log in again, and let only one system use a refresh token.',
  },
  {
    error: 'invalid_request',
    hint: `TikTok found a parameter missing or wrong: compare \`clientKey\`, \`clientSecret\` and \`redirectUri\` with ${portal}, Credentials and Login Kit, and set \`platform\` as it is registered there.`,
  },
  {
    error: 'invalid_scope',
    hint: `The app may not ask for one of the scopes: compare \`scope\` with ${portal}, Scopes.`,
  },
  {
    error: 'unauthorized_client',
    hint: `The app may not ask this way: check that the product is added and approved (${portal}, Products), and that \`clientKey\` is the one of this environment.`,
  },
  {
    error: 'unsupported_grant_type',
    hint: 'TikTok did not find a grant type it knows: let the `fetch` option pass the body on unchanged, and point `endpoints.tokenEndpoint` at the v2 address.',
  },
  {
    error: 'unsupported_response_type',
    hint: `TikTok does not give this app authorization codes: check that Login Kit is among its products (${portal}, Products).`,
  },
  {
    error: 'access_denied',
    hint: `TikTok or the user refused: let the user log in again and, in a sandbox, add the TikTok account to the target users (${portal}, Sandbox settings).`,
  },
]

const apiHints: readonly ResponseHint[] = [
  {
    error: 'access_token_invalid',
    hint: 'The access token expired, or the user removed the app in the TikTok account, Settings, Apps and services permissions: refresh it once, and let the user log in again if that fails.',
  },
  {
    error: 'scope_not_authorized',
    hint: "The user did not grant the scope that this call or one of its fields needs: ask for it in `scope`, and take only what the token set's `scope` allows; a refresh does not help.",
  },
  {
    error: 'scope_permission_missed',
    hint: `The app lacks the scope that this call needs: apply for it (${portal}, Scopes), then add it to \`scope\` and let the user log in again.`,
  },
  {
    error: 'invalid_params',
    hint: "TikTok found a parameter of the call wrong: compare path, `fields` and body with TikTok's reference for this endpoint.",
  },
  {
    error: 'invalid_file_upload',
    hint: "TikTok refused the uploaded file: compare its format, size and chunks with TikTok's media transfer guide.",
  },
  {
    error: 'internal_error',
    hint: "TikTok had a fault of its own: try again later, and quote the error's `logId` to TikTok's support if it goes on.",
  },
]

const anywhereHints: readonly ResponseHint[] = [
  {
    error: 'rate_limit_exceeded',
    hint: `The app called this API too often: wait \`retryAfterMs\`, or a minute where TikTok named no time, call less, and ask for a higher limit in ${portal} if that does not do.`,
  },
  {
    error: 'server_error',
    hint: "TikTok had a fault of its own: try again later, and quote the error's `logId` to TikTok's support if it goes on.",
  },
  {
    error: 'temporarily_unavailable',
    hint: 'TikTok is overloaded or under maintenance: try again in a few minutes.',
  },
]

const hintsByEndpoint: Readonly<Record<EndpointName, readonly ResponseHint[]>> = {
  token: [...anywhereHints, ...formHints, ...apiHints],
  revocation: [...anywhereHints, ...formHints, ...apiHints],
  user_info: [...anywhereHints, ...apiHints, ...formHints],
  api: [...anywhereHints, ...apiHints, ...formHints],
}

/** Says what to change when TikTok refused a request. */
export function oauthResponseHint(fields: OAuthErrorFields): string | undefined {
  return hintsByEndpoint[fields.endpoint].find(
    (row) =>
      (row.error === undefined || row.error === fields.error) &&
      (row.text === undefined || row.text.test(fields.errorDescription ?? '')),
  )?.hint
}
