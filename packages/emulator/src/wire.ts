/** A request as it arrived, whether over a socket or through `fetch`. */
export interface WireRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  /** The body as it was sent, read as UTF-8. */
  readonly body: string
}

/** A reply about to be sent. Iteration that throws means: the connection is cut at that point. */
export interface WireReply {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array | AsyncIterable<Uint8Array>
}

/** What an endpoint decided, before it becomes bytes. */
export interface Answer {
  readonly status: number
  /** `ok`, or the error code, for the journal. */
  readonly outcome: string
  readonly headers?: Readonly<Record<string, string>>
  /** The body as a JSON object. */
  readonly json?: JsonObject
  /** The body as text, where there is no `json`. */
  readonly text?: string
}

/** A value that JSON can carry. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject

/** An object that JSON can carry. */
export interface JsonObject {
  readonly [name: string]: JsonValue | undefined
}

/** Writes an answer down as a reply. */
export function toReply(answer: Answer): WireReply {
  const headers = new Headers(answer.headers)
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
  if (answer.json !== undefined && !headers.has('content-type')) {
    headers.set('content-type', 'application/json; charset=utf-8')
  }
  headers.set('x-content-type-options', 'nosniff')
  const text = answer.json === undefined ? (answer.text ?? '') : JSON.stringify(answer.json)
  return { status: answer.status, headers, body: new TextEncoder().encode(text) }
}
