import { parsedBody, readBody, type VisitRequest } from '@tiktok-auth/core'

/** Reads a request into the plain values core works with. */
export function readRequest(
  request: Request,
  setHeaders: VisitRequest['setHeaders'] = () => undefined,
): VisitRequest {
  const url = targetOf(request.url)
  return {
    method: request.method,
    url,
    originalUrl: url,
    // Whatever was cut off in front, by a proxy or by the framework: it shows nowhere but in `redirectUri`.
    mountPath: '',
    header: (name) => request.headers.get(name) ?? undefined,
    body: async () => {
      if (request.bodyUsed) return parsedBody(undefined, undefined)
      return request.body === null ? new Uint8Array() : readBody(chunksOf(request.body))
    },
    setHeaders,
  }
}

/**
 * Takes path and query out of an address, whatever stands in front: Bun and Deno put a `Host` header there as it came,
 * which need not be a host, and Bun puts nothing there for a request without one (HTTP/1.0).
 */
function targetOf(address: string): string {
  const { pathname, search } = new URL(`http://host.invalid${address.replace(/^https?:\/\/[^/?#]*/i, '')}`)
  return pathname + search
}

/** Not every host can iterate over a stream by itself. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    // A body that is refused is not read on.
    await reader.cancel().catch(() => undefined)
  }
}
