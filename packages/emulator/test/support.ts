import { createHash } from 'node:crypto'
import { createEmulator } from '../src/index.ts'
import type { ClientOptions, Emulator, EmulatorOptions } from '../src/index.ts'

export const redirectUri = 'https://app.example.com/auth/callback/'
export const desktopRedirectUri = 'http://127.0.0.1:3455/callback/'
export const verifier = 'gaeCq5mVvbhA8Ce6w5O9XBVIKMkySgv-_9A-rnhm9Ns'

export const webClient: ClientOptions = {
  clientKey: 'awweb1',
  clientSecret: 'secret-web',
  redirectUris: [redirectUri],
  platform: 'web',
  name: 'Web app',
}

export const desktopClient: ClientOptions = {
  clientKey: 'awdesk1',
  clientSecret: 'secret-desktop',
  redirectUris: ['http://127.0.0.1:*/callback/'],
  platform: 'desktop',
}

export function start(options: Partial<EmulatorOptions> = {}): Emulator {
  return createEmulator({ clients: [webClient, desktopClient], ...options })
}

export const hex = (text: string): string => createHash('sha256').update(text).digest('hex')
export const base64url = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** The address of an authorization request: right for the web app unless told otherwise; null leaves one out. */
export function authorizeUrl(changes: Record<string, string | null> = {}): string {
  const parameters = {
    client_key: webClient.clientKey,
    response_type: 'code',
    scope: 'user.info.basic,user.info.profile',
    redirect_uri: redirectUri,
    state: 'state-1',
    ...changes,
  }
  const url = new URL('https://www.tiktok.com/v2/auth/authorize/')
  for (const [name, value] of Object.entries(parameters))
    if (value !== null) url.searchParams.set(name, value)
  return url.href
}

/** The same for the desktop app. */
export function desktopAuthorizeUrl(changes: Record<string, string | null> = {}): string {
  return authorizeUrl({
    client_key: desktopClient.clientKey,
    redirect_uri: desktopRedirectUri,
    code_challenge: hex(verifier),
    code_challenge_method: 'S256',
    ...changes,
  })
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

export async function post(
  emulator: Emulator,
  path: string,
  parameters: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const reply = await emulator.fetch(`https://open.tiktokapis.com${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(parameters).toString(),
  })
  const text = await reply.text()
  return { status: reply.status, headers: reply.headers, body: text === '' ? {} : JSON.parse(text) }
}

export interface Credentials extends Record<string, string> {
  readonly client_key: string
  readonly client_secret: string
}

export const credentials: Credentials = {
  client_key: webClient.clientKey,
  client_secret: webClient.clientSecret,
}
export const desktopCredentials: Credentials = {
  client_key: desktopClient.clientKey,
  client_secret: desktopClient.clientSecret,
}

export function token(emulator: Emulator, parameters: Record<string, string>): Promise<Reply> {
  return post(emulator, '/v2/oauth/token/', { ...credentials, ...parameters })
}

export function exchange(
  emulator: Emulator,
  code: string,
  extra: Record<string, string> = {},
): Promise<Reply> {
  return token(emulator, { grant_type: 'authorization_code', code, redirect_uri: redirectUri, ...extra })
}

export function refresh(emulator: Emulator, refreshToken: unknown): Promise<Reply> {
  return token(emulator, { grant_type: 'refresh_token', refresh_token: String(refreshToken) })
}

export interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly open_id: string
}

/** Logs somebody in to the web app and returns the token reply. */
export async function login(
  emulator: Emulator,
  options: { user?: string; scope?: string; url?: string } = {},
): Promise<Tokens> {
  const url = options.url ?? authorizeUrl(options.scope === undefined ? {} : { scope: options.scope })
  const callback = await emulator.consent(url, options.user === undefined ? {} : { user: options.user })
  const { body } = await exchange(emulator, callback.searchParams.get('code') ?? '')
  const { access_token, refresh_token, open_id } = body
  if (typeof access_token !== 'string' || typeof refresh_token !== 'string' || typeof open_id !== 'string') {
    throw new Error(`login failed: ${JSON.stringify(body)}`)
  }
  return { access_token, refresh_token, open_id }
}

export async function userInfo(emulator: Emulator, accessToken: string, fields = 'open_id'): Promise<Reply> {
  const reply = await emulator.fetch(`https://open.tiktokapis.com/v2/user/info/?fields=${fields}`, {
    headers: { authorization: `Bearer ${accessToken}` },
  })
  return { status: reply.status, headers: reply.headers, body: JSON.parse(await reply.text()) }
}
