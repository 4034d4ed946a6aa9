import type { TokenStore } from '@tiktok-auth/core'
import { createEmulator } from '@tiktok-auth/emulator'
import { createHttpBrowser, listenForTest, type Account, type HttpBrowser } from '@tiktok-auth/test-rig'
import express5, { type Express, type RequestHandler } from 'express'
import session from 'express-session'
import { createRequire } from 'node:module'
import type { Authenticator } from 'passport'
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

/** Registers an app with an emulator of its own. */
export function register(overrides: Partial<TikTokStrategyOptions> = {}): Account<TikTokStrategyOptions> {
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
export interface Site extends Account<TikTokStrategyOptions> {
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
  const port = await listenForTest(app)
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

export type { TokenStore }
