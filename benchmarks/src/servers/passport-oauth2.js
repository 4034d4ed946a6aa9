// passport-oauth2 taught TikTok's ways as its documentation suggests: by a subclass.
import { Strategy as OAuth2Strategy } from 'passport-oauth2'
import { app as client, authorizationEndpoint, paths, userInfoFields } from '../fixtures.js'
import { servePassport } from './passport-app.js'
import { tiktokOrigin } from './serve.js'

class TikTokStrategy extends OAuth2Strategy {
  /** @override */
  authorizationParams() {
    return { client_key: client.clientKey }
  }

  /** @override */
  tokenParams() {
    return { client_key: client.clientKey }
  }

  /** @override @param {string} accessToken @param {(error?: unknown, profile?: unknown) => void} done */
  userProfile(accessToken, done) {
    this._oauth2.get(
      `${tiktokOrigin}${paths.userInfo}?fields=${userInfoFields}`,
      accessToken,
      (error, body) => {
        if (error) return done(error)
        const { user } = JSON.parse(String(body)).data
        done(null, { provider: 'tiktok', id: user.open_id, displayName: user.display_name })
      },
    )
  }
}

const strategy = new TikTokStrategy(
  {
    clientID: client.clientKey,
    clientSecret: client.clientSecret,
    callbackURL: client.redirectUri,
    scope: [client.scope],
    scopeSeparator: ',',
    state: true,
    authorizationURL: authorizationEndpoint,
    tokenURL: `${tiktokOrigin}${paths.token}`,
  },
  (
    /** @type {string} */ _accessToken,
    /** @type {string} */ _refreshToken,
    /** @type {{ id: string, displayName: string }} */ profile,
    /** @type {(error: null, user: object) => void} */ done,
  ) => done(null, { id: profile.id, displayName: profile.displayName }),
)
strategy['_oauth2'].useAuthorizationHeaderforGET(true)
servePassport(strategy)
