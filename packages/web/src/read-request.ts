import { parsedBody, readBody, type VisitRequest } from '@tiktok-auth/core'

/** Reads a request into the plain values core works with. */
export function readRequest(
  request: Request,
  setHeaders: VisitRequest['setHeaders'] = () => undefined,
): VisitRequest {
  const { pathname, search } = new URL(request.url)
  const url = pathname + search
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
