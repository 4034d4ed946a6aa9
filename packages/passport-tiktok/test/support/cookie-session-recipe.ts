import type { RequestHandler } from 'express'

// Passport asks for a new session at every login and logout. Where the session is the cookie itself, that means that
// nothing of it stays. Clear the one there is: cookie-session does not send a new one that is empty.
export const renewableSession: RequestHandler = ({ session }, _res, next) => {
  if (session) {
    Object.defineProperties(session, {
      regenerate: {
        value: (done: () => void) => {
          for (const name of Object.keys(session)) Reflect.deleteProperty(session, name)
          done()
        },
      },
      save: { value: (done: () => void) => done() },
    })
  }
  next()
}
