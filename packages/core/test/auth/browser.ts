import { createEmulator } from '@tiktok-auth/emulator'
import type { ConsentOptions, Emulator } from '@tiktok-auth/emulator'
import { createTikTokAuth, headersOf, memoryTokenStore } from '../../src/index.ts'
import type {
  AuthAnswer,
  AuthHooks,
  TikTokAuth,
  TikTokAuthEvent,
  TikTokAuthOptions,
} from '../../src/index.ts'
import { newKey } from '../hosts.ts'

export const redirectUri = 'https://app.example/auth/tiktok/callback'

/** An application under test, and the TikTok it talks to. */
export interface App {
  readonly auth: TikTokAuth
  readonly emulator: Emulator
  readonly events: TikTokAuthEvent[]
  readonly options: TikTokAuthOptions
}

/** Makes an application whose TikTok is an emulator without sockets, on one clock. */
export function createApp(
  options: Partial<TikTokAuthOptions> = {},
  emulator: Emulator = createTikTok(options.redirectUri ?? redirectUri),
): App {
  const events: TikTokAuthEvent[] = []
  const all: TikTokAuthOptions = {
    clientKey: 'awkey',
    clientSecret: 'clientsecret',
    redirectUri,
    secret: newKey(),
    store: memoryTokenStore({ now: () => emulator.now() }),
    fetch: emulator.fetch,
    now: () => emulator.now(),
    onEvent: (event) => events.push(event),
    ...options,
  }
  return { auth: createTikTokAuth(all), emulator, events, options: all }
}

/** Makes an emulated TikTok where two web apps and a desktop app may be registered. */
export function createTikTok(uri: string = redirectUri): Emulator {
  const platform = uri.startsWith('https:') ? ('web' as const) : ('desktop' as const)
  return createEmulator({
    clients: ['awkey', 'awother'].map((clientKey) => {
      return { clientKey, clientSecret: 'clientsecret', redirectUris: [uri], platform }
    }),
  })
}

/** How the requests to the token endpoint ended. */
export function tokenOutcomes(emulator: Emulator): readonly string[] {
  return emulator.requests.filter(({ endpoint }) => endpoint === 'token').map(({ outcome }) => outcome)
}

/** One visit of the application. */
export interface Visit {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly hooks?: AuthHooks
}

/** What came of it: an answer, or an error and the headers that belong to it. */
export interface Page {
  readonly answer: AuthAnswer | undefined
  readonly error: unknown
  readonly headers: AuthAnswer['headers']
  readonly location: string | undefined
  readonly cookies: readonly string[]
}

/** A browser: keeps cookies as browsers do and sends them back. */
export interface Browser {
  readonly jar: Map<string, string>
  visit(url: string, visit?: Visit): Promise<Page>
  /** Starts a login, lets a person decide at TikTok, and gives the path and query of the callback. */
  begin(path?: string, decision?: ConsentOptions, visit?: Visit): Promise<string>
  /** A whole login. */
  logIn(path?: string, decision?: ConsentOptions, visit?: Visit): Promise<Page>
  cookieHeader(): string
}

export const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
export const ownPost = { 'sec-fetch-site': 'same-origin' }

export function createBrowser({ auth, emulator }: App, jar: Map<string, string> = new Map()): Browser {
  const browser: Browser = {
    jar,
    cookieHeader: () => [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
    async visit(url, { method = 'GET', headers = navigation, hooks } = {}) {
      const sent: Record<string, string | undefined> = {
        cookie: browser.cookieHeader() || undefined,
        ...headers,
      }
      const request = {
        method,
        url,
        header: (name: string) => sent[name],
        body: async () => new Uint8Array(),
      }
      let answer: AuthAnswer | undefined
      let error: unknown
      try {
        answer = await auth.handle(request, hooks)
      } catch (thrown) {
        error = thrown
      }
      const received = answer?.headers ?? headersOf(error)
      const cookies = received.filter(([name]) => name === 'set-cookie').map(([, line]) => line)
      for (const line of cookies) keep(jar, line)
      const location = received.find(([name]) => name === 'location')?.[1]
      return { answer, error, headers: received, location, cookies }
    },
    async begin(path = '/auth/tiktok', decision = {}, visit = {}) {
      const { location, error } = await browser.visit(path, visit)
      if (location === undefined) throw error
      const callback = await emulator.consent(location, decision)
      return callback.pathname + callback.search
    },
    async logIn(path, decision, visit) {
      return browser.visit(
        await browser.begin(path, decision, visit),
        visit?.hooks ? { hooks: visit.hooks } : {},
      )
    },
  }
  return browser
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split('; ')
  const name = pair.slice(0, pair.indexOf('='))
  const value = pair.slice(name.length + 1)
  if (name.length + value.length > 4096) return
  if (name.startsWith('__Host-') && !(attributes.includes('Secure') && attributes.includes('Path=/'))) return
  if (attributes.includes('Max-Age=0')) jar.delete(name)
  else jar.set(name, value)
}
