import { request } from 'node:http'

/** One request as it goes over the wire, nothing added to it. */
export interface WireRequest {
  readonly method: string
  /** The request target, as it stands. */
  readonly target: string
  /** In order, duplicates included. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

/** An answer as it came over the wire. */
export interface Answer {
  readonly status: number
  /** In order, duplicates included; names in lower case. */
  readonly headers: readonly (readonly [string, string])[]
  /** Every `Set-Cookie` line. */
  readonly cookies: readonly string[]
  readonly location: string | undefined
  readonly body: string
  /** Reads a header; of several with one name, all, joined by commas. */
  header(name: string): string | undefined
  json(): unknown
}

const longestWaitMs = 20_000

/** Sends one request over a connection of its own. Follows nothing, decodes nothing. */
export function sendRequest(port: number, { method, target, headers, body }: WireRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path: target,
        agent: false,
        setHost: false,
        timeout: longestWaitMs,
        headers: headers.flat(),
      },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          resolve(toAnswer(incoming.statusCode ?? 0, incoming.rawHeaders, Buffer.concat(chunks).toString()))
        })
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error(`No answer to ${method} ${target}`)))
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function toAnswer(status: number, raw: readonly string[], body: string): Answer {
  const headers: (readonly [string, string])[] = []
  for (let index = 0; index + 1 < raw.length; index += 2) {
    headers.push([(raw[index] ?? '').toLowerCase(), raw[index + 1] ?? ''])
  }
  const values = (name: string): readonly string[] => {
    return headers.filter(([key]) => key === name).map(([, value]) => value)
  }
  const header = (name: string): string | undefined => {
    const found = values(name)
    return found.length === 0 ? undefined : found.join(', ')
  }
  return {
    status,
    headers,
    cookies: values('set-cookie'),
    location: header('location'),
    body,
    header,
    json: () => JSON.parse(body) as unknown,
  }
}
