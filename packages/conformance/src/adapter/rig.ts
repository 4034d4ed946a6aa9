import type { Emulator } from '@tiktok-auth/emulator'
import { equal } from '../check.ts'
import { createBrowser, type Browser, type Exchange, type Proxy, type Visit } from './browser.ts'
import { createCookieJar, type CookieJar } from './cookie-jar.ts'
import type { Answer } from './http.ts'
import type { SessionFault, SiteRecord } from './prepare-site.ts'
import type { ServedApp } from './served-app.ts'
import type { SiteSetup } from './setup.ts'
import { changedApp, type Changes } from './standard-setup.ts'
import { clockHeader, controlPaths, sessionFaultHeader } from './site-routes.ts'

/** A site that is served, and what a case can do with it. */
export interface Rig {
  readonly emulator: Emulator
  readonly setup: SiteSetup
  /** The site as browsers know it. */
  readonly publicOrigin: string
  /** Opens a browser, with the cookies of another one if given. */
  browser(jar?: CookieJar): Browser
  /** What the site remembers. */
  record(): Promise<SiteRecord>
  /** Moves every clock. */
  advance(ms: number): Promise<void>
  /** Lets the store of the app's own sessions fail from now on; `undefined`: it works again. */
  failSessions(fault: SessionFault | undefined): Promise<void>
  /** Serves the same app with other options; TikTok stays the same one. */
  serve(changes: Changes): Promise<Rig>
}

/** What a rig is made from. */
export interface RigParts {
  readonly emulator: Emulator
  readonly setup: SiteSetup
  readonly app: ServedApp
  readonly proxy: Proxy
  readonly exchanges: Exchange[]
  readonly serve: (setup: SiteSetup) => Promise<Rig>
}

/** Makes a rig of a site that is being served. */
export function createRig({ emulator, setup, app, proxy, exchanges, serve }: RigParts): Rig {
  const port = Number(new URL(app.origin).port)
  const [first] = setup.apps
  const base = proxy.cutPrefix + (first?.mountPath ?? '')
  const { publicOrigin } = proxy
  const secure = publicOrigin.startsWith('https:')

  function note(method: string, path: string): (answer: Answer) => void {
    const place = exchanges.length
    const pending: Exchange = { method, path, answer: noAnswer }
    exchanges.push(pending)
    return (answer) => void (exchanges[place] = { method, path, answer })
  }

  function browserWith(jar: CookieJar, noted: typeof note): Browser {
    return createBrowser({ port, proxy, jar, note: noted })
  }
  const control = browserWith(createCookieJar(secure), () => () => undefined)

  async function tell(path: string, headers: NonNullable<Visit['headers']>): Promise<void> {
    const answer = await control.post(base + path, { headers })
    equal('the status of the page that every site has', answer.status, 200)
  }

  return {
    emulator,
    setup,
    publicOrigin,
    browser: (jar = createCookieJar(secure)) => browserWith(jar, note),
    async record() {
      const answer = await control.api(base + controlPaths.record)
      equal('the status of the page that every site has', answer.status, 200)
      return answer.json() as SiteRecord
    },
    async advance(ms) {
      emulator.advance(ms)
      await tell(controlPaths.clock, { [clockHeader]: String(ms) })
    },
    failSessions: (fault) => tell(controlPaths.sessions, { [sessionFaultHeader]: fault }),
    serve: async (changes) =>
      serve({
        ...setup,
        ...(changes.errors !== undefined && { errors: changes.errors }),
        apps: setup.apps.map((each, index) => (index === 0 ? changedApp(each, changes) : each)),
      }),
  }
}

const noAnswer: Answer = {
  status: 0,
  headers: [],
  cookies: [],
  location: undefined,
  body: '',
  header: () => undefined,
  json: () => undefined,
}
