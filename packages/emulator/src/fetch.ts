import { ConnectionCutError } from './errors.ts'
import type { WireReply, WireRequest } from './wire.ts'

/** Serves a request; throws {@link ConnectionCutError} when the connection is to be cut. */
export type Server = (request: WireRequest) => Promise<WireReply>

const redirects = new Set([301, 302, 303, 307, 308])
const mostRedirects = 20

/**
 * Makes a `fetch` that never touches the network: every request, to whatever host, goes to the server given.
 *
 * A redirect that is followed comes back to the same server, so the journal shows what was sent along.
 */
export function createFetch(server: Server): typeof globalThis.fetch {
  return async (input, init) => {
    let request = new Request(input, init)
    for (let hops = 0; hops <= mostRedirects; hops += 1) {
      request.signal.throwIfAborted()
      const body = await request.clone().text()
      const reply = await untilAborted(exchange(server, request, body), request.signal)
      const location = redirects.has(reply.status) ? reply.headers.get('location') : null
      if (location === null || request.redirect === 'manual') return toResponse(reply, request, hops > 0)
      if (request.redirect === 'error') throw failed('unexpected redirect', undefined)
      request = follow(request, { status: reply.status, location, body })
    }
    throw failed('redirect count exceeded', undefined)
  }
}

async function exchange(server: Server, { method, url, headers }: Request, body: string): Promise<WireReply> {
  try {
    return await server({ method, url: new URL(url), headers: new Headers(headers), body })
  } catch (error) {
    if (error instanceof ConnectionCutError) throw failed(error.message, 'ECONNRESET')
    throw error
  }
}

/** What Node's fetch throws when there is no reply. */
function failed(message: string, code: string | undefined): TypeError {
  return new TypeError('fetch failed', {
    cause: Object.assign(new Error(message), code === undefined ? {} : { code }),
  })
}

/** Gives up waiting when the caller does. What the server does with the request stays done. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: () => void = () => undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

interface Hop {
  readonly status: number
  readonly location: string
  readonly body: string
}

function follow(request: Request, { status, location, body }: Hop): Request {
  const url = new URL(location, request.url)
  const toGet = status === 303 || (status < 303 && request.method === 'POST')
  const headers = new Headers(request.headers)
  if (toGet) headers.delete('content-type')
  if (url.origin !== new URL(request.url).origin) headers.delete('authorization')
  const method = toGet ? 'GET' : request.method
  const keepsBody = method !== 'GET' && method !== 'HEAD'
  return new Request(url, { method, headers, signal: request.signal, ...(keepsBody && { body }) })
}

const bodiless = new Set([204, 205, 304])

function toResponse(reply: WireReply, request: Request, redirected: boolean): Response {
  const { status, headers } = reply
  const noBody = bodiless.has(status) || request.method === 'HEAD'
  const response = new Response(noBody ? null : toStream(reply.body, request.signal), { status, headers })
  Object.defineProperties(response, { url: { value: request.url }, redirected: { value: redirected } })
  return response
}

function toStream(body: WireReply['body'], signal: AbortSignal): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = (body instanceof Uint8Array ? once(body) : body)[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await untilAborted(chunks.next(), signal)
        if (done === true) controller.close()
        else controller.enqueue(new Uint8Array(value))
      } catch (error) {
        controller.error(error instanceof ConnectionCutError ? terminated(error) : error)
      }
    },
    async cancel() {
      await chunks.return?.()
    },
  })
}

async function* once(body: Uint8Array): AsyncGenerator<Uint8Array> {
  if (body.length > 0) yield body
}

/** What Node's fetch throws when the connection ends in the middle of a body. */
function terminated(error: ConnectionCutError): TypeError {
  const cause = Object.assign(new Error(error.message), { code: 'UND_ERR_SOCKET' })
  return new TypeError('terminated', { cause })
}
