import { NetworkError, OAuthResponseError, UnexpectedResponseError, type EndpointName } from '../errors.ts'
import { sentFromError, TransportError, type HttpReply, type HttpTransport } from '../http.ts'
import { DeadlineError, withDeadline } from './deadline.ts'
import { isJsonObject, own, type JsonObject } from './json.ts'
import { copyCause, createRedact, type Redact } from './redact.ts'
import { parseRetryAfter } from './retry-after.ts'

/** What every request of the protocol needs. */
export interface RequestContext {
  readonly transport: HttpTransport
  readonly timeoutMs: number
  readonly now: () => number
}

/** One request whose answer is JSON. */
export interface JsonRequest {
  readonly endpoint: EndpointName
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Lists what must not appear in an error, whatever the other side writes. Asked only when there is one. */
  readonly secrets: () => readonly string[]
}

/** A successful answer. */
export interface JsonReply {
  readonly endpoint: EndpointName
  readonly httpStatus: number
  /** TikTok's id of the request, if it can stand in an error. */
  logId(): string | undefined
  /** `undefined` when the body was empty. */
  readonly json: JsonObject | undefined
}

const maxBytes = 1024 * 1024
const decoder = new TextDecoder()

/**
 * Sends one request and tells TikTok's success from its failures.
 *
 * The body decides before the status, because TikTok reports errors with status 200 too. The content type of
 * the answer is not looked at: the body is read as UTF-8 JSON, a byte order mark allowed, whatever the header says.
 *
 * @throws `network`, `oauth_response`, `unexpected_response`
 */
export async function requestJson(context: RequestContext, request: JsonRequest): Promise<JsonReply> {
  const { endpoint, method, url, headers, body } = request
  const redact = createRedact(request.secrets)
  let reply: HttpReply
  try {
    reply = await withDeadline(context.timeoutMs, (abort) =>
      context.transport({ method, url, headers, maxBytes, abort, ...(body === undefined ? {} : { body }) }),
    )
  } catch (error) {
    throw asNetworkError(error, { endpoint, redact })
  }
  return readReply(reply, { endpoint, redact, now: context.now })
}

/** Turns what a transport threw into an error of this project, without anything secret in it. */
export function asNetworkError(
  error: unknown,
  { endpoint, redact }: { readonly endpoint: EndpointName; readonly redact: Redact },
): NetworkError | UnexpectedResponseError {
  if (error instanceof TransportError && error.reply !== undefined) {
    return new UnexpectedResponseError({
      endpoint,
      problem: error.reply.problem,
      httpStatus: error.reply.status,
    })
  }
  return new NetworkError({
    endpoint,
    timedOut: error instanceof DeadlineError,
    sent: sentFromError(error),
    cause: copyCause(error, redact),
  })
}

interface ReadContext {
  readonly endpoint: EndpointName
  readonly redact: Redact
  readonly now: () => number
}

function readReply(reply: HttpReply, { endpoint, redact, now }: ReadContext): JsonReply {
  const text = decoder.decode(reply.body)
  const json = parseJson(text)
  const failure = isJsonObject(json) ? findFailure(json) : undefined
  const httpStatus = reply.status
  // Read when an error asks for it, which few answers do.
  const logId = (): string | undefined => readLogId(json, reply, redact)
  const unknownForm = failure === undefined ? undefined : 'its `error` member has an unknown form.'
  const problem = findProblem(reply, { text, json, redact }) ?? unknownForm
  if (problem === undefined) {
    return { endpoint, httpStatus, logId, json: isJsonObject(json) ? json : undefined }
  }
  const retryAfterMs = parseRetryAfter(reply.header('retry-after'), now)
  const facts = { endpoint, httpStatus, logId: logId(), retryAfterMs }
  if (failure?.error === undefined) throw new UnexpectedResponseError({ ...facts, problem })
  const errorDescription = failure.message === undefined ? undefined : redact(failure.message)
  throw new OAuthResponseError({ ...facts, error: redact(failure.error, 100), errorDescription })
}

interface Failure {
  /** `undefined`: there is an error, in a form nobody knows. */
  readonly error: string | undefined
  readonly message?: string | undefined
}

/** Reads TikTok's error shapes: flat, as an object inside `error`, and that object bare. */
function findFailure(json: JsonObject): Failure | undefined {
  const error = own(json, 'error')
  if (typeof error === 'string' && error !== '') {
    return { error, message: asText(own(json, 'error_description')) }
  }
  if (isJsonObject(error)) return findObjectFailure(error)
  if (error !== undefined && error !== null && error !== '') return { error: undefined }
  const code = own(json, 'code')
  const isBare =
    (typeof code === 'string' || typeof code === 'number') && !Object.hasOwn(json, 'access_token')
  return isBare ? findObjectFailure(json) : undefined
}

function findObjectFailure(json: JsonObject): Failure | undefined {
  const code = own(json, 'code')
  if (code === 'ok' || code === 0) return undefined
  const known = (typeof code === 'string' && code !== '') || typeof code === 'number'
  return { error: known ? String(code) : undefined, message: asText(own(json, 'message')) }
}

function findProblem(
  reply: HttpReply,
  { text, json, redact }: { readonly text: string; readonly json: unknown; readonly redact: Redact },
): string | undefined {
  const { status } = reply
  if (status >= 300 && status < 400) return 'a redirect, which is not followed.'
  const what = describeBody(text, json, redact)
  if (status < 200 || status > 299) return `no error that TikTok documents, but ${what}.`
  return isJsonObject(json) || text.trim() === '' ? undefined : `${what} where a JSON object was expected.`
}

/** Says what a body is, quoting only the title of an HTML page. Truncated JSON may hold a token. */
function describeBody(text: string, json: unknown, redact: Redact): string {
  if (text.trim() === '') return 'an empty body'
  if (json !== undefined) return isJsonObject(json) ? 'a JSON object' : 'JSON that is no object'
  if (!text.trimStart().startsWith('<')) return `${text.length} characters that are not JSON`
  const [, title = ''] = /<title[^>]*>([^<]{1,200})/i.exec(text.slice(0, 4096)) ?? []
  const quoted = redact(title, 80)
    .replaceAll(/[^\s]{16,}/g, '[...]')
    .trim()
  return quoted === '' ? 'an HTML page' : `an HTML page titled "${quoted}"`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Kept unchanged or not at all: an id with a hole in it helps no support, and one that repeats a secret is none. */
function readLogId(json: unknown, reply: HttpReply, redact: Redact): string | undefined {
  const body = isJsonObject(json) ? json : {}
  const error = own(body, 'error')
  const inside = isJsonObject(error) ? asText(own(error, 'log_id')) : undefined
  const logId = asText(own(body, 'log_id')) ?? inside ?? reply.header('x-tt-logid')
  const isId = logId !== undefined && /^[\w.-]{1,128}$/.test(logId) && redact(logId) === logId
  return isId ? logId : undefined
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
