import type { TokenStore } from '@tiktok-auth/core'
import { createEmulator, type Emulator } from '@tiktok-auth/emulator'
import express5, { type Express, type RequestHandler } from 'express'
import session from 'express-session'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { Authenticator } from 'passport'
import { onTestFinished } from 'vitest'
import { createHttpBrowser, type HttpBrowser, type Page } from '../../../express/test/support/http-browser.ts'
import { TikTokStrategy, type TikTokStrategyOptions, type VerifyFunctionWithParams } from '../../src/index.ts'

export type ExpressModule = typeof express5
/** Passport itself: its constructors. */
export interface PassportModule {
  readonly Passport: new () => Authenticator
}

const require = createRequire(import.meta.url)
const expresses = [
  ['Express 5', express5],
  ['Express 4', require('express4') as ExpressModule],
] as const
const passports = [
  ['Passport 0.7', require('passport') as PassportModule],
  ['Passport 0.6', require('passport06') as PassportModule],
] as const

/** One way to run the strategy. */
export interface Host {
  readonly express: ExpressModule
  readonly passport: PassportModule
}

/** Every combination that is supported, for `describe.each`. */
export const hosts: readonly (readonly [name: string, host: Host])[] = passports.flatMap(([pass, passport]) =>
  expresses.map(([name, express]) => [`${pass} on ${name}`, { express, passport }] as const),
)

/** The newest combination. */
export const newest: Host = { express: express5, passport: passports[0][1] }

/** What the application knows of its users. */
export interface User {
  readonly id: string
  readonly name: string
}

export const callbackURL = 'https://app.example/auth/tiktok/callback'
const client = { clientKey: 'awkey1', clientSecret: 'client-secret-1' }

/** The other side of the wire, and a strategy's options for it. */
export interface Account {
  readonly emulator: Emulator
  readonly options: TikTokStrategyOptions
}

/** Registers an app with an emulator of its own. */
export function register(overrides: Partial<TikTokStrategyOptions> = {}): Account {
  const emulator = createEmulator({
    clients: [{ ...client, redirectUris: [overrides.callbackURL ?? callbackURL], platform: 'web' }],
  })
  const options: TikTokStrategyOptions = {
    ...client,
    callbackURL,
    scope: ['user.info.basic', 'video.list'],
    fetch: emulator.fetch,
    now: () => emulator.now(),
    ...overrides,
  }
  return { emulator, options }
}

/** What a test app is made of. */
export interface Site extends Account {
  readonly app: Express
  readonly passport: Authenticator
  readonly strategy: TikTokStrategy
}

/** A served app, and somebody looking at it. */
export interface Rig extends Site {
  readonly browser: HttpBrowser
  readonly port: number
  newBrowser(): HttpBrowser
}

/** Finds or makes the user of a login. */
export const verify: VerifyFunctionWithParams = (_accessToken, _refreshToken, _params, profile, done) => {
  done(null, { id: profile.id, name: profile.displayName })
}

/** How a test app differs from the usual one. */
export interface Plan {
  readonly options?: Partial<TikTokStrategyOptions>
  readonly verify?: VerifyFunctionWithParams
  /** Mounts the session. Default: express-session. `false`: none. */
  readonly session?: RequestHandler | false
  /** Mounts everything after the session. Default: {@link usualRoutes}. */
  readonly routes?: (site: Site) => void
}

/** Serves an app until the test ends. */
export async function serve(host: Host, plan: Plan = {}): Promise<Rig> {
  const account = register(plan.options)
  const app = host.express()
  const passport = new host.passport.Passport()
  const strategy = new TikTokStrategy(account.options, plan.verify ?? verify)
  passport.use(strategy)
  passport.serializeUser((user, done) => done(null, user))
  passport.deserializeUser((user: Express.User, done) => done(null, user))
  if (plan.session !== false) {
    app.use(plan.session ?? expressSession())
    app.use(passport.session() as RequestHandler)
  }
  const site: Site = { ...account, app, passport, strategy }
  ;(plan.routes ?? usualRoutes)(site)
  const port = await listen(app)
  const newBrowser = (): HttpBrowser => createHttpBrowser(port)
  return { ...site, port, browser: newBrowser(), newBrowser }
}

/** express-session over memory. */
export function expressSession(store?: session.Store): RequestHandler {
  return session({
    secret: 'a secret of the app',
    resave: false,
    saveUninitialized: false,
    ...(store && { store }),
  })
}

/** A login, a callback that goes where the login wanted, and a page that says who it is. */
export function usualRoutes({ app, passport }: Site): void {
  app.get('/auth/tiktok', passport.authenticate('tiktok') as RequestHandler)
  app.get('/auth/tiktok/callback', passport.authenticate('tiktok') as RequestHandler, (req, res) => {
    res.redirect(303, infoOf(req).returnTo)
  })
  app.get('/', (req, res) => void res.json({ user: req.user ?? null }))
}

/** What the strategy adds to `req.authInfo`. */
export function infoOf(req: { authInfo?: object | undefined }): { returnTo: string; state?: unknown } {
  return { returnTo: '/', ...req.authInfo }
}

/** Who is signed in. */
export async function userOf(browser: HttpBrowser): Promise<unknown> {
  return ((await browser.open('/')).json() as { user: unknown }).user
}

/** Listens on a free port until the test ends. */
export async function listen(app: Express): Promise<number> {
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  return (server.address() as AddressInfo).port
}

type Consent = NonNullable<Parameters<Emulator['consent']>[1]> & { login?: string }

/** Starts a login and gives TikTok's callback, as a path. */
export async function startLogin(
  { browser, emulator }: Pick<Rig, 'browser' | 'emulator'>,
  { login = '/auth/tiktok', ...consent }: Consent = {},
): Promise<string> {
  const start = await browser.open(login)
  if (start.status !== 303 || start.location === undefined)
    throw new Error(`No login: ${start.status} ${start.body}`)
  const callback = await emulator.consent(start.location, consent)
  return callback.pathname + callback.search
}

/** Logs somebody in; gives the answer to the callback. */
export async function logIn(rig: Pick<Rig, 'browser' | 'emulator'>, options: Consent = {}): Promise<Page> {
  return rig.browser.open(await startLogin(rig, options))
}

/** How many code exchanges and refreshes reached TikTok. */
export function tokenRequests({ emulator }: Pick<Rig, 'emulator'>, grantType?: string): number {
  return emulator.requests.filter(
    (entry) => entry.endpoint === 'token' && (grantType === undefined || entry.grantType === grantType),
  ).length
}

export type { TokenStore }
