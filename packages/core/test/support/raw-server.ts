import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** One request as it came over the wire. */
export interface RawRequest {
  readonly head: string
  readonly body: string
  readonly socket: Socket
}

/** A server that answers whole requests with whatever bytes a test wants, or with none. */
export interface RawServer {
  readonly origin: string
  readonly requests: RawRequest[]
  readonly sockets: Set<Socket>
  /** Resolves once every connection is closed. */
  idle(): Promise<void>
  close(): Promise<void>
}

/** Starts a server on loopback. `answer` runs once for each request whose body has arrived. */
export async function startRawServer(answer: (request: RawRequest) => void): Promise<RawServer> {
  const sockets = new Set<Socket>()
  const requests: RawRequest[] = []
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    let buffered = ''
    socket.on('data', (chunk) => {
      buffered += chunk.toString('latin1')
      const end = buffered.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = buffered.slice(0, end)
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
      const body = buffered.slice(end + 4)
      if (body.length < length) return
      buffered = ''
      const request = { head, body, socket }
      requests.push(request)
      answer(request)
    })
  })
  const port = await listen(server)
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    sockets,
    idle: async () => {
      await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))))
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** Listens on a free port of loopback and returns it. */
export function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

/** Writes one HTTP answer with an exact length. */
export function reply(
  { socket }: RawRequest,
  body: string | Uint8Array,
  { status = '200 OK', headers = {} }: { status?: string; headers?: Readonly<Record<string, string>> } = {},
): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const lines = Object.entries({ 'content-length': String(bytes.byteLength), ...headers })
  socket.write(`HTTP/1.1 ${status}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
  socket.write(bytes)
}
