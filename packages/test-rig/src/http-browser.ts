import { request, type IncomingHttpHeaders } from 'node:http'

/** What came back. */
export interface Page {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly location: string | undefined
  readonly cookies: readonly string[]
  readonly body: string
  json(): unknown
}

/** What a request says beyond its path. */
export interface Visit {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A browser reduced to what matters here: cookies, and the headers of somebody opening a page. */
export interface HttpBrowser {
  readonly cookies: Map<string, string>
  open(path: string, visit?: Visit): Promise<Page>
  /** Sends a form from a page of the app itself. */
  post(path: string, form?: Readonly<Record<string, string>>): Promise<Page>
  /** Asks as a script does. */
  api(path: string, visit?: Visit): Promise<Page>
}

const pageHeaders = {
  accept: 'text/html,application/xhtml+xml',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'none',
}

/** Creates a browser whose requests reach `port` as they do behind a proxy that ends TLS for `host`. */
export function createHttpBrowser(port: number, host = 'app.example'): HttpBrowser {
  const cookies = new Map<string, string>()

  function keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = '', ...flags] = line.split('; ')
      const name = pair.slice(0, pair.indexOf('='))
      if (flags.includes('Max-Age=0')) cookies.delete(name)
      else cookies.set(name, pair.slice(name.length + 1))
    }
  }

  function send(path: string, { method = 'GET', headers = {}, body }: Visit): Promise<Page> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          port,
          host: '127.0.0.1',
          path,
          method,
          agent: false,
          headers: { host, 'x-forwarded-proto': 'https', ...(cookie && { cookie }), ...headers },
        },
        (incoming) => {
          const chunks: Buffer[] = []
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
          incoming.on('error', reject)
          incoming.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            const lines = incoming.headers['set-cookie'] ?? []
            keep(lines)
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              location: incoming.headers.location,
              cookies: lines,
              body: text,
              json: () => JSON.parse(text) as unknown,
            })
          })
        },
      )
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }

  return {
    cookies,
    open: (path, visit = {}) => send(path, { ...visit, headers: { ...pageHeaders, ...visit.headers } }),
    post: (path, form = {}) =>
      send(path, {
        method: 'POST',
        headers: {
          ...pageHeaders,
          'sec-fetch-site': 'same-origin',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams(form).toString(),
      }),
    api: (path, visit = {}) =>
      send(path, {
        ...visit,
        headers: {
          accept: 'application/json',
          'sec-fetch-mode': 'cors',
          'sec-fetch-site': 'same-origin',
          ...visit.headers,
        },
      }),
  }
}
