// The least a login can be: random state in a cookie, compared at the callback, two HTTP calls, a redirect.
import { randomBytes } from 'node:crypto'
import express from 'express'
import { Pool } from 'undici'
import { app as client, authorizationEndpoint, paths, userInfoFields } from '../fixtures.js'
import { serve, tiktokOrigin } from './serve.js'

const tiktok = new Pool(tiktokOrigin)
const app = express()

app.get('/auth/tiktok', (_req, res) => {
  const state = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    client_key: client.clientKey,
    response_type: 'code',
    scope: client.scope,
    redirect_uri: client.redirectUri,
    state,
  })
  res.setHeader('set-cookie', `state=${state}; Path=/; HttpOnly; SameSite=Lax`)
  res.redirect(`${authorizationEndpoint}?${query}`)
})

app.get('/auth/tiktok/callback', async (req, res) => {
  const { code, state } = req.query
  if (typeof code !== 'string' || typeof state !== 'string') return void res.sendStatus(400)
  if (req.headers.cookie !== `state=${state}`) return void res.sendStatus(400)
  const tokens = await exchange(code)
  const user = await userInfo(tokens.access_token)
  if (!user.open_id) return void res.sendStatus(502)
  res.setHeader('set-cookie', 'state=; Path=/; Max-Age=0')
  res.redirect('/')
})

/** @param {string} code */
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
  return /** @type {{ access_token: string }} */ (await reply.body.json())
}

/** @param {string} accessToken */
async function userInfo(accessToken) {
  const reply = await tiktok.request({
    method: 'GET',
    path: `${paths.userInfo}?fields=${userInfoFields}`,
    headers: { authorization: `Bearer ${accessToken}` },
  })
  const body = /** @type {{ data: { user: { open_id: string } } }} */ (await reply.body.json())
  return body.data.user
}

serve(app)
