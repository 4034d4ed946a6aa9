import { headersOf } from '@tiktok-auth/core'
import { seams, send, type Seams } from './node-adapter.ts'

/** An adapter with one fault, and the cases that have to turn red for it: these, and no others. */
export interface Broken {
  readonly fault: string
  readonly seams: () => Partial<Seams>
  readonly red: readonly (string | RegExp)[]
}

const { header } = seams

/** Adapters that break one rule each. */
export const brokenAdapters: readonly Broken[] = [
  {
    fault: 'replaces the Set-Cookie headers that are there',
    seams: () => ({
      setHeaders: (res, headers) => headers.forEach(([name, value]) => res.setHeader(name, value)),
    }),
    red: [
      'shows no error to somebody signed in who reloads the callback',
      /^removes the transaction cookie on success/,
      /^removes the session cookie/,
      /^keeps the request header small/,
      /^loses (and doubles )?no cookie/,
      /^knows nobody by an altered session cookie/,
      / the app’s session /,
      / from the session before the login/,
      /^begins a new session for each user/,
      / app’s session store fails/,
    ],
  },
  {
    fault: 'forgets the headers of an error',
    seams: () => ({ errorHeaders: () => [] }),
    red: [
      'uses the transaction up when the user cancels',
      /^removes the transaction cookie on failure/,
      'signs nobody in when onLogin throws',
      /^signs nobody in when the token endpoint answers/,
      'signs nobody in when the store takes no grant',
      /^(starts no login|ends a login|disconnects nobody) when the application cannot say/,
      /^answers each browser about its own login/,
      /^keeps status and headers when the framework/,
      /^marks every answer of a login as private/,
    ],
  },
  {
    fault: 'removes the cookie of a failed login, and forgets the other headers of the error',
    seams: () => ({
      errorHeaders: (...given) => headersOf(...given).filter(([name]) => name === 'set-cookie'),
    }),
    red: [
      /^signs nobody in when the token endpoint answers/,
      /^(starts no login|ends a login|disconnects nobody) when the application cannot say/,
      /^keeps status and headers when the framework/,
      /^marks every answer of a login as private/,
    ],
  },
  {
    fault: 'looks for the headers of an error by the error alone',
    seams: () => ({ errorHeaders: (error) => headersOf(error) }),
    red: [/^answers each browser about its own login/],
  },
  {
    fault: 'takes HEAD for GET',
    seams: () => ({ method: (req) => (req.method === 'HEAD' ? 'GET' : (req.method ?? '')) }),
    red: [/ on HEAD to the /],
  },
  {
    fault: 'decodes the address before core does',
    seams: () => ({ url: decodeURIComponent }),
    red: [
      /^answers 4xx to malformed percent-encoding/,
      'decodes a code exactly once',
      'leads back to a path of its own, query included',
      /^sends somebody who opens a page to the login/,
    ],
  },
  {
    fault: 'takes a whole URL in the request line for a path',
    seams: () => ({ path: (target) => target }),
    red: [/^takes nothing but the path of a request target/],
  },
  {
    fault: 'reads the query again, so that of two parameters the last one counts',
    seams: () => ({
      url(url) {
        const [path = '', query] = url.split('?')
        const last = Object.fromEntries(new URLSearchParams(query))
        return query === undefined ? path : `${path}?${new URLSearchParams(last)}`
      },
    }),
    red: ['refuses a callback with two codes'],
  },
  {
    fault: 'reads the first of several Cookie headers',
    seams: () => ({
      header(req, name) {
        if (name !== 'cookie') return header(req, name)
        const at = req.rawHeaders.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name)
        return at === -1 ? undefined : req.rawHeaders[at + 1]
      },
    }),
    red: [/^finds its cookies among several/],
  },
  {
    fault: 'trims every kind of white space off cookies',
    seams: () => ({
      header(req, name) {
        const found = header(req, name)
        return name === 'cookie'
          ? found
              ?.split(';')
              .map((pair) => pair.trim())
              .join('; ')
          : found
      },
    }),
    red: [/^refuses a transaction cookie that a sibling domain/],
  },
  {
    fault: 'passes no Sec-Purpose header on',
    seams: () => ({ header: (req, name) => (name === 'sec-purpose' ? undefined : header(req, name)) }),
    red: [/^starts no transaction for a pre/],
  },
  {
    fault: 'takes a request without Sec-Fetch-Site for one of its own pages',
    seams: () => ({
      header: (req, name) => header(req, name) ?? (name === 'sec-fetch-site' ? 'same-origin' : undefined),
    }),
    red: [
      /^does not (logout|disconnect) for an o/,
      /^starts a login by a form/,
      /^starts a bound login by no link/,
    ],
  },
  {
    fault: 'finds transactions by state, in whatever browser',
    seams() {
      const started = new Map<string, string>()
      return {
        setHeaders(res, headers) {
          for (const [, value] of headers) {
            const [pair = ''] = value.split(';')
            const [name = '', sealed] = pair.split('=')
            if (name.includes('tiktok-login') && sealed) started.set(name, pair)
          }
          seams.setHeaders(res, headers)
        },
        header(req, name) {
          const found = header(req, name)
          return name === 'cookie' ? [found, ...started.values()].filter(Boolean).join('; ') : found
        },
      }
    },
    red: [
      'uses the transaction up when the user cancels',
      'refuses a callback in a browser that started nothing',
      /^refuses a transaction cookie that a sibling domain/,
      'refuses swapped callbacks of two browsers',
      /who reloads the callback$/,
      /^keeps a transaction in a host-only/,
      /^removes the transaction cookie on/,
      /^answers a missing, a forged/,
      /^keeps the request header small/,
    ],
  },
  {
    fault: 'lets everybody in',
    seams: () => ({ refusal: () => undefined }),
    red: [
      /^knows whoever the application names/,
      /^knows nobody where the application names nobody/,
      /^disconnects(?! nobody)/,
      /^ends the session of a user who removed/,
      /^sends somebody who opens a page/,
      /^answers 401 and no redirect/,
      /^runs no handler/,
      /^takes nothing but the path of a request target/,
      /^asks for the scope that a page needs/,
      /^sends people to the login and back/,
      /^asks for the login of the app/,
    ],
  },
  {
    fault: 'recovers from nothing',
    seams: () => ({ recovery: () => undefined }),
    red: [/^turns a missing login inside a handler/],
  },
  {
    fault: 'renews no session',
    seams: () => ({ renewal: () => [] }),
    red: [
      /^loses no cookie of other middleware when/,
      /^keeps a session in use/,
      /^marks an answer that renews/,
      /^renews a session/,
      /^ends a session at its time/,
    ],
  },
  {
    fault: 'renews sessions on answers that caches may keep',
    seams: () => ({ renewal: (headers) => headers.filter(([name]) => name === 'set-cookie') }),
    red: [/^marks an answer that renews/, /^renews a session/],
  },
  {
    fault: 'keeps the cookies of a login that onLogin refused',
    seams: () => ({ dropOnThrow: false }),
    red: ['signs nobody in when onLogin throws'],
  },
  {
    fault: 'sets no cookies when onLogin answers itself',
    seams: () => ({ setBeforeHook: false }),
    red: [/^loses no cookie when onLogin/],
  },
  {
    fault: 'calls onLogin twice',
    seams: () => ({
      hooks: ({ onLogin, ...hooks }) => ({
        ...hooks,
        ...(onLogin && {
          async onLogin(login, headers) {
            await onLogin(login, headers)
            return onLogin(login, headers)
          },
        }),
      }),
    }),
    red: [
      /^hands the finished login/,
      /^loses no cookie when onLogin/,
      /^calls onLogin once/,
      /^gives onLogin no profile/,
      /^brings data from onStart/,
    ],
  },
  {
    fault: 'asks for the binding at the start only',
    seams: () => ({
      hooks: ({ onStart, ...hooks }, req) => ({
        ...hooks,
        ...(onStart && { onStart: () => (req.url?.includes('/callback') === true ? {} : onStart()) }),
      }),
    }),
    red: [/^lets nobody finish a login that another/],
  },
  {
    fault: 'tells the browser what exactly was wrong',
    seams: () => ({
      report(site, error) {
        const { status, json } = site.failed(error)
        return { status, json: { ...(json as object), hint: Reflect.get(Object(error), 'hint') as unknown } }
      },
    }),
    red: [/^answers a missing, a forged/],
  },
  {
    fault: 'answers addresses that are not its own',
    seams: () => ({ fallback: (res) => send(res, { status: 200, json: {} }) }),
    red: [/^answers 4xx to malformed/, /^leaves what is not its own/, /^disconnects whoever/],
  },
  {
    fault: 'forgets the path that it is mounted at',
    seams: () => ({ originalUrl: (_req, url) => url.replace(/^\/app/, '') }),
    red: [/through a mount path$/],
  },
  {
    fault: 'logs the address of a login that TikTok failed',
    seams: () => ({
      report(site, error, req) {
        if ((error as { status?: number }).status === 502) console.error(`failed: ${req.url}`)
        return site.failed(error)
      },
    }),
    red: [
      /^gives no second session to a callback/,
      /^signs nobody in when the token endpoint answers (?!half|a cut)/,
      /^signs nobody in by a code/,
      /^gives each failure to the framework/,
      /^marks every answer of a login as private/,
    ],
  },
]
