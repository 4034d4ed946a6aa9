import {
  createEmulator,
  type ConsentOptions,
  type Emulator,
  type ListeningEmulator,
} from '@tiktok-auth/emulator'
import { randomBytes } from 'node:crypto'
import { check, equal, present } from '../check.ts'
import { createBrowser, type Browser, type Exchange } from './browser.ts'
import { createCookieJar, type CookieJar } from './cookie-jar.ts'
import type { Answer } from './http.ts'
import type { SiteRecord } from './prepare-site.ts'
import type { ServeApp, ServedApp } from './served-app.ts'
import type { AppOptions, AppSetup, SiteSetup } from './setup.ts'
import { clockHeader, controlPaths } from './site-routes.ts'

/** What a case wants to be different from the usual site. */
export interface Changes {
  /** What to change about the app's options. */
  readonly options?: Partial<AppOptions>
  /** What to change about the app. */
  readonly app?: Partial<Omit<AppSetup, 'options'>>
  /** A second app on the same site. */
  readonly second?: boolean
  readonly cookies?: SiteSetup['cookies']
  readonly errors?: SiteSetup['errors']
  /** `http`: on loopback, as on a developer's machine. Default: https behind a proxy that ends TLS. */
  readonly scheme?: 'http' | 'https'
}

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
  /** Serves the same app with other options; TikTok stays the same one. */
  serve(changes: Changes): Promise<Rig>
}

/** Everything one case uses and sees. */
export interface Stage {
  readonly rig: Rig
  readonly exchanges: readonly Exchange[]
  readonly served: readonly ServedApp[]
  readonly rigs: readonly Rig[]
  close(): Promise<void>
}

const httpsOrigin = 'https://app.example'
const httpOrigin = 'http://localhost:3000'
/** The first app's client key; the second one's is `awsecondapp`. */
export const clientKey = 'awfirstapp'
const secondKey = 'awsecondapp'

/** Starts TikTok and serves the site of a case. */
export async function setStage(create: ServeApp, changes: Changes): Promise<Stage> {
  const publicOrigin = changes.scheme === 'http' ? httpOrigin : httpsOrigin
  const secrets = { [clientKey]: randomText(), [secondKey]: randomText() }
  const emulator = createEmulator({
    clients: Object.entries(secrets).map(([key, clientSecret]) => ({
      clientKey: key,
      clientSecret,
      platform: changes.scheme === 'http' ? 'desktop' : 'web',
      redirectUris: redirectUrisOf(publicOrigin, changes),
    })),
  })
  const listening = await emulator.listen()
  const standard = standardSetup({ publicOrigin, secrets, listening }, changes)
  const exchanges: Exchange[] = []
  const served: ServedApp[] = []
  const rigs: Rig[] = []

  async function serve(setup: SiteSetup): Promise<Rig> {
    const app = await create(setup)
    served.push(app)
    const rig = createRig({ emulator, setup, app, publicOrigin, exchanges, serve })
    rigs.push(rig)
    return rig
  }

  const close = async (): Promise<void> => {
    emulator.faults.clear()
    await Promise.all(served.map((app) => app.close()))
    await listening.close()
  }
  try {
    return { rig: await serve(standard), exchanges, served, rigs, close }
  } catch (error) {
    await close()
    throw error
  }
}

interface World {
  readonly publicOrigin: string
  readonly secrets: Readonly<Record<string, string>>
  readonly listening: ListeningEmulator
}

function standardSetup(world: World, changes: Changes): SiteSetup {
  const app = (key: string, prefix: string): AppSetup => ({
    mountPath: '',
    prefix,
    options: {
      clientKey: key,
      clientSecret: world.secrets[key] ?? '',
      redirectUri: `${world.publicOrigin}${prefix}/auth/tiktok/callback`,
      secret: randomText(),
      scope: ['user.info.basic', 'video.list'],
      endpoints: world.listening.endpoints,
      ...(prefix === '' ? {} : { routes: routesBelow(prefix) }),
    },
  })
  const first = changedApp(app(clientKey, ''), changes)
  // One secret for both: what keeps them apart must not be luck.
  const second = changedApp(app(secondKey, '/second'), { options: { secret: first.options.secret } })
  return {
    apps: changes.second === true ? [first, second] : [first],
    cookies: changes.cookies ?? [],
    errors: changes.errors ?? 'recorded',
  }
}

function changedApp(app: AppSetup, { options, app: rest }: Changes): AppSetup {
  return { ...app, ...rest, options: { ...app.options, ...options } }
}

function routesBelow(prefix: string): NonNullable<AppOptions['routes']> {
  const path = (end: string): string => `${prefix}/auth/tiktok${end}`
  return {
    login: path(''),
    callback: path('/callback'),
    logout: path('/logout'),
    disconnect: path('/disconnect'),
  }
}

function redirectUrisOf(origin: string, { options }: Changes): readonly string[] {
  const usual = ['', '/second'].map((prefix) => `${origin}${prefix}/auth/tiktok/callback`)
  return [...new Set([...usual, ...(options?.redirectUri === undefined ? [] : [options.redirectUri])])]
}

function randomText(): string {
  return randomBytes(32).toString('base64url')
}

interface RigParts {
  readonly emulator: Emulator
  readonly setup: SiteSetup
  readonly app: ServedApp
  readonly publicOrigin: string
  readonly exchanges: Exchange[]
  readonly serve: (setup: SiteSetup) => Promise<Rig>
}

function createRig({ emulator, setup, app, publicOrigin, exchanges, serve }: RigParts): Rig {
  const port = Number(new URL(app.origin).port)
  const [first] = setup.apps
  const base = first?.mountPath ?? ''
  const secure = publicOrigin.startsWith('https:')

  function note(method: string, path: string): (answer: Answer) => void {
    const place = exchanges.length
    const pending: Exchange = { method, path, answer: noAnswer }
    exchanges.push(pending)
    return (answer) => void (exchanges[place] = { method, path, answer })
  }

  function browserWith(jar: CookieJar, noted: typeof note): Browser {
    return createBrowser({ port, publicOrigin, jar, note: noted })
  }
  const control = browserWith(createCookieJar(secure), () => () => undefined)

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
      const answer = await control.post(base + controlPaths.clock, { headers: { [clockHeader]: String(ms) } })
      equal('the status of the page that every site has', answer.status, 200)
    },
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

/** How to log in. */
export interface LoginOptions extends ConsentOptions {
  /** Where the login starts. Default: the login route. */
  readonly at?: string
}

/** A login that waits for its callback. */
export interface StartedLogin {
  readonly answer: Answer
  /** The authorization request. */
  readonly url: URL
  /** The callback, path and query. */
  readonly callback: string
}

/** Starts a login in a browser and lets the person agree, or not. */
export async function startLogin(
  rig: Rig,
  browser: Browser,
  options: LoginOptions = {},
): Promise<StartedLogin> {
  const { at = '/auth/tiktok', ...consent } = options
  const answer = await browser.open(at)
  equal('the status of the answer that starts a login', answer.status, 303)
  const url = new URL(present('the address that the login leads to', answer.location))
  const { pathname, search } = await rig.emulator.consent(url, consent)
  return { answer, url, callback: pathname + search }
}

/** Logs a browser in; gives the answer to the callback. */
export async function logIn(rig: Rig, browser: Browser, options: LoginOptions = {}): Promise<Answer> {
  const { callback } = await startLogin(rig, browser, options)
  const answer = await browser.open(callback)
  equal('the status of the answer to the callback', answer.status, 303)
  return answer
}

/** Asks the site who is signed in on this browser. */
export async function whoIs(browser: Browser, page = '/'): Promise<string | null> {
  const answer = await browser.api(page)
  equal(`the status of ${page}`, answer.status, 200)
  return (answer.json() as { openId: string | null }).openId
}

/** Fails the case when somebody is signed in on this browser. */
export async function nobodyIn(browser: Browser, page = '/'): Promise<void> {
  equal('who is signed in', await whoIs(browser, page), null)
}

/** Fails the case unless the emulator's last grant is signed in on this browser. */
export async function somebodyIn(rig: Rig, browser: Browser, page = '/'): Promise<void> {
  const openId = await whoIs(browser, page)
  check(
    rig.emulator.grants.some((grant) => grant.openId === openId),
    'Nobody is signed in.',
  )
}

/** Counts the requests to the token endpoint, of one grant type or of all. */
export function tokenRequests({ emulator }: Rig, grantType?: string): number {
  return emulator.requests.filter(
    ({ endpoint, grantType: type }) =>
      endpoint === 'token' && (grantType === undefined || type === grantType),
  ).length
}

/** Fails the case unless an answer refuses: a status from 400 to 499, and nobody signed in. */
export async function refused(browser: Browser, answer: Answer, page = '/'): Promise<void> {
  check(answer.status >= 400 && answer.status < 500, `Expected a refusal, got ${answer.status}.`)
  await nobodyIn(browser, page)
}
