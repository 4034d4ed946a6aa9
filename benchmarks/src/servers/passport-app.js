import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { app as client } from '../fixtures.js'
import { serve } from './serve.js'

/**
 * Serves a Passport strategy the way its documentation shows, with express-session and its memory store.
 *
 * @param {import('passport').Strategy} strategy
 */
export function servePassport(strategy) {
  passport.use('tiktok', strategy)
  passport.serializeUser((user, done) => done(null, user))
  passport.deserializeUser((/** @type {Express.User} */ user, done) => done(null, user))

  const app = express()
  app.use(session({ secret: client.secret, resave: false, saveUninitialized: false }))
  app.use(passport.session())
  app.get('/auth/tiktok', passport.authenticate('tiktok'))
  app.get(
    '/auth/tiktok/callback',
    passport.authenticate('tiktok', { successRedirect: '/', failureRedirect: '/failed' }),
  )
  serve(app)
}
