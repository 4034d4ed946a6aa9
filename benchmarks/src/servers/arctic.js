// arctic on Express as its documentation shows it: state and verifier in two cookies, no session.
import { connect } from 'node:net'
import { TikTok, generateCodeVerifier, generateState } from 'arctic'
import express from 'express'
import { app as client, paths, userInfoFields } from '../fixtures.js'
import { serve, tiktokOrigin } from './serve.js'

await sendTikTokTrafficTo(Number(new URL(tiktokOrigin).port))

const tiktok = new TikTok(client.clientKey, client.clientSecret, client.redirectUri)
const app = express()

app.get('/auth/tiktok', (_req, res) => {
  const state = generateState()
  const codeVerifier = generateCodeVerifier()
  const attributes = { httpOnly: true, sameSite: 'lax', maxAge: 600_000 }
  res.cookie('state', state, /** @type {import('express').CookieOptions} */ (attributes))
  res.cookie('code_verifier', codeVerifier, /** @type {import('express').CookieOptions} */ (attributes))
  res.redirect(tiktok.createAuthorizationURL(state, codeVerifier, [client.scope]).toString())
})

app.get('/auth/tiktok/callback', async (req, res) => {
  const { code, state } = req.query
  const cookies = new Map(
    (req.headers.cookie ?? '').split('; ').map((pair) => /** @type {[string, string]} */ (pair.split('='))),
  )
  const codeVerifier = cookies.get('code_verifier')
  if (typeof code !== 'string' || !codeVerifier || state !== cookies.get('state'))
    return void res.sendStatus(400)
  const tokens = await tiktok.validateAuthorizationCode(code, codeVerifier)
  const reply = await fetch(`https://open.tiktokapis.com${paths.userInfo}?fields=${userInfoFields}`, {
    headers: { authorization: `Bearer ${tokens.accessToken()}` },
  })
  const body = /** @type {{ data: { user: { open_id: string } } }} */ (await reply.json())
  if (!body.data.user.open_id) return void res.sendStatus(502)
  res.clearCookie('state')
  res.clearCookie('code_verifier')
  res.redirect('/')
})

/**
 * arctic's endpoints are fixed. This gives the built-in `fetch` an agent of its own kind that connects to the fake
 * TikTok instead, without TLS, so that nothing is added to the cost of a request.
 *
 * @param {number} port
 */
async function sendTikTokTrafficTo(port) {
  const slot = Symbol.for('undici.globalDispatcher.1')
  // The built-in agent comes into being with the first use of `fetch`.
  await fetch('data:,')
  const holder = /** @type {Record<symbol, object | undefined>} */ (/** @type {unknown} */ (globalThis))
  const builtIn = holder[slot]
  if (!builtIn) throw new Error('this version of Node keeps its fetch agent elsewhere')
  const Agent = /** @type {new (options: object) => object} */ (builtIn.constructor)
  holder[slot] = new Agent({
    connect: (/** @type {object} */ _options, /** @type {(...result: unknown[]) => void} */ callback) => {
      const socket = connect(port, '127.0.0.1', () => callback(null, socket))
      socket.once('error', callback)
    },
  })
}

serve(app)
