// The safe work of a login by hand and no more: the transaction sealed in a cookie and opened again, the state
// compared in constant time, the grant sealed before it is kept, the session sealed in a cookie. Four values by
// AES-256-GCM, each purpose under its own key and bound to what it belongs to.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { Pool } from 'undici'
import { app as client, authorizationEndpoint, paths, userInfoFields } from '../fixtures.js'
import { serve, tiktokOrigin } from './serve.js'

const LOGIN_MS = 10 * 60_000
const SESSION_MS = 7 * 24 * 60 * 60_000

/** @param {string} purpose */
const keyFor = (purpose) =>
  Buffer.from(hkdfSync('sha256', Buffer.from(client.secret, 'base64url'), '', purpose, 32))
const keys = { transaction: keyFor('transaction'), session: keyFor('session'), grant: keyFor('grant') }
/** @type {Map<string, string>} */
const grants = new Map()
const tiktok = new Pool(tiktokOrigin)
const app = express()

app.get('/auth/tiktok', (_req, res) => {
  const state = randomBytes(32).toString('base64url')
  const transaction = { state, redirectUri: client.redirectUri, returnTo: '/', startedAt: Date.now() }
  const query = new URLSearchParams({
    client_key: client.clientKey,
    response_type: 'code',
    scope: client.scope,
    redirect_uri: client.redirectUri,
    state,
  })
  const sealed = seal(JSON.stringify(transaction), keys.transaction, client.clientKey)
  res.setHeader('set-cookie', cookie('transaction', sealed, LOGIN_MS))
  res.setHeader('cache-control', 'no-store')
  res.setHeader('referrer-policy', 'no-referrer')
  res.redirect(`${authorizationEndpoint}?${query}`)
})

app.get('/auth/tiktok/callback', async (req, res) => {
  const { code, state } = req.query
  const sealed = /(?:^|; )__Host-transaction=([^;]*)/.exec(req.headers.cookie ?? '')?.[1]
  if (typeof code !== 'string' || typeof state !== 'string' || !sealed) return void res.sendStatus(400)
  const transaction = JSON.parse(open(sealed, keys.transaction, client.clientKey))
  const inTime = Date.now() - transaction.startedAt < LOGIN_MS
  if (!inTime || !sameText(transaction.state, state)) return void res.sendStatus(400)

  const tokens = await exchange(code)
  const { open_id: openId, access_token: accessToken } = tokens
  if (typeof openId !== 'string' || typeof accessToken !== 'string') return void res.sendStatus(502)
  grants.set(openId, seal(JSON.stringify({ ...tokens, issuedAt: Date.now() }), keys.grant, openId))
  const user = await userInfo(accessToken)
  if (typeof user.open_id !== 'string') return void res.sendStatus(502)

  const session = { openId, issuedAt: Date.now(), expiresAt: Date.now() + SESSION_MS }
  res.setHeader('set-cookie', [
    cookie('transaction', '', 0),
    cookie('session', seal(JSON.stringify(session), keys.session, client.clientKey), SESSION_MS),
  ])
  res.setHeader('cache-control', 'no-store')
  res.setHeader('referrer-policy', 'no-referrer')
  res.redirect(303, transaction.returnTo)
})

/** @param {string} name @param {string} value @param {number} lifetimeMs */
function cookie(name, value, lifetimeMs) {
  return `__Host-${name}=${value}; Path=/; Max-Age=${lifetimeMs / 1000}; HttpOnly; Secure; SameSite=Lax`
}

/** @param {string} text @param {Buffer} key @param {string} context */
function seal(text, key, context) {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
  const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat(parts).toString('base64url')
}

/** @param {string} sealed @param {Buffer} key @param {string} context */
function open(sealed, key, context) {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
  decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(-16))
  return decipher.update(bytes.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8')
}

/** @param {string} expected @param {string} given */
function sameText(expected, given) {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/** @param {string} code @returns {Promise<Record<string, unknown>>} */
async function exchange(code) {
  const reply = await tiktok.request({
    method: 'POST',
    path: paths.token,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      client_key: client.clientKey,
      client_secret: client.clientSecret,
      code,
      grant_type: 'authorization_code',
      redirect_uri: client.redirectUri,
    }).toString(),
  })
  return /** @type {Record<string, unknown>} */ (await reply.body.json())
}

/** @param {string} accessToken @returns {Promise<Record<string, unknown>>} */
async function userInfo(accessToken) {
  const reply = await tiktok.request({
    method: 'GET',
    path: `${paths.userInfo}?fields=${userInfoFields}`,
    headers: { authorization: `Bearer ${accessToken}` },
  })
  const body = /** @type {{ data: { user: Record<string, unknown> } }} */ (await reply.body.json())
  return body.data.user
}

serve(app)
