import { ConnectionCutError } from './errors.ts'
import type { JsonObject, JsonValue, WireReply } from './wire.ts'

/** Returns a copy in which the field at a path has another value, or is missing when there is none. */
export function spoilField(
  body: JsonObject,
  path: readonly string[],
  value: JsonValue | undefined,
): JsonObject {
  const [name, ...rest] = path
  if (name === undefined) return body
  if (rest.length === 0) return { ...body, [name]: value }
  const inner = body[name]
  const object = isObject(inner) ? inner : {}
  return { ...body, [name]: spoilField(object, rest, value) }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Sends half of a body, then cuts the connection. */
export async function* halve(body: WireReply['body']): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) yield body.slice(0, Math.ceil(body.length / 2))
  throw new ConnectionCutError('The connection was cut in the middle of the reply.')
}

const chunkBytes = 65_536

/** Sends a JSON text of exactly that many bytes, whose only value is one long text. */
export async function* padding(bytes: number): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  const start = '{"padding":"'
  const end = '"}'
  const filling = encoder.encode('x'.repeat(chunkBytes))
  yield encoder.encode(start)
  let left = Math.max(0, bytes - start.length - end.length)
  while (left > 0) {
    yield filling.subarray(0, left)
    left -= Math.min(left, chunkBytes)
  }
  yield encoder.encode(end)
}

/** Sends a few bytes at a time and never comes to an end. */
export async function* trickle(bytes: number, intervalMs: number): AsyncGenerator<Uint8Array> {
  const filling = new TextEncoder().encode(' '.repeat(bytes))
  for (;;) {
    yield filling
    await new Promise((resolve) => setTimeout(resolve, intervalMs))
  }
}
