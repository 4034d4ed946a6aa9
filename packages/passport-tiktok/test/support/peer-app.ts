import { createHttpBrowser } from '@tiktok-auth/test-rig'
// A process of its own: an app with one strategy, one login, and a fault. Prints how the login was answered, if the
// process is still there to do so.
import { Strategy as OAuth2Strategy } from 'passport-oauth2'
import express, { type RequestHandler } from 'express'
import session from 'express-session'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { Passport, type Strategy } from 'passport'
import { TikTokStrategy } from '../../src/index.ts'

const [, , which = '', fault = ''] = process.argv
const require = createRequire(import.meta.url)
const { Strategy: PeerStrategy } = require('passport-tiktok-auth') as {
  Strategy: new (options: object, verify: unknown) => Strategy
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const tokens = {
  access_token: 'act.1',
  refresh_token: 'rft.1',
  open_id: 'user-1',
  expires_in: 60,
  scope: 'user.info.basic',
  token_type: 'Bearer',
}
const tiktok = await listen(
  createServer((req, res) => {
    if (req.url?.startsWith('/v2/user/info/')) {
      return void res.end(JSON.stringify({ data: { user: { open_id: 'user-1', display_name: 'Mia' } } }))
    }
    if (fault === 'html')
      return void res.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad gateway')
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(tokens))
  }),
)

const verify = (
  _accessToken: string,
  _refreshToken: string,
  profile: { id?: string },
  done: (error: unknown, user: object) => void,
): unknown => {
  if (fault === 'verify-rejects') return Promise.reject(new Error('The database is down.'))
  // Later, as after a look-up in a database.
  setImmediate(() => done(null, { id: profile.id ?? 'user-1' }))
  return undefined
}

const app = express()
const server = createServer(app)
const origin = await listen(server)
const callbackURL = `${origin}/auth/tiktok/callback`
const peer = {
  clientID: 'awkey1',
  clientSecret: 'secret-1',
  callbackURL,
  state: true,
  authorizationURL: `${tiktok}/authorize/`,
  tokenURL: `${tiktok}/token/`,
  profileURL: `${tiktok}/v2/user/info/`,
}
const endpoints = {
  authorizationEndpoint: `${tiktok}/authorize/`,
  tokenEndpoint: `${tiktok}/token/`,
  apiOrigin: tiktok,
}
const strategies: Readonly<Record<string, () => Strategy>> = {
  ours: () =>
    new TikTokStrategy({ clientKey: 'awkey1', clientSecret: 'secret-1', callbackURL, endpoints }, verify),
  'passport-oauth2': () => new OAuth2Strategy(peer, verify),
  'passport-tiktok-auth': () => new PeerStrategy(peer, verify),
}
const strategy = strategies[which]?.()
if (strategy === undefined) throw new Error(`There is no ${which}.`)

const passport = new Passport()
passport.use('tiktok', strategy)
passport.serializeUser((user, done) => done(null, user))
app.use(session({ secret: 'x', resave: false, saveUninitialized: false }))
if (fault === 'no-regenerate') {
  app.use((req, _res, next) => {
    Object.defineProperty(req.session, 'regenerate', { value: undefined })
    next()
  })
}
app.get('/auth/tiktok', passport.authenticate('tiktok') as RequestHandler)
app.get(
  '/auth/tiktok/callback',
  passport.authenticate('tiktok') as RequestHandler,
  (_req, res) => void res.end('in'),
)

const { port, host } = new URL(origin)
const browser = createHttpBrowser(Number(port), host)
const start = await browser.open('/auth/tiktok')
const state = new URL(start.location ?? '').searchParams.get('state') ?? ''
const answer = await browser.open(`/auth/tiktok/callback?${new URLSearchParams({ code: 'code-1', state })}`)
console.log(`answered ${answer.status}`)
process.exit(0)
