import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ConnectionCutError } from './errors.ts'
import type { Server } from './fetch.ts'
import type { WireReply, WireRequest } from './wire.ts'

/** Where to listen. */
export interface ListenOptions {
  /** A free port unless told. */
  readonly port?: number
  /** `127.0.0.1` unless told. */
  readonly host?: string
}

/** A socket that is being listened on. */
export interface ListeningSocket {
  readonly origin: string
  /** Stops listening and cuts what is still open. */
  close(): Promise<void>
}

const mostBytes = 1_048_576

/** Listens on a socket and hands every request to the server. */
export async function listenOnSocket(server: Server, options: ListenOptions): Promise<ListeningSocket> {
  const host = options.host ?? '127.0.0.1'
  const http = createServer((incoming, outgoing) => {
    void handle(server, incoming, outgoing).catch((error: unknown) => giveUp(outgoing, error))
  })
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(options.port ?? 0, host, resolve)
  })
  const address = http.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
}

/** Ends a reply that failed: cut by a fault in its middle, or by a mistake of the emulator's own. */
function giveUp(outgoing: ServerResponse, error: unknown): void {
  if (outgoing.headersSent || error instanceof ConnectionCutError) outgoing.destroy()
  else
    outgoing
      .writeHead(500, { 'content-type': 'text/plain; charset=utf-8' })
      .end(`The emulator failed: ${String(error)}\n`)
}

async function handle(server: Server, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const request = await read(incoming)
  if (request === undefined) {
    outgoing.writeHead(400, { connection: 'close' }).end()
    return
  }
  let reply: WireReply
  try {
    reply = await server(request)
  } catch (error) {
    if (error instanceof ConnectionCutError) {
      incoming.socket.resetAndDestroy()
      return
    }
    throw error
  }
  await write(reply, outgoing)
}

/** Reads a request whole; returns nothing when it is too large or its address makes no sense. */
async function read(incoming: IncomingMessage): Promise<WireRequest | undefined> {
  const target = incoming.url ?? ''
  const base = `http://${incoming.headers.host ?? 'localhost'}`
  if (!target.startsWith('/') || !URL.canParse(base + target)) return undefined
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of incoming) {
    if (!(chunk instanceof Uint8Array)) return undefined
    bytes += chunk.length
    // The rest is still read, or the refusal would not arrive.
    if (bytes <= mostBytes) chunks.push(chunk)
  }
  if (bytes > mostBytes) return undefined
  const headers = new Headers()
  // The joined `headers` would hide that one came twice.
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index] ?? '', incoming.rawHeaders[index + 1] ?? '')
  }
  const body = new TextDecoder().decode(Buffer.concat(chunks))
  return { method: incoming.method ?? 'GET', url: new URL(base + target), headers, body }
}

async function write(reply: WireReply, outgoing: ServerResponse): Promise<void> {
  const headers = [...reply.headers].flat()
  outgoing.writeHead(reply.status, headers)
  if (reply.body instanceof Uint8Array) {
    outgoing.end(reply.body)
    return
  }
  outgoing.flushHeaders()
  for await (const chunk of reply.body) {
    if (outgoing.destroyed) return
    if (!outgoing.write(chunk)) await drained(outgoing)
  }
  outgoing.end()
}

async function drained(outgoing: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      outgoing.off('drain', done).off('close', done)
      resolve()
    }
    outgoing.on('drain', done).on('close', done)
  })
}
