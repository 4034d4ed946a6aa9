// The project as it is published, with its defaults: every answer, check and seal that comes with them.
import express from 'express'
import { app as client, authorizationEndpoint, paths } from '../fixtures.js'
import { stagedEntry } from '../stage.js'
import { serve, tiktokOrigin } from './serve.js'

/** @type {typeof import('@tiktok-auth/core')} */
const { memoryTokenStore } = await import(stagedEntry('core'))
/** @type {typeof import('@tiktok-auth/express')} */
const { tiktokAuth } = await import(stagedEntry('express'))

const app = express()
const tiktok = tiktokAuth({
  clientKey: client.clientKey,
  clientSecret: client.clientSecret,
  redirectUri: client.redirectUri,
  secret: client.secret,
  scope: [client.scope],
  store: memoryTokenStore(),
  endpoints: {
    authorizationEndpoint,
    tokenEndpoint: `${tiktokOrigin}${paths.token}`,
    apiOrigin: tiktokOrigin,
  },
})
app.use(tiktok)
app.use(tiktok.recover())

serve(app)
