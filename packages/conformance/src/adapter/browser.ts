import type { CookieJar } from './cookie-jar.ts'
import { sendRequest, type Answer } from './http.ts'

/** What a request says beyond its path. */
export interface Visit {
  readonly method?: string
  /** Names in lower case. `undefined` leaves out a header that would be sent otherwise. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  /** Further headers, duplicates of others included. */
  readonly extraHeaders?: readonly (readonly [string, string])[]
  readonly body?: string
}

/** A browser reduced to what matters here: cookies, and the headers of what people and scripts do. */
export interface Browser {
  readonly jar: CookieJar
  /** Opens a page: an address typed in, or a link, GET unless told. */
  open(path: string, visit?: Visit): Promise<Answer>
  /** Asks as a script of the site's own does. */
  api(path: string, visit?: Visit): Promise<Answer>
  /** Sends a form of the site's own pages. */
  post(path: string, visit?: Visit): Promise<Answer>
  /** Sends just this, and the cookies. */
  send(path: string, visit?: Visit): Promise<Answer>
}

/** A request with its answer, as the record of a case keeps them. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly answer: Answer
}

/** What stands between a browser and the site: it ends TLS, and may rewrite paths. */
export interface Proxy {
  /** The site as the browser knows it. */
  readonly publicOrigin: string
  /** What it cuts off the front of every path; empty for nothing. */
  readonly cutPrefix: string
}

/** Where a browser's requests go. */
export interface BrowserTarget {
  readonly port: number
  readonly proxy: Proxy
  readonly jar: CookieJar
  /** Notes a request when it is sent; the result is to be called with the answer. */
  readonly note: (method: string, path: string) => (answer: Answer) => void
}

type Headers = NonNullable<Visit['headers']>

const pageHeaders: Headers = {
  accept: 'text/html,application/xhtml+xml',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'none',
}

const scriptHeaders: Headers = {
  accept: 'application/json',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
  'sec-fetch-site': 'same-origin',
}

/** Opens a browser on a site. */
export function createBrowser({ port, proxy, jar, note }: BrowserTarget): Browser {
  const { publicOrigin, cutPrefix } = proxy
  const { host, protocol } = new URL(publicOrigin)
  const proxyHeaders: Headers = protocol === 'https:' ? { 'x-forwarded-proto': 'https' } : {}

  async function send(path: string, visit: Visit = {}): Promise<Answer> {
    const { method = 'GET', body = '', extraHeaders = [] } = visit
    const lengthHeader =
      body === '' && method === 'GET' ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const headers = { host, ...proxyHeaders, cookie: jar.header(), ...lengthHeader, ...visit.headers }
    const given = Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== undefined)
    const answered = note(method, path)
    const answer = await sendRequest(port, {
      method,
      target: path.startsWith(cutPrefix) ? path.slice(cutPrefix.length) : path,
      headers: [...given, ...extraHeaders],
      body,
    })
    jar.take(answer.cookies)
    answered(answer)
    return answer
  }

  const as =
    (defaults: Headers) =>
    (path: string, visit: Visit = {}) =>
      send(path, { ...visit, headers: { ...defaults, ...visit.headers } })

  return {
    jar,
    send,
    open: as(pageHeaders),
    api: as(scriptHeaders),
    post: (path, visit = {}) =>
      as({
        ...pageHeaders,
        'sec-fetch-site': 'same-origin',
        origin: publicOrigin,
        'content-type': 'application/x-www-form-urlencoded',
      })(path, { method: 'POST', ...visit }),
  }
}
