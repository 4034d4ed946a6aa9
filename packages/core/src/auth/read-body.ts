import { ConfigurationError, TransactionError } from '../errors.ts'

/** More than any form or webhook of TikTok's needs. */
const maxBodyBytes = 1024 * 1024

/**
 * Collects a request's body from whatever yields its chunks: a Node stream, a web stream.
 *
 * @throws `transaction` with status 413 when the body is larger than 1 MiB.
 */
export async function readBody(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.byteLength
    if (length > maxBodyBytes) throw new TransactionError('request_refused', { status: 413 })
    parts.push(chunk)
  }
  const body = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    body.set(part, offset)
    offset += part.byteLength
  }
  return body
}

/**
 * Gives back the body that a framework's parser has read first: its bytes, or the form as text again.
 *
 * @throws `configuration` when the parser has left neither.
 */
export function parsedBody(parsed: unknown, contentType: string | undefined): Uint8Array {
  if (parsed instanceof Uint8Array) return parsed
  if (typeof parsed === 'string') return new TextEncoder().encode(parsed)
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType ?? '')) {
    return new TextEncoder().encode(formOf(parsed))
  }
  throw new ConfigurationError(
    'body parser',
    'has read this request before `tiktok` could, and left no raw body.',
    'Mount `tiktok` before the parser.',
  )
}

/** A form as text again. Nested values, which no form of ours has, are left out. */
function formOf(body: unknown): string {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(body ?? {})) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (typeof item === 'string') form.append(name, item)
    }
  }
  return form.toString()
}
