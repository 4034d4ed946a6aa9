import { hostUncached } from './runtime.ts'

/** How a request learns that it is to be given up. */
export interface HttpAbort {
  /** For clients that take one. Made when it is first asked for: a signal alone costs a noticeable part of a request. */
  readonly signal: AbortSignal
  /** Calls the listener when the request is to be given up, at once if it is already. A request has one listener. */
  onAbort(listener: (reason: Error) => void): void
}

/** One HTTP request of this library: no streams, no redirects, an answer of bounded size. */
export interface HttpRequest {
  /** The two that this library uses. */
  readonly method: 'GET' | 'POST'
  /** Absolute. */
  readonly url: string
  /** Lower-case names; sent exactly as they stand. */
  readonly headers: Readonly<Record<string, string>>
  /** A form, already encoded. */
  readonly body?: string
  /** How many decoded bytes of the answer are read before it is refused. */
  readonly maxBytes: number
  /** Left out: nothing gives the request up. */
  readonly abort?: HttpAbort
}

/** The whole answer: status, headers, bytes. */
export interface HttpReply {
  /** As it came; no status is an error here. */
  readonly status: number
  /** Reads a header by its lower-case name. */
  header(name: string): string | undefined
  /** Decoded as `content-encoding` says. */
  readonly body: Uint8Array
}

/**
 * Sends one request and reads the whole answer.
 *
 * An implementation follows no redirect, sends the headers unchanged, and lets go of the connection on every
 * path. It throws {@link TransportError} when it knows whether the request can have been sent; of any other
 * error the chain of causes decides.
 */
export type HttpTransport = (request: HttpRequest) => Promise<HttpReply>

/** An answer that was cut off on purpose, or an error that says whether the request can have left. */
export class TransportError extends Error {
  /** `no`: nothing can have reached the server. */
  readonly sent: 'no' | 'unknown'
  /** There was an answer, with a body that is refused. */
  readonly reply: { readonly status: number; readonly problem: string } | undefined

  constructor(fields: {
    readonly sent: 'no' | 'unknown'
    readonly reply?: { readonly status: number; readonly problem: string }
    readonly cause?: unknown
  }) {
    super(fields.reply?.problem ?? 'The request failed.', { cause: fields.cause })
    this.name = 'TransportError'
    this.sent = fields.sent
    this.reply = fields.reply
  }
}

const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'EAI_NONAME',
  'EADDRNOTAVAIL',
  'ConnectionRefused',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_INVALID_ARG',
  'ERR_INVALID_URL',
  // The certificate is checked before the first byte of the request is written.
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_UNSUPPORTED_PROTOCOL',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
])

/**
 * Tells whether a failed request can have reached the server, from the error and its chain of causes.
 *
 * `no` needs proof: an error that only occurs before the first byte leaves. Of several attempts (one per
 * address) each must have failed that way.
 */
export function sentFromError(error: unknown, depth = 0): 'no' | 'unknown' {
  if (typeof error !== 'object' || error === null || depth > 8) return 'unknown'
  if (error instanceof TransportError) return error.sent
  const { code, syscall, message, errors, cause } = error as Readonly<Record<string, unknown>>
  if (Array.isArray(errors) && errors.length > 0) {
    return errors.every((each) => sentFromError(each, depth + 1) === 'no') ? 'no' : 'unknown'
  }
  // Unreachable hosts and time-outs also happen to open connections; only the system call tells.
  if (syscall === 'connect' || (typeof code === 'string' && neverSent.has(code))) return 'no'
  // Node gives a handshake that the other side ends no code of its own.
  if (message === 'Client network socket disconnected before secure TLS connection was established')
    return 'no'
  return sentFromError(cause, depth + 1)
}

/**
 * Makes a transport of a WHATWG `fetch`. Left out: the host's own, looked up at each call.
 *
 * @example
 * ```ts
 * const reply = await fetchTransport()({ method: 'GET', url, headers: {}, maxBytes: 1024 })
 * ```
 */
export function fetchTransport(fetch?: typeof globalThis.fetch): HttpTransport {
  return async ({ method, url, headers, body, maxBytes, abort }) => {
    const response = await (fetch ?? globalThis.fetch)(url, {
      method,
      headers,
      redirect: 'manual',
      // A cached answer of the token endpoint would be a dead token, or somebody else's.
      ...hostUncached(),
      ...(body === undefined ? {} : { body }),
      ...(abort === undefined ? {} : { signal: abort.signal }),
    })
    return {
      status: response.status,
      header: (name) => response.headers.get(name) ?? undefined,
      body: await readCapped(response.body, { maxBytes, status: response.status }),
    }
  }
}

/** How much of an answer is read, and which answer it is. */
export interface ReadLimit {
  readonly maxBytes: number
  readonly status: number
}

/** Reads a stream whole. @throws {@link TransportError} when there is more than allowed. */
export async function readCapped(
  stream: ReadableStream<Uint8Array> | null,
  { maxBytes, status }: ReadLimit,
): Promise<Uint8Array> {
  if (stream === null) return new Uint8Array()
  const reader = stream.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return join(chunks, length)
    length += value.byteLength
    if (length > maxBytes) {
      // Not awaited: a body that cannot be cancelled must not hold up the refusal.
      void reader.cancel().catch(() => {})
      throw tooLarge(status)
    }
    chunks.push(value)
  }
}

/** The refusal of an answer that is longer than allowed. */
export function tooLarge(status: number): TransportError {
  return new TransportError({ sent: 'unknown', reply: { status, problem: 'the body is too large.' } })
}

/** Joins the chunks of a body. */
export function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = chunks
  if (chunks.length === 1 && first !== undefined) return first
  const whole = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.byteLength
  }
  return whole
}
