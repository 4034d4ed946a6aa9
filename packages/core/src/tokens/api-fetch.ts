import { isTikTokAuthError } from '../errors.ts'
import type { TikTokClient } from '../protocol/client.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import type { Clock } from './clock.ts'
import { restOfFirstMinute } from './token-age.ts'

const longestErrorBytes = 64 * 1024

/** What a request needs: tokens, and better ones when TikTok refuses these. */
export interface ApiFetchDeps {
  readonly client: Pick<TikTokClient, 'fetch' | 'timeoutMs'>
  readonly clock: Clock
  readonly tokens: (refusedAccessToken: string | undefined) => Promise<TokenSet>
}

/**
 * Sends a request to TikTok's API; when TikTok calls the access token invalid, refreshes it and repeats once.
 *
 * A 401 for a missing scope is an answer like any other: refreshing would rotate tokens for nothing. A body that can
 * be read only once is not sent again.
 */
export async function apiFetch(
  { client, clock, tokens }: ApiFetchDeps,
  path: string,
  init: RequestInit | undefined,
): Promise<Response> {
  const first = await tokens(undefined)
  const response = await client.fetch(first.accessToken, path, init)
  if (!(await saysTokenInvalid(response, { clock, timeoutMs: client.timeoutMs }))) return response
  let second: TokenSet
  try {
    second = await tokens(first.accessToken)
  } catch (error) {
    // A token this young is not refreshed again: whatever TikTok dislikes, a rotation will not cure it.
    const pending = isTikTokAuthError(error) && error.code === 'refresh_pending'
    if (pending && restOfFirstMinute(first, clock.now()) > 0) return response
    // Nobody gets this answer; left unread it would keep its connection.
    response.body?.cancel().catch(noop)
    throw error
  }
  if (!canRepeat(init?.body)) return response
  response.body?.cancel().catch(noop)
  return client.fetch(second.accessToken, path, init)
}

function canRepeat(body: unknown): boolean {
  if (body === undefined || body === null || typeof body === 'string') return true
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return true
  return body instanceof Blob || body instanceof URLSearchParams || body instanceof FormData
}

async function saysTokenInvalid(
  response: Response,
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
): Promise<boolean> {
  if (response.status !== 401) return false
  const reader = response.clone().body?.getReader()
  if (reader === undefined) return false
  // Ends the copy only; whoever gets the answer can still read all of it. Its end is not awaited: a copy has none
  // until the other one is read.
  const stop = (): void => void reader.cancel().catch(noop)
  const cancelTimer = clock.after(timeoutMs, stop, false)
  try {
    return errorCode(JSON.parse(await readStart(reader, stop))) === 'access_token_invalid'
  } catch {
    // No JSON, or no body after all: that is for the caller to find out.
    return false
  } finally {
    cancelTimer()
  }
}

async function readStart(reader: ReadableStreamDefaultReader<Uint8Array>, stop: () => void): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    text += decoder.decode(value, { stream: true })
    if (bytes > longestErrorBytes) {
      stop()
      return ''
    }
  }
}

// TikTok shows the error bare on one page and inside `error` on others.
function errorCode(body: unknown): unknown {
  const error = field(body, 'error') ?? body
  return typeof error === 'string' ? error : field(error, 'code')
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !(name in value)) return undefined
  return (value as Record<string, unknown>)[name]
}

function noop(): void {}
