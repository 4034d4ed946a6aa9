import { TransactionError } from '../errors.ts'

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
