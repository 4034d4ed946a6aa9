import type { Broken } from './broken.ts'
import { seams } from './node-adapter.ts'

const { begin } = seams

/** What the routes of a login do where `identify` fails. */
const unanswered = [
  'starts no login when the application cannot say who that is',
  /^ends a login when the application cannot say/,
  'disconnects nobody when the application cannot say who that is',
]

/** Adapters that go wrong about users and sessions of the application's own. */
export const brokenUsers: readonly Broken[] = [
  {
    fault: 'keeps whom the application named for the next request',
    seams() {
      let kept: Promise<string | undefined> | undefined
      return { identify: (ask) => () => (kept ??= ask()) }
    },
    red: [
      /^knows whoever/,
      /^asks the application once/,
      /^lets nobody but the user whom/,
      /^attaches no other account/,
      /^disconnects whoever/,
      / the application cannot say who that is/,
      / the app’s session /,
      / from the session before the login/,
      /^begins a new session for each user/,
      / app’s session store fails/,
    ],
  },
  {
    fault: 'takes an application that cannot say who that is for one that names nobody',
    seams: () => ({ identify: (ask) => async () => ask().catch(() => undefined) }),
    red: [/ the application cannot say who that is/],
  },
  {
    fault: 'asks the application before its routes do, whose answers to errors it then does not give',
    seams: () => ({ identifyInRoutes: false }),
    red: unanswered,
  },
  {
    fault: 'asks the application twice',
    seams: () => ({
      identify: (ask) => async () => {
        await ask()
        return ask()
      },
    }),
    red: [/^asks the application once/],
  },
  {
    fault: 'asks the application about pages only, and not on its own routes',
    seams: () => ({
      hooks: ({ identify, ...hooks }, req) => ({
        ...hooks,
        ...(identify && req.url?.includes('/auth/tiktok') !== true && { identify }),
      }),
    }),
    red: [
      ...unanswered,
      /^asks the application once/,
      /^lets nobody but the user whom/,
      /^attaches no other account/,
      /^disconnects whoever/,
    ],
  },
  {
    fault: 'leaves the session from before a login as it is',
    seams: () => ({ begin: { ...begin, endsOld: false } }),
    red: [
      /^begins the app’s session under a new id/,
      /^begins a new session for each user/,
      / fails to end the old one/,
    ],
  },
  {
    fault: 'keeps the id of the app’s session at a login',
    seams: () => ({ begin: { ...begin, newId: false } }),
    red: [/^begins the app’s session under a new id/, /^begins a new session for each user/],
  },
  {
    fault: 'takes what the app’s session held into the one after the login',
    seams: () => ({ begin: { ...begin, empties: false } }),
    red: [/ from the session before the login/, /^begins a new session for each user/],
  },
  {
    fault: 'goes on with a login whose session could not be begun',
    seams: () => ({ begin: { ...begin, awaits: false } }),
    red: [/ app’s session store fails/],
  },
]
