import { createRequire } from 'node:module'
import { app as client, authorizationEndpoint, paths } from '../fixtures.js'
import { servePassport } from './passport-app.js'
import { tiktokOrigin } from './serve.js'

// CommonJS without types.
const { Strategy } = createRequire(import.meta.url)('passport-tiktok-auth')

servePassport(
  new Strategy(
    {
      clientID: client.clientKey,
      clientSecret: client.clientSecret,
      callbackURL: client.redirectUri,
      scope: [client.scope],
      state: true,
      authorizationURL: authorizationEndpoint,
      tokenURL: `${tiktokOrigin}${paths.token}`,
      profileURL: `${tiktokOrigin}${paths.userInfo}`,
    },
    (
      /** @type {string} */ _accessToken,
      /** @type {string} */ _refreshToken,
      /** @type {{ id: string, displayName: string }} */ profile,
      /** @type {(error: null, user: object) => void} */ done,
    ) => done(null, { id: profile.id, displayName: profile.displayName }),
  ),
)
